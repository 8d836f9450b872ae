"""The cuts that have a silhouette of their own, and the words that ask for them."""

import re

# Per garment type, its cuts with their words; the first cut is the type's default. Within a type
# the last entry that matches wins, so a special word stands below a general one.
CUTS: dict[str, dict[str, str]] = {
    "t-shirt": {
        "tee": "t-shirt|tee|crew neck tee",
        "top": "top|crop top|shell top|bustier|bandeau|tube top",
        "tank": "tank|tank top|undershirt|singlet|vest top|sleeveless tee|racerback",
        "camisole": "camisole|cami|slip top",
        "polo": "polo|polo shirt",
        "body": "body|bodysuit|leotard",
        "swimsuit": "swimsuit|bathing suit",
    },
    "longsleeve": {
        "longsleeve": "longsleeve|long sleeve tee|long sleeve top|henley",
        "sweater": "sweater|jumper|pullover|knit|turtleneck",
        "cardigan": "cardigan",
        "sweatshirt": "sweatshirt|crewneck sweatshirt|rugby shirt",
        "hoodie": "hoodie|hooded sweatshirt|hoody",
    },
    "shirt": {
        "shirt": "shirt|button-down|button-up|oxford shirt|dress shirt|flannel|denim shirt|pyjama",
        "blouse": "blouse|pussy bow blouse",
        "tunic": "tunic|kurta|kaftan top",
        "overshirt": "overshirt|shacket|camp shirt|hawaiian shirt|bowling shirt",
    },
    "outwear": {
        "jacket": "jacket|harrington|windbreaker|track jacket|shell jacket|rain jacket",
        "coat": "coat|overcoat|topcoat|peacoat|wool coat|duster",
        "blazer": "blazer|suit|tuxedo|suit jacket|sport coat|tuxedo jacket|dinner jacket",
        "bomber": "bomber|bomber jacket|varsity jacket|flight jacket",
        "denim": "denim|denim jacket|jean jacket|trucker jacket",
        "biker": "biker jacket|leather jacket|moto jacket",
        "parka": "parka|anorak|raincoat|duffle coat",
        "puffer": "puffer|puffer jacket|down jacket|quilted jacket|padded jacket",
        "trench": "trench|trench coat",
        "cardigan": "cardigan",
        "vest": "vest|waistcoat",
        "knit-vest": "sweater vest|knit vest|knitted vest|jumper vest|slipover",
        "gilet": "gilet|puffer vest|body warmer|padded gilet|quilted gilet",
        "cape": "cape|poncho|cloak",
        "hoodie": "hoodie|zip hoodie|hooded jacket|fleece",
        "kimono": "kimono|kimono jacket|haori",
    },
    "dress": {
        "a-line": "dress|a-line|a-line dress|skater dress|fit and flare|sundress|tea"
        " dress|day dress",
        "sheath": "sheath|sheath dress|pencil dress|cocktail dress|column dress",
        "bodycon": "bodycon|bodycon dress|tube dress|knit dress",
        "shift": "shift|shift dress|t-shirt dress|tunic dress|trapeze|tent dress|smock"
        " dress|sweater dress",
        "slip": "slip|slip dress|cami dress",
        "shirt-dress": "shirt dress|shirtdress|polo dress",
        "wrap": "wrap|wrap dress|kimono dress",
        "empire": "empire|empire dress|babydoll|maternity dress",
        "gown": "gown|evening gown|evening dress|formal gown|wedding dress|bridal gown",
        "ball-gown": "ball gown|ballgown|wedding gown|prom dress|princess",
        "mermaid": "mermaid|mermaid gown|trumpet gown|fishtail",
        "pinafore": "pinafore|jumper dress|dungaree dress",
        "maxi": "maxi dress|tiered dress|prairie dress|boho dress|peasant dress",
    },
    "skirt": {
        "a-line": "skirt|a-line|a-line skirt|midi skirt|maxi skirt",
        "pencil": "pencil|pencil skirt|tube skirt|bodycon skirt",
        "mini": "mini|mini skirt|miniskirt",
        "denim": "denim skirt|jean skirt",
        "pleated": "pleated|pleated skirt|tennis skirt|kilt|accordion skirt",
        "circle": "circle|circle skirt|skater skirt|full skirt|swing skirt|ballerina skirt|tutu",
        "wrap": "wrap|wrap skirt|sarong",
        "tiered": "tiered|tiered skirt|ruffle skirt|prairie skirt|boho skirt",
        "slip": "slip skirt|satin skirt|bias skirt",
        "mermaid": "mermaid skirt|trumpet skirt|fishtail skirt",
    },
    "pants": {
        "straight": "pants|trousers|straight|slacks|dress pants|suit trousers",
        "chinos": "chinos|chino|khakis",
        "jeans": "jeans|denim|denim pants",
        "skinny": "skinny|skinny jeans|skinny pants|cigarette pants",
        "leggings": "leggings|tights|yoga pants|jeggings",
        "wide": "wide leg|wide-leg|wide leg pants|palazzo|palazzo pants|culottes|pyjama pants",
        "flared": "flared|flares|flare|bell bottoms|bootcut|bootcut jeans",
        "joggers": "joggers|jogger|sweatpants|track pants|harem pants",
        "cargo": "cargo|cargo pants|utility pants|combat trousers",
        "overalls": "overalls|dungarees",
        "jumpsuit": "jumpsuit|catsuit|onesie|all in one",
        "boiler-suit": "boiler suit|boilersuit|flight suit|coverall",
    },
    "shorts": {
        "chino": "shorts|chino shorts|tailored shorts",
        "bermuda": "bermuda|bermuda shorts|walking shorts|jorts",
        "denim": "denim shorts|jean shorts|cut-offs|cutoffs",
        "athletic": "athletic shorts|running shorts|gym shorts|sport shorts|swim shorts|boxer"
        " shorts"
        "|board shorts|basketball shorts|sweat shorts",
        "hot": "hot pants|short shorts|micro shorts|tap shorts",
        "cycling": "bib shorts|cycling shorts|bike shorts|biker shorts",
        "cargo": "cargo shorts|utility shorts",
        "playsuit": "playsuit|romper",
        "skort": "skort|culotte shorts|pleated shorts",
    },
    "shoes": {
        "sneaker": "shoes|sneaker|trainer|running shoe|tennis shoe|plimsoll|canvas shoe",
        "high-top": "high-top|high top|hi-top|high-top sneaker|basketball shoe",
        "boot": "boot|ankle boot|chelsea boot|combat boot|work boot|desert boot|hiking boot",
        "tall-boot": "thigh high boot|over the knee boot|knee boot|knee-high boot|riding boot"
        "|tall boot|wellington|rain boot|cowboy"
        " boot",
        "heel": "heel|pump|high heel|stiletto|court shoe|slingback|kitten heel",
        "sandal": "sandal|strappy sandal|gladiator|heeled sandal",
        "slide": "slide|flip flop|flip-flop|slipper|mule|clog",
        "loafer": "loafer|moccasin|boat shoe|penny loafer",
        "oxford": "oxford|derby|brogue|lace-up shoe|monk strap",
        "flat": "flat|ballet flat|ballerina|ballet|mary jane|espadrille",
    },
    "hat": {
        "cap": "hat|cap|baseball cap|trucker cap|snapback|dad cap|visor",
        "beanie": "beanie|knit hat|bobble hat|watch cap|toque",
        "bucket": "bucket|bucket hat|fisherman hat",
        "fedora": "fedora|trilby|panama|panama hat|homburg",
        "sun": "sun hat|sunhat|straw hat|floppy hat|wide brim hat|wide-brim hat|boater",
        "beret": "beret",
        "cowboy": "cowboy hat|western hat|stetson",
        "top-hat": "top hat|bowler|bowler hat",
        "newsboy": "newsboy|newsboy cap|flat cap|ivy cap|baker boy",
    },
    "accessory": {
        "tote": "bag|tote|tote bag|shopper",
        "handbag": "handbag|shoulder bag|crossbody bag|satchel|purse",
        "backpack": "backpack|rucksack",
        "scarf": "scarf|stole|shawl",
        "tie": "necktie|neck tie|silk tie",
        "socks": "sock",
        "bikini": "bikini",
    },
}

FALLBACK = "t-shirt"
"""What is drawn where nobody knows the garment: the plainest of all."""


def plain(text: str) -> str:
    """Return the text as lower-case words with single spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("t-shirt", "tshirt")))


def says(text: str, words: str) -> bool:
    """Whether one of the `|`-separated words or phrases stands in `text`, in either number."""
    said = f" {plain(text)} "
    return any(
        f" {phrase} " in said or f" {phrase}s " in said
        for phrase in map(plain, words.split("|"))
        if phrase
    )


def cut_of(kind: str, text: str) -> str | None:
    """Return the cut of a garment type that the words of `text` ask for."""
    named = [cut for cut, words in CUTS[kind].items() if says(text, words)]
    return named[-1] if named else None


def kind_of(text: str) -> str | None:
    """Return the garment type that the words of `text` speak of, the most telling phrase first."""
    found = [
        (len(plain(word)), kind)
        for kind, cuts in CUTS.items()
        for words in cuts.values()
        for word in words.split("|")
        if says(text, word)
    ]
    return max(found, default=(0, None), key=lambda item: item[0])[1]
