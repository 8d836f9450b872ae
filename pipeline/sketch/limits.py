"""What a spec asks for that the drawing does not show, in sentences."""

from collections.abc import Callable, Iterator, Mapping

from pipeline.fashion.describing import detail_phrase
from pipeline.fashion.merging import SAID
from pipeline.fashion.telling import only_placed, placements_of
from pipeline.sketch.cuts import cut_of, says
from pipeline.sketch.finishes import contested, reached
from pipeline.sketch.flat import Flat, part_of
from pipeline.sketch.prints import known
from pipeline.sketch.textures import texture_of
from pipeline.sketch.tones import GREIGE, cloths_of
from pipeline.sketch.traits import (
    BLENDED,
    Back,
    Closure,
    Collar,
    Length,
    Neckline,
    Pockets,
    Puff,
    Reach,
    Traits,
    drawable,
    read,
    shaped,
)
from pipeline.spec import GarmentSpec

_BELTED = ("dress", "skirt", "pants", "shorts", "outwear")
_CORDED = ("hoodie", "parka", "joggers", "athletic")
_SMALL = ("hat", "shoes", "accessory")
_BLOCK_HEELED = ("boot", "tall-boot", "oxford", "loafer")
_MOTIFS = "fair isle|nordic|ditsy|star|heart|love|flower|rose|logo|slogan|text|letter"


def unshown(spec: GarmentSpec, traits: Traits, flats: Mapping[int, Flat]) -> Iterator[str]:
    """Yield what is only guessed or left out; `flats` are the views on the paper, 0 the front."""
    yield from _guessed(spec)
    yield from _unplaced(spec, flats)
    told = frozenset(one.written for one in placements_of(spec))
    for detail in spec.details:
        if detail.confidence >= SAID and not only_placed(detail):
            yield from _undrawn(detail.name, detail.value or "", traits, told)
    outline = spec.silhouette
    if outline.value and outline.confidence >= SAID and not _outlined(outline.value, traits):
        yield f"sketch doesn't draw the {outline.value} silhouette"
    motif = traits.motif
    if (
        motif
        and traits.pattern in ("print", "graphic", "floral")
        and not (known(motif) or says(motif, _MOTIFS))
    ):
        yield f"sketch draws {motif} as a plain {traits.pattern}"
    if traits.faces and 0 not in traits.faces and 0 in flats:
        yield f"sketch shows {traits.kind} from one side only"


def _guessed(spec: GarmentSpec) -> Iterator[str]:
    subtype = spec.detail("subtype") or ""
    if not drawable(spec):
        named = subtype or spec.garment_type.value
        lack = f"sketch can't draw a {named}" if named else "No garment was named"
        yield f"{lack}: a plain t-shirt stands in"
    if cloths_of(spec)[0] == GREIGE:
        whose = " for the garment itself" if spec.colors else ""
        yield f"No colour was named{whose}: sketch chose a neutral one"
    if subtype.endswith("suit") and spec.garment_type.value == "outwear":
        yield "Of a suit, sketch draws the jacket"
    if subtype == "bib shorts":
        yield "Of bib shorts, sketch draws the shorts"


def _unplaced(spec: GarmentSpec, flats: Mapping[int, Flat]) -> Iterator[str]:
    placements = placements_of(spec)
    told, torn = frozenset(one.part for one in placements), contested(placements)
    seen = {reached(told, part_of(item)) for flat in flats.values() for item in flat}
    for one in placements:
        finish = one.said.get("finish")
        if one.part not in seen or one.part in torn:
            yield f"sketch doesn't draw the {one.phrase}"
        elif finish and texture_of(finish) is None:
            yield f"sketch doesn't draw {finish} {one.written}"


def _outlined(silhouette: str, traits: Traits) -> bool:
    return shaped(silhouette) or cut_of(traits.kind, silhouette) == traits.cut


def _undrawn(name: str, values: str, traits: Traits, told: frozenset[str]) -> Iterator[str]:
    drawn = _DRAWN.get(name)
    for value in values.split(", ") if values else ():
        if drawn and value not in told and not drawn(value, traits):
            yield f"sketch doesn't draw the {detail_phrase(name, value)}"


def _upper(traits: Traits) -> bool:
    return traits.kind not in ("skirt", "shorts", "pants", *_SMALL) or "suit" in traits.cut


def _finished(value: str, traits: Traits) -> bool:
    pleats = says(value, "pleated|tiered") and traits.kind in ("skirt", "dress")
    return pleats or texture_of(value) is not None or says(value, "topstitched")


def _heeled(value: str, traits: Traits) -> bool:
    if says(value, "block|chunky|stacked"):
        return traits.cut in _BLOCK_HEELED
    return says(value, "stiletto|heel|high heel") and traits.cut == "heel"


def _sleeved(value: str) -> bool:
    return read(Reach, value) is not None or read(Puff, value) is not None or "strap" in value


_DRAWN: dict[str, Callable[[str, Traits], bool]] = {
    "neckline": lambda value, traits: read(Neckline, value) is not None and _upper(traits),
    "sleeve": lambda value, traits: _sleeved(value) and _upper(traits),
    "collar": lambda value, traits: read(Collar, value) is not None and _upper(traits),
    "length": lambda value, traits: read(Length, value) is not None and traits.kind not in _SMALL,
    "closure": lambda value, traits: (
        read(Closure, value) is not None
        or traits.kind == "shoes"
        or (says(value, "drawstring") and traits.cut in _CORDED)
    ),
    "back": lambda value, traits: read(Back, value) is not None and _upper(traits),
    "pockets": lambda value, traits: read(Pockets, value) is not None and traits.kind != "hat",
    "waist": lambda value, traits: says(value, "belted") and traits.kind in _BELTED,
    "hem": lambda value, traits: says(value, "slit") and traits.kind in ("skirt", "dress"),
    "finish": _finished,
    "heel": _heeled,
    "feature": lambda value, traits: says(value, BLENDED) and traits.pattern == "solid",
    "toe": lambda _value, _traits: False,
}
