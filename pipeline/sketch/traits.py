"""A spec's words as what the drawing needs to know."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeVar

from pipeline.fashion.parts import Part, part_named
from pipeline.fashion.telling import placements_of
from pipeline.sketch.cuts import CUTS, FALLBACK, cut_of, kind_of, says
from pipeline.spec import PATTERNS, GarmentSpec


class Neckline(StrEnum):
    """The upper edge; its value is the words that ask for it."""

    CREW = "crew|crew neck|crewneck|round|round neck|jewel|high"
    V = "v|v neck|vneck|surplice|wrap"
    DEEP_V = "deep v|plunge|plunging|deep v neck"
    SCOOP = "scoop|scoop neck|scooped|u neck|low"
    COWL = "cowl|cowl neck|draped neck|draped neckline"
    BOAT = "boat|boat neck|bateau|boatneck|slash"
    SQUARE = "square|square neck"
    HALTER = "halter|halter neck|halterneck"
    TURTLE = "turtleneck|turtle|turtle neck|roll neck|polo neck|rollneck"
    MOCK = "mock|mock neck|funnel|high neck|stand"
    STRAPLESS = "strapless|bandeau|tube|straight across"
    SWEETHEART = "sweetheart|heart"
    STRAPS = "spaghetti|spaghetti strap|strappy|cami|camisole|strap"
    OFF_SHOULDER = "off shoulder|off the shoulder|bardot|off shoulders"
    ONE_SHOULDER = "one shoulder|one shouldered|single shoulder|asymmetric neckline"


class Reach(StrEnum):
    """How far a sleeve reaches."""

    NONE = "sleeveless|none|no sleeve|without sleeve|strapless|strap|spaghetti|no"
    SHORT = "short|short sleeve|rolled"
    CAP = "cap|cap sleeve|capped|flutter"
    ELBOW = "elbow|half|elbow length|mid"
    THREE_QUARTER = "three quarter|3 4|three quarters|bracelet"
    LONG = "long|long sleeve|full length|wrist|full"


class Puff(StrEnum):
    """How a sleeve is shaped."""

    PLAIN = "plain|straight|set in|fitted"
    PUFF = "puff|puffed|puffy"
    BELL = "bell|flared|flare|trumpet|kimono|wide"
    BALLOON = "balloon|bishop|lantern|bouffant|gathered"


class Length(StrEnum):
    """How long the garment is, in the words of all families."""

    CROPPED = "cropped|crop|waist length|waist"
    MINI = "mini|short|thigh|above knee|above the knee|micro|mid thigh"
    REGULAR = "regular|hip|hip length|standard|normal"
    KNEE = "knee|knee length|bermuda"
    MIDI = "midi|mid calf|calf|tea length|below knee|below the knee|mid length|capri"
    ANKLE = "ankle|ankle length|7 8"
    LONG = "long|longline|tunic|full|full length"
    MAXI = "maxi|floor|floor length|floor sweeping|train"


class Back(StrEnum):
    """How a back is opened."""

    OPEN = "open back|backless|bare back"
    LOW = "low back|scooped back|scoop back|plunging back|deep back"
    V = "v back|deep v back"
    KEYHOLE = "keyhole back"
    RACER = "racerback|racer back|cross back|crossed back"


class Pockets(StrEnum):
    """What kind of pockets there are."""

    PATCH = "patch|patch pocket"
    CARGO = "cargo|cargo pocket|utility"
    FLAP = "flap|flap pocket"
    WELT = "welt|welt pocket|jetted|slash"
    ZIP = "zip|zip pocket|zipped"
    CHEST = "chest|chest pocket|breast pocket"
    KANGAROO = "kangaroo|pouch"
    SIDE = "side|pocket|seam|inseam"


class Collar(StrEnum):
    """What stands or lies around the neck."""

    SHIRT = "shirt|pointed|point|button down|spread|classic|collared|polo|cutaway|camp"
    STAND = "mandarin|stand|band|grandad|nehru|stand up|standing"
    PETER_PAN = "peter pan|rounded|club"
    NOTCH = "notch|notched|lapel|notch lapel|revere"
    PEAK = "peak|peaked|peak lapel|peaked lapel"
    SHAWL = "shawl|shawl collar|shawl lapel"
    HOOD = "hood|hooded"
    FUNNEL = "funnel|high|fur"
    RIB = "rib|ribbed|knit"
    ANY = "collar|collared"
    NONE = "none|collarless|no collar|without collar"


class Closure(StrEnum):
    """How it is closed in front."""

    BUTTONS = "button|buttons|single breasted|snap|buttoned|toggle"
    DOUBLE = "double breasted|double"
    ZIP = "zip|zipper|zip up|full zip"
    OPEN = "open|open front"
    WRAP = "wrap|tie|belt|belted|sash"
    NONE = "none|pullover|pull on|slip on|elastic"


class Fabric(StrEnum):
    """What shows in a line drawing of the fabric."""

    DENIM = "denim|jean|chambray"
    KNIT = "knit|knitted|wool knit|cable|ribbed|rib|merino|cashmere|fleece"
    LEATHER = "leather|suede|patent|vinyl|pleather"
    SHEER = "sheer|chiffon|tulle|organza|lace|mesh"
    STRAW = "straw|raffia|woven|wicker"


BLENDED = "ombré|ombre"

E = TypeVar("E", bound=StrEnum)


class Stripes(Enum):
    """Which way stripes run."""

    ACROSS = 90
    DOWN = 0
    DIAGONAL = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is to be drawn; None leaves the choice to the cut."""

    kind: str
    cut: str
    neckline: Neckline | None = None
    reach: Reach | None = None
    puff: Puff | None = None
    length: Length | None = None
    collar: Collar | None = None
    closure: Closure | None = None
    back: Back | None = None
    pockets: Pockets | None = None
    faces: tuple[int, ...] = ()  # which views are asked for: 0 the front, 1 the back
    fabric: Fabric | None = None
    cloth: str = ""
    silhouette: str = ""
    finish: str = ""
    heel: str = ""
    blended: bool = False  # from one colour into the next
    ease: float = 1.0
    flare: float = 1.0
    pattern: str = "solid"
    stripes: Stripes | None = None
    motif: str = ""
    pleated: bool = False
    slit: bool = False
    belted: bool = False
    parts: frozenset[Part] = frozenset()  # made otherwise than the rest
    without: frozenset[Part] = frozenset()


def traits_of(spec: GarmentSpec) -> Traits:
    """Read a spec; an unknown garment is drawn as the plain t-shirt."""
    subtype = spec.detail("subtype") or ""
    given = (spec.garment_type.value or "").lower()
    kind = _kind(spec) or FALLBACK
    silhouette = spec.silhouette.value or ""
    said = tuple(text for text in (subtype, given, silhouette) if text)
    fit = f"{spec.detail('fit') or ''} {silhouette}"
    sleeve = _detail(spec, "sleeve", "sleeves", "sleeve_length")
    neck = _detail(spec, "neckline", "neck")
    collar = _detail(spec, "collar")
    pattern = (spec.pattern.value or "solid").lower()
    return Traits(
        kind=kind,
        cut=_cut(kind, (subtype, spec.fabric.value or "", given, silhouette)),
        neckline=read(Neckline, neck)
        or read(Neckline, subtype, but="v|wrap|high|low|cami|camisole")
        or (Neckline.STRAPS if says(sleeve, Neckline.STRAPS) else None),
        reach=read(Reach, sleeve),
        puff=read(Puff, sleeve),
        length=read(Length, _detail(spec, "length", "hem"))
        or read(Length, subtype, but="short|full|regular"),
        collar=read(Collar, collar) or read(Collar, neck, but="round|high|stand|none|band|polo"),
        closure=read(Closure, _detail(spec, "closure", "fastening")),
        back=read(Back, _detail(spec, "back")),
        pockets=read(Pockets, _detail(spec, "pockets", "pocket")),
        faces=_faces(spec),
        fabric=read(Fabric, spec.fabric.value or "") or read(Fabric, subtype),
        silhouette=silhouette,
        cloth=spec.fabric.value or "",
        finish=_detail(spec, "finish"),
        heel=_detail(spec, "heel"),
        blended=says(_detail(spec, "feature"), BLENDED),
        ease=_ease(fit),
        flare=_flare(silhouette),
        pattern=pattern if pattern in PATTERNS else "solid",
        stripes=_stripes(" ".join((*said, _detail(spec, "stripes", "stripe_direction", "print")))),
        motif=_detail(spec, "print", "graphic", "motif"),
        pleated=says(_detail(spec, "finish"), "pleated|pleat|plisse"),
        slit=says(_detail(spec, "hem", "slit"), "slit|split|thigh high"),
        belted=_belted(spec),
        parts=frozenset(one.part for one in placements_of(spec)),
        without=frozenset(filter(None, map(part_named, _detail(spec, "without").split(", ")))),
    )


def _belted(spec: GarmentSpec) -> bool:
    told = any(one.part is Part.BELT for one in placements_of(spec))
    return told or says(_detail(spec, "waist"), "belted|belt|sash")


def _faces(spec: GarmentSpec) -> tuple[int, ...]:
    """Return the views that are asked for, none where nobody cares."""
    view = _detail(spec, "view")
    named = tuple(i for i, word in enumerate(("front", "back")) if says(view, word))
    backs = _detail(spec, "back") or any(p.part is Part.BACK for p in placements_of(spec))
    return named or ((0, 1) if backs else ())


def _detail(spec: GarmentSpec, *names: str) -> str:
    return next((value for name in names if (value := spec.detail(name))), "")


def drawable(spec: GarmentSpec) -> bool:
    """Whether the spec names a garment that has a shape here."""
    return _kind(spec) is not None


def _kind(spec: GarmentSpec) -> str | None:
    given = (spec.garment_type.value or "").lower()
    return given if given in CUTS else kind_of(spec.detail("subtype") or "") or kind_of(given)


def _cut(kind: str, told: tuple[str, ...]) -> str:
    """Return the cut that the first telling text names: denim makes pants jeans."""
    named = [cut for text in told if (cut := cut_of(kind, text))]
    *_, silhouette = told
    if named and named[0] == "jeans" and (shape := cut_of(kind, silhouette)):
        # Denim says the cloth alone.
        return "jeans" if shape == "straight" else shape
    cut = next(iter(named), next(iter(CUTS[kind])))
    _, cloth, *_ = told
    return "knit-vest" if cut == "vest" and says(cloth, Fabric.KNIT) else cut


def read(kind: type[E], text: str, but: str = "") -> E | None:
    """Return the member that `text` asks for most fully, not counting the words of `but`."""
    ignored = but.split("|")
    found = [
        (len(word), member)
        for member in kind
        for word in member.value.split("|")
        if word not in ignored and says(text, word)
    ]
    return max(found, key=lambda item: item[0])[1] if found else None


def shaped(text: str) -> bool:
    """Whether the words make the garment wider or narrower."""
    return _ease(text) != 1.0 or _flare(text) != 1.0


def _ease(text: str) -> float:
    if says(text, "oversized|oversize|baggy|boxy"):
        return 1.18
    if says(text, "loose|relaxed|wide|roomy"):
        return 1.09
    if says(text, "slim|fitted|tight|skinny|bodycon|tailored|close"):
        return 0.9
    return 1.0


def _flare(text: str) -> float:
    if says(text, "flared|a-line|full|voluminous|ball|princess|swing"):
        return 1.2
    return 0.8 if says(text, "straight|column|pencil|narrow|tapered") else 1.0


def _stripes(text: str) -> Stripes | None:
    if says(text, "vertical|pinstripe|pinstriped|lengthwise"):
        return Stripes.DOWN
    if says(text, "diagonal|bias"):
        return Stripes.DIAGONAL
    return Stripes.ACROSS if says(text, "horizontal|breton|crosswise") else None
