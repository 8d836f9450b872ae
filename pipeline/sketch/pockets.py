"""Pockets of all kinds, for the right side of the front and mirrored."""

from pipeline.fashion.parts import Part
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, both, of
from pipeline.sketch.path import Path, path
from pipeline.sketch.traits import Pockets


def pocketed(kind: Pockets, y: float, bottom: float) -> Flat:
    """Return pockets at height `y` of a garment that ends at `bottom`, in cm."""
    match kind:
        case Pockets.PATCH:
            drawn = _patches(y - 4)
        case Pockets.CARGO:
            drawn = (*_patches(y - 4), *_flaps(y - 5))
        case Pockets.FLAP:
            drawn = _flaps(y)
        case Pockets.WELT:
            drawn = both(Mark(_slit(y)))
        case Pockets.ZIP:
            drawn = both(Piece(_slit(y), Cloth.METAL, edge=Pen.DETAIL, part=Part.POCKET))
        case Pockets.CHEST:
            drawn = chest_pocket()
        case Pockets.KANGAROO:
            drawn = _kangaroo(bottom)
        case Pockets.SIDE:
            drawn = both(Mark(path(f"M 15.4,{y - 8} C 14.6,{y - 2} 15,{y + 4} 17,{y + 9}")))
    return of(Part.POCKET, drawn)


def chest_pocket(*, flap: bool = False) -> Flat:
    bag = Piece(path("M 8,21 L 18,21 L 18,31 L 13,33 L 8,31 Z"), edge=Pen.SEAM)
    if not flap:
        return of(Part.CHEST_POCKET, (bag, Mark(path("M 8.4,22.8 L 17.6,22.8"), Pen.STITCH)))
    lid = Piece(path("M 7.6,20.4 L 18.4,20.4 L 18.4,23.4 L 13,25.4 L 7.6,23.4 Z"), edge=Pen.SEAM)
    return of(Part.CHEST_POCKET, (bag, lid))


def _flaps(y: float) -> Flat:
    shape = path(
        f"M 8.6,{y} L 19.6,{y - 0.8} L 19.8,{y + 4.4} C 16,{y + 5.4} 12,{y + 5.6} 8.8,{y + 5.2} Z"
    )
    return both(Piece(shape, edge=Pen.SEAM))


def _slit(y: float) -> Path:
    return path(f"M 12,{y - 6} L 17.4,{y + 8} L 19.2,{y + 7.4} L 13.8,{y - 6.6} Z")


def _patches(y: float) -> Flat:
    """Return patches that are stitched on, with their top at `y`."""
    outline = path(
        f"M 6.4,{y} L 20.2,{y - 0.5} L 20.6,{y + 14.6} C 19.8,{y + 16.6} 8,{y + 17} 6.4,{y + 15} Z"
    )
    hem = path(f"M 6.6,{y + 2.6} L 20.2,{y + 2.1}")
    stitch = path(
        f"M 7.2,{y + 3} L 7.2,{y + 14.6} C 9,{y + 16} 18.6,{y + 15.7} 19.7,{y + 14.2}"
        f" L 19.5,{y + 2.4}"
    )
    return both(Piece(outline, edge=Pen.SEAM), Mark(hem, Pen.DETAIL), Mark(stitch, Pen.STITCH))


def _kangaroo(bottom: float) -> Flat:
    top = bottom - 19
    outline = path(
        f"M -9,{top} L 9,{top} C 10,{top + 6} 13,{top + 10} 16.4,{top + 12} L 16.4,{bottom}"
        f" L -16.4,{bottom} L -16.4,{top + 12} C -13,{top + 10} -10,{top + 6} -9,{top} Z"
    )
    stitch = path(f"M 8,{top + 0.6} C 9,{top + 6.6} 12,{top + 11} 15.6,{top + 13}")
    return (Piece(outline, edge=Pen.SEAM), *both(Mark(stitch, Pen.STITCH)))
