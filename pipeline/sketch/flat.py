"""What a drawing consists of: pieces of cloth and the lines on them, back to front."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce

from pipeline.fashion.parts import Part
from pipeline.sketch.path import Bend, Box, Path, path


class Cloth(StrEnum):
    """What a piece is made of; it decides its colour."""

    SHELL = "shell"  # the main fabric, with the pattern
    PLAIN = "plain"  # the main colour without the pattern
    TRIM = "trim"  # ribs, collars, cuffs, waistbands
    BELT = "belt"
    LINING = "lining"  # what is seen of the inside
    SOLE = "sole"  # rubber, hat bands: contrasts with the shell
    HEEL = "heel"  # leather: near the shell
    METAL = "metal"
    BUTTON = "button"


class Pen(StrEnum):
    """The hierarchy of lines."""

    OUTLINE = "outline"
    SEAM = "seam"
    DETAIL = "detail"
    STITCH = "stitch"  # dashed
    FOLD = "fold"  # a sliver, filled
    SHADE = "shade"  # an area a little darker than its cloth


@dataclass(frozen=True, slots=True)
class Piece:
    """A filled outline; `grain` is how far its pattern is turned, in degrees clockwise."""

    path: Path
    cloth: Cloth = Cloth.SHELL
    grain: float = 0.0
    edge: Pen = Pen.OUTLINE
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A line on the cloth."""

    path: Path
    pen: Pen = Pen.SEAM
    part: Part | None = None


Flat = tuple[Piece | Mark, ...]

_PARTS = {
    Cloth.BUTTON: Part.BUTTON,
    Cloth.METAL: Part.METAL,
    Cloth.BELT: Part.BELT,
    Cloth.SOLE: Part.SOLE,
    Cloth.HEEL: Part.HEEL,
    Cloth.LINING: Part.LINING,
    Cloth.TRIM: Part.TRIM,
}


def part_of(item: Piece | Mark) -> Part | None:
    """Return what an item is part of: as it says, else as its cloth or its pen says."""
    if item.part:
        return item.part
    if isinstance(item, Piece):
        return _PARTS.get(item.cloth)
    return Part.STITCH if item.pen is Pen.STITCH else None


def of(part: Part, flat: Flat) -> Flat:
    """Return the items as those of a part, but for what is one of another already."""
    return tuple(
        item if item.part or _of_its_own(item) else replace(item, part=part) for item in flat
    )


def _of_its_own(item: Piece | Mark) -> bool:
    return isinstance(item, Piece) and item.cloth in _PARTS and item.cloth is not Cloth.TRIM


def bent(flat: Flat, bend: Bend) -> Flat:
    return tuple(replace(item, path=item.path.bent(bend)) for item in flat)


def both(*items: Piece | Mark) -> Flat:
    """Return the items of the right side with their mirror images."""
    return items + mirrored(items)


def mirrored(flat: Flat) -> Flat:
    """Return the items of the right side as those of the left one."""
    return tuple(
        replace(item, path=item.path.mirrored(), grain=-item.grain)
        if isinstance(item, Piece)
        else replace(item, path=item.path.mirrored())
        for item in flat
    )


def box_of(flat: Flat) -> Box:
    return reduce(Box.__or__, (item.path.box for item in flat if isinstance(item, Piece)))


def button(x: float, y: float, radius: float = 0.85) -> Piece:
    r, k = radius, radius * 0.55
    return Piece(
        path(
            f"M {x - r},{y} C {x - r},{y - k} {x - k},{y - r} {x},{y - r}"
            f" C {x + k},{y - r} {x + r},{y - k} {x + r},{y}"
            f" C {x + r},{y + k} {x + k},{y + r} {x},{y + r}"
            f" C {x - k},{y + r} {x - r},{y + k} {x - r},{y} Z"
        ),
        Cloth.BUTTON,
        edge=Pen.DETAIL,
    )


def fold(text: str, belly: float = 0.8) -> Mark:
    """Return a tapered fold along "x,y x,y x,y" (start, bend, end), `belly` cm wide."""
    (x0, y0), (x1, y1), (x2, y2) = (
        (float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())
    )
    return Mark(
        path(f"M {x0},{y0} Q {x1},{y1} {x2},{y2} Q {x1 + belly},{y1} {x0},{y0} Z"), Pen.FOLD
    )
