"""Dresses, and garments worn below the waist."""

from pipeline.fashion.terms import Garment

FLOOR = (("length", "floor-length"),)
MINI = (("length", "mini"),)
MIDI = (("length", "midi"),)
MAXI = (("length", "maxi"),)

DRESSES = (
    Garment("dress", "dress", ("frock",), (), fine=False),
    Garment("gown", "dress", (), FLOOR),
    Garment("evening gown", "dress", ("evening dress", "prom dress", "formal gown"), FLOOR),
    Garment("ball gown", "dress", ("ballgown",), (("silhouette", "ball gown"), *FLOOR)),
    Garment("wedding dress", "dress", ("bridal gown", "wedding gown", "bridal dress"), FLOOR),
    Garment("cocktail dress", "dress", ("party dress",)),
    Garment("wrap dress", "dress", (), (("neckline", "v-neck"), ("closure", "wrap"))),
    Garment("shirt dress", "dress", ("shirtdress", "shirtwaist dress"), (("closure", "buttons"),)),
    Garment("t-shirt dress", "dress", ("tee dress", "tshirt dress"), (("sleeve", "short"),)),
    Garment("sweater dress", "dress", ("jumper dress", "knit dress", "knitted dress")),
    Garment("slip dress", "dress", ("cami dress",), (("sleeve", "spaghetti straps"),)),
    Garment("sundress", "dress", ("sun dress", "summer dress"), (("sleeve", "sleeveless"),)),
    Garment("sheath dress", "dress", (), (("silhouette", "sheath"),)),
    Garment("shift dress", "dress", (), (("silhouette", "shift"),)),
    Garment("bodycon dress", "dress", (), (("silhouette", "bodycon"),)),
    Garment("skater dress", "dress", (), (("silhouette", "fit-and-flare"),)),
    Garment("tea dress", "dress", (), MIDI),
    Garment("maxi dress", "dress", (), MAXI),
    Garment("midi dress", "dress", (), MIDI),
    Garment("mini dress", "dress", ("minidress",), MINI),
    Garment("blazer dress", "dress", ("tuxedo dress",), (("collar", "notched lapel"),)),
    Garment("coat dress", "dress"),
    Garment("pinafore", "dress", ("pinafore dress",), (("sleeve", "sleeveless"),)),
    Garment("kaftan", "dress", ("caftan", "abaya")),
    Garment("smock dress", "dress", ("prairie dress",)),
)

SKIRTS = (
    Garment("skirt", "skirt", (), (), fine=False),
    Garment("mini skirt", "skirt", ("miniskirt",), MINI),
    Garment("midi skirt", "skirt", (), MIDI),
    Garment("maxi skirt", "skirt", (), MAXI),
    Garment("pencil skirt", "skirt", (), (("silhouette", "pencil"),)),
    Garment("a-line skirt", "skirt", (), (("silhouette", "a-line"),)),
    Garment("pleated skirt", "skirt", (), (("finish", "pleated"),)),
    Garment("circle skirt", "skirt", ("skater skirt",), (("silhouette", "full"),)),
    Garment("wrap skirt", "skirt", ("sarong",), (("closure", "wrap"),)),
    Garment("tulle skirt", "skirt", ("tutu",), (("fabric", "tulle"),)),
    Garment("denim skirt", "skirt", ("jean skirt",), (("fabric", "denim"),)),
    Garment("slip skirt", "skirt", (), MIDI),
    Garment("kilt", "skirt", (), (("pattern", "checked"),)),
    Garment("skort", "skirt", (), MINI),
)

TROUSERS = (
    Garment("pants", "pants", ("trouser", "slacks"), (), fine=False),
    Garment("jeans", "pants", ("jean", "denims"), (("fabric", "denim"),)),
    Garment("chinos", "pants", ("chino", "khaki pants", "khakis"), (("fabric", "cotton twill"),)),
    Garment("leggings", "pants", ("jeggings", "yoga pants"), (("fit", "skinny"),)),
    Garment(
        "joggers", "pants", ("sweatpants", "jogging bottoms", "track pants", "tracksuit pants")
    ),
    Garment("cargo pants", "pants", ("cargo trousers", "combat trousers"), (("pockets", "cargo"),)),
    Garment("wide-leg trousers", "pants", ("wide-leg pants",), (("silhouette", "wide-leg"),)),
    Garment("palazzo pants", "pants", ("palazzos",), (("silhouette", "wide-leg"),)),
    Garment("culottes", "pants", (), (("length", "cropped"), ("silhouette", "wide-leg"))),
    Garment("bell-bottoms", "pants", ("bell bottom pants",), (("silhouette", "flared"),)),
    Garment("suit trousers", "pants", ("dress pants", "tailored trousers"), (("fit", "tailored"),)),
    Garment("dungarees", "pants", ("overalls",), (("fabric", "denim"),)),
    Garment("capri pants", "pants", ("capris",), (("length", "cropped"),)),
    Garment("corduroys", "pants", ("cords",), (("fabric", "corduroy"),)),
    Garment("shorts", "shorts", (), (), fine=False),
    Garment("bermuda shorts", "shorts", ("bermudas", "walking shorts"), (("length", "knee"),)),
    Garment("denim shorts", "shorts", ("jean shorts", "cut-offs"), (("fabric", "denim"),)),
    Garment("cargo shorts", "shorts", (), (("pockets", "cargo"),)),
    Garment("cycling shorts", "shorts", ("bike shorts", "biker shorts"), (("fit", "skinny"),)),
    Garment("running shorts", "shorts", ("gym shorts", "athletic shorts", "sports shorts")),
    Garment("swim shorts", "shorts", ("swim trunks", "board shorts", "swimming trunks")),
    Garment("hot pants", "shorts", ("hotpants", "micro shorts"), MINI),
    Garment("chino shorts", "shorts", (), (("fabric", "cotton twill"),)),
)

SHOES = (
    Garment("shoes", "shoes", ("footwear",), (), fine=False),
    Garment("sneakers", "shoes", ("trainers", "running shoes", "tennis shoes", "plimsolls")),
    Garment("high-tops", "shoes", ("high top sneakers",)),
    Garment("boots", "shoes", ("boot",)),
    Garment("ankle boots", "shoes", ("booties",)),
    Garment("chelsea boots", "shoes"),
    Garment("combat boots", "shoes", ("work boots", "lace-up boots"), (("closure", "laces"),)),
    Garment("knee boots", "shoes", ("knee-high boots", "riding boots")),
    Garment("cowboy boots", "shoes", ("western boots",)),
    Garment("wellingtons", "shoes", ("wellies", "rain boots", "rubber boots")),
    Garment("pumps", "shoes", ("heels", "high heels", "court shoes", "stilettos")),
    Garment("loafers", "shoes", ("moccasins", "penny loafers")),
    Garment("oxfords", "shoes", ("oxford shoes", "derbies", "derby shoes", "dress shoes")),
    Garment("brogues", "shoes"),
    Garment("sandals", "shoes", ("strappy sandals", "gladiator sandals")),
    Garment("flip-flops", "shoes", ("thong sandals",)),
    Garment("ballet flats", "shoes", ("ballerinas", "ballet pumps", "flats")),
    Garment("mules", "shoes", ("clogs",)),
    Garment("espadrilles", "shoes", ("espadrille",)),
    Garment("wedges", "shoes", ("wedge sandals", "platform shoes")),
    Garment("slippers", "shoes", ("slides",)),
    Garment("mary janes", "shoes"),
)

_OTHERS = (
    ("jumpsuit", ()),
    ("boiler suit", ("boilersuit",)),
    ("flight suit", ()),
    ("catsuit", ()),
    ("coveralls", ("coverall",)),
    ("romper", ()),
    ("playsuit", ()),
    ("swimsuit", ("bathing suit", "swimming costume", "one-piece swimsuit")),
    ("bikini", ()),
    ("tracksuit", ()),
    ("pyjamas", ()),
    ("pajamas", ()),
    ("lingerie", ()),
    ("bra", ()),
    ("sari", ()),
    ("saree", ()),
    ("robe", ("dressing gown", "bathrobe")),
    ("onesie", ()),
    ("scarf", ()),
    ("gloves", ()),
    ("mittens", ()),
    ("socks", ()),
    ("tights", ()),
    ("bag", ()),
    ("handbag", ("purse", "shoulder bag", "crossbody bag", "satchel")),
    ("tote", ("tote bag", "shopper bag")),
    ("backpack", ("rucksack",)),
    ("necktie", ("neck tie", "silk tie", "knitted tie")),
    ("bow tie", ()),
)

# Worn, but none of the ten types.
OTHERS = tuple(Garment(name, "", also) for name, also in _OTHERS)
