"""How a part is inked that is made otherwise than the rest of the garment."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pipeline.fashion.colours import hex_of
from pipeline.fashion.parts import Part
from pipeline.fashion.placing import Placement
from pipeline.sketch.textures import Texture, texture_of
from pipeline.sketch.tones import Tones, contrast, mixed

_WIDER = {
    Part.CUFF: (Part.TRIM, Part.SLEEVE),
    Part.COLLAR: (Part.TRIM, Part.LAPEL),
    Part.HEM: (Part.TRIM,),
    Part.WAISTBAND: (Part.TRIM,),
    Part.CORD: (Part.TRIM,),
    Part.LOOP: (Part.WAISTBAND, Part.TRIM),
    Part.CHEST_POCKET: (Part.POCKET,),
    Part.STRAP: (Part.TRIM,),
    Part.BELT: (Part.WAISTBAND,),
    Part.BACK: (Part.BODY,),
    Part.LACES: (Part.TRIM,),
    Part.HEEL: (Part.SOLE,),
    Part.BAND: (Part.BELT, Part.TRIM),
    Part.TOE: (Part.TRIM,),
}
"""Where a part takes its finish from that has none of its own, the nearest first."""

_UNDYED = {"shearling": "#efe6d2", "sheepskin": "#efe6d2", "straw": "#d8bf8c"}


@dataclass(frozen=True, slots=True)
class Finish:
    """A part's ground, what is laid on it, and the surface of its cloth."""

    ground: str
    figures: tuple[str, ...] = ()
    pattern: str = "solid"
    motif: str = ""
    texture: Texture | None = None


def finishes_of(placements: Sequence[Placement], tones: Tones) -> dict[Part, Finish]:
    """Return the finish of each part that has one."""
    torn = contested(placements)
    return {one.part: _finish(one, tones) for one in placements if one.part not in torn}


def contested(placements: Sequence[Placement]) -> frozenset[Part]:
    """Return the parts that are told in two ways, as "one red leg and one black leg"."""
    told: dict[Part, set[tuple[str, ...]]] = {}
    for one in placements:
        told.setdefault(one.part, set()).add(one.colours)
    return frozenset(part for part, ways in told.items() if len(ways - {()}) > 1)


def finish_of(finishes: Mapping[Part, Finish], part: Part | None) -> Finish | None:
    """Return how a part is made: by its own finish, else by that of what it belongs to."""
    told = reached(finishes.keys(), part)
    return finishes[told] if told else None


def reached(told: AbstractSet[Part], part: Part | None) -> Part | None:
    """Return which of the parts that something is told of speaks for a part."""
    if part is None or not told:
        return None
    return next((one for one in (part, *_WIDER.get(part, ())) if one in told), None)


def _finish(placement: Placement, tones: Tones) -> Finish:
    colours = [tones.named.get(name) or hex_of(name) for name in placement.colours]
    dyed = [hex_ for hex_ in colours if hex_]
    pattern = placement.said.get("pattern", "solid")
    if pattern == "striped" and placement.part is Part.SIDE:
        return Finish(dyed[0] if dyed else tones.second)
    if pattern != "solid":
        ground, figures = _figured(dyed, tones)
        return Finish(ground, figures, pattern, placement.print)
    cloth = f"{placement.said.get('fabric', '')} {placement.said.get('finish', '')}".strip()
    texture = texture_of(cloth)
    if len(dyed) > 1:
        return Finish(dyed[0], tuple(dyed[1:]), "striped", texture=texture)
    return Finish(dyed[0] if dyed else _undyed(placement, cloth, texture, tones), texture=texture)


def _figured(dyed: Sequence[str], tones: Tones) -> tuple[str, tuple[str, ...]]:
    """Return (ground, figures): a single colour is that of the figures."""
    if len(dyed) > 1:
        return dyed[0], tuple(dyed[1:])
    if dyed and dyed[0] != tones.main:
        return tones.main, tuple(dyed)
    return tones.main, tones.others or (contrast(tones.main),)


def _undyed(placement: Placement, cloth: str, texture: Texture | None, tones: Tones) -> str:
    """Return the colour of a part that none was named for: another cloth differs a little."""
    if placement.contrast:
        return tones.second
    known = next((hex_ for word, hex_ in _UNDYED.items() if word in cloth), None)
    if known or not cloth or texture in (Texture.WALES, Texture.RIB, Texture.LACE):
        return known or tones.main
    return mixed(tones.main, "#ffffff", 0.14) if tones.dark else mixed(tones.main, "#1c1b1f", 0.24)
