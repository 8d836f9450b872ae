"""The parts of a garment that may be made otherwise than the rest of it."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.fashion.scanning import Found, Scan, stem, stems_of
from pipeline.fashion.terms import Garment, Word


class Part(StrEnum):
    """A part; its value is the words that name it, without plural endings."""

    BODY = "body|torso|front and back|exterior"
    SLEEVE = "sleeve|arm"
    CUFF = "cuff"
    COLLAR = "collar|neckband|neckline|revere"
    LAPEL = "lapel"
    HOOD = "hood"
    YOKE = "yoke|shoulder panel|shoulder"
    BODICE = "bodice|bust|upper half|top half"
    SKIRT = "skirt part|skirt panel|lower half|bottom half"
    HEM = "hem|hemline|hem band|bottom edge"
    SIDE = "side|side stripe|side panel|side seam|tuxedo stripe|leg|leg seam"
    BACK = "back"
    POCKET = "pocket|pocket flap"
    CHEST_POCKET = "chest pocket|breast pocket"
    VENT = "vent|back vent|centre vent"
    LOOP = "belt loop|beltloop"
    PATCH = "elbow patch|elbow"
    WAISTBAND = "waistband"
    BELT = "belt|sash|ribbon"
    STRAP = "strap|shoulder strap|handle"
    BUTTON = "button"
    METAL = "zip|zipper|buckle|hardware"
    LINING = "lining|lined|interior"
    SOLE = "sole|outsole|midsole"
    HEEL = "heel|heel tab"
    TOE = "toe|toe cap|toecap"
    LACES = "laces|shoelaces"
    CORD = "drawstring|drawcord"
    BRIM = "brim|peak"
    BAND = "band|hat band|hatband"
    STITCH = "stitching|stitch|topstitching|thread|contrast stitching"
    TRIM = "trim|trimmed|piping|piped|edging|edge|edged|binding|bound|accent|detail|detailing"
    OTHER = "embroidery|logo|lettering|bow|panel|insert|patch|fringe"
    BOBBLE = "bobble|pompom|pom pom|pom"


CLOTHS = frozenset(
    {
        *(Part.SLEEVE, Part.CUFF, Part.COLLAR, Part.LAPEL, Part.HOOD, Part.YOKE, Part.HEM),
        *(Part.BODICE, Part.SIDE, Part.BACK, Part.LINING, Part.TRIM, Part.PATCH, Part.BRIM),
    }
)
"""Parts that a cloth or a pattern before them speaks of: a "corduroy collar jacket"."""

_WORDS = {stems_of(word): part for part in Part for word in part.value.split("|")}
_LONGEST = max(map(len, _WORDS))
_SHAPED = frozenset({"collar", "sleeve", "pockets", "hem", "waist", "finish", "heel", "toe"})


def part_named(text: str) -> Part | None:
    """Return the part that the whole text names, if it is one."""
    return _WORDS.get(stems_of(text))


@dataclass(frozen=True, slots=True)
class Spot:
    """A part named at tokens start..end; `shaped` where a word for its cut belongs to it."""

    start: int
    end: int
    part: Part
    written: str
    shaped: bool = False


def spots(scan: Scan) -> dict[int, Spot]:
    """Return where parts are named, by their first token; a garment's own name is none."""
    shaped = [one for found in scan.found if (one := _in_phrase(found, scan))]
    shaped += [
        Spot(found.start, found.end, Part.SKIRT, "lower half", shaped=True)
        for found in scan.found
        if _is_part(found, scan)
    ]
    taken = {
        i
        for found in scan.found
        if found.end - found.start > 1 or any(isinstance(t, Garment) for t in found.terms)
        for i in range(found.start, found.end)
    }
    named = {spot.start: spot for spot in shaped}
    at = 0
    while at < len(scan.tokens):
        spot = None if at in taken else _plainly(scan, at)
        if spot and not taken & {*range(spot.start, spot.end)}:
            named[at] = spot
        at = spot.end if spot else at + 1
    return named


def _is_part(found: Found, scan: Scan) -> bool:
    """Whether a skirt is that of a dress: "a cream dress with a black pleated skirt"."""
    before = (term for one in scan.found if one.end < found.start for term in one.terms)
    skirt = any(isinstance(term, Garment) and term.kind == "skirt" for term in found.terms)
    return skirt and any(isinstance(term, Garment) and term.kind == "dress" for term in before)


def _in_phrase(found: Found, scan: Scan) -> Spot | None:
    """Return the part that a phrase of the lexicon ends in: "puff sleeves", "patch pockets"."""
    phrase = tuple(map(stem, scan.tokens[found.start : found.end]))
    part = _WORDS.get(phrase, _WORDS.get(phrase[-1:]))
    cut = any(isinstance(term, Word) and term.slot in _SHAPED for term in found.terms)
    if part is None or not cut or found.end - found.start < 2:
        return None
    written = scan.tokens[found.start if phrase in _WORDS else found.end - 1 : found.end]
    return Spot(found.start, found.end, part, " ".join(written), shaped=True)


def _plainly(scan: Scan, at: int) -> Spot | None:
    for length in range(min(_LONGEST, len(scan.tokens) - at), 0, -1):
        words = scan.tokens[at : at + length]
        part = _WORDS.get(tuple(map(stem, words)))
        if part:
            return Spot(at, at + length, part, " ".join(words))
    return None
