"""Necklines: the upper edge of a bodice, and what is seen through it."""

from dataclasses import dataclass, replace

from pipeline.fashion.parts import Part
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece
from pipeline.sketch.path import path, whole
from pipeline.sketch.traits import Neckline


@dataclass(frozen=True, slots=True)
class Neck:
    """An opening in cm: half its width at the shoulder, its depth, and how its edge runs.

    `edge` are path commands from the bottom (0, depth) to the top (half, 0).
    """

    half: float
    depth: float
    edge: str


def _round(half: float, depth: float) -> Neck:
    return Neck(half, depth, f"C {half * 0.6},{depth} {half},{depth * 0.6} {half},0")


def _v(half: float, depth: float) -> Neck:
    return Neck(half, depth, f"Q {half * 0.62},{depth * 0.52} {half},0")


_CREW = _round(8.6, 9)
_NECKS = {
    Neckline.V: _v(8.2, 19),
    Neckline.DEEP_V: _v(8.5, 30),
    Neckline.SCOOP: _round(10.5, 17),
    Neckline.BOAT: Neck(14.5, 4.5, "C 7,4.5 12,3.4 14.5,0"),
    Neckline.COWL: Neck(11.5, 15, "C 5,15 9.4,8 11.5,0"),
    Neckline.SQUARE: Neck(11, 13.5, "L 10.2,13.5 C 10.4,9 10.7,4 11,0"),
    Neckline.MOCK: _round(7.2, 4.5),
    Neckline.TURTLE: _round(7.2, 4.5),
}


def neck_of(neckline: Neckline) -> Neck:
    """Return the opening of a neckline that hangs from the shoulders."""
    return _NECKS.get(neckline, _CREW)


def back_of(neck: Neck) -> Neck:
    """Return the same opening seen from behind."""
    return Neck(neck.half, 2.6, f"C {neck.half * 0.55},2.6 {neck.half * 0.85},1.8 {neck.half},0")


def inside(neck: Neck) -> Flat:
    """Return the inner back that shows through the opening."""
    half, depth = neck.half, neck.depth
    rear = f"C {half * 0.6},2.2 {half * 0.85},1.6 {half},.1"
    lining = whole(f"M 0,2.2 {rear} L {half + 1.2},2 L {half + 0.6},{depth + 1} L 0,{depth + 1.5}")
    rib = whole(f"M 0,2.2 {rear} L {half + 0.6},1 C {half * 0.9},3.4 {half * 0.6},4.6 0,4.6")
    label = path("M -1.7,5.2 L 1.7,5.2 L 1.7,7 L -1.7,7 Z")
    tag = (Piece(label, Cloth.BUTTON, edge=Pen.STITCH, part=Part.LINING),) if depth > 8.5 else ()
    return (Piece(lining, Cloth.LINING), Piece(rib, Cloth.LINING, edge=Pen.SEAM), *tag)


def band(neck: Neck, width: float = 2.2) -> Flat:
    """Return a ribbed or bound edge of `width` cm, with its stitch line."""
    inner = f"M 0,{neck.depth} {neck.edge}"
    outer = _offset(neck, width)
    ring = whole(f"{inner} L {outer}")
    stitch = path(f"M {_offset(neck, width + 0.7)}")
    return (
        Piece(ring, Cloth.TRIM, edge=Pen.SEAM),
        Mark(stitch, Pen.STITCH),
        Mark(stitch.mirrored(), Pen.STITCH),
    )


def _offset(neck: Neck, by: float) -> str:
    """Return the edge moved outwards, from the shoulder back to the centre."""
    half, depth = neck.half + by, neck.depth + by
    rise = by * 0.34
    if neck.edge.startswith("L"):
        return f"{half},{rise} C {half - 0.3},5 {half - 0.6},9 {half - 0.8},{depth} L 0,{depth}"
    if neck.edge.startswith("Q"):
        return f"{half},{rise} Q {half * 0.62},{depth * 0.55} 0,{depth + by * 0.5}"
    if depth < 8:
        return f"{half},{rise} C {half * 0.86},{depth * 0.8} {half * 0.5},{depth} 0,{depth}"
    return f"{half},{rise} C {half},{depth * 0.62} {half * 0.6},{depth} 0,{depth}"


def cowl(neck: Neck) -> Flat:
    """Return cloth that falls in swags from shoulder to shoulder."""
    half, depth = neck.half, neck.depth
    drop = depth + 8.5
    swag = whole(
        f"M 0,{depth} C {half * 0.45},{depth} {half * 0.82},{depth * 0.55} {half},0"
        f" L {half + 3.4},.9 C {half + 1},{depth * 0.8} {half * 0.6},{drop} 0,{drop}"
    )
    return (Piece(swag, edge=Pen.SEAM), *(_swag(half, depth, i) for i in (0.5, 1.4, 2.4, 3.6)))


def swags() -> Flat:
    """Return the folds of a cowl that hangs between two straps."""
    marks = (_swag(9, 4.8, below) for below in (0.8, 1.7, 2.7, 3.9))
    return tuple(replace(m, path=m.path.bent(lambda p: (p[0], p[1] + 13.6))) for m in marks)


def _swag(half: float, depth: float, below: float) -> Mark:
    """Return a fold that hangs between the shoulders and is widest where it hangs lowest."""
    x, y = half + 0.8 * below, 0.5 * below
    low = 2 * (depth + 2.3 * below) - y
    line = f"M {-x},{y} Q 0,{low} {x},{y} Q 0,{low + 1.7} {-x},{y} Z"
    return Mark(path(line), Pen.FOLD)


def tall(neckline: Neckline, *, back: bool) -> Flat:
    """Return the standing part of a turtle or mock neck, none for others."""
    if neckline not in (Neckline.TURTLE, Neckline.MOCK):
        return ()
    high = 8.5 if neckline is Neckline.TURTLE else 4.5
    low = 2.6 if back else 4.5
    tube = whole(
        f"M 0,{-high + 0.8} C 3,{-high + 0.8} 5.5,{-high + 0.4} 6.6,{-high}"
        f" C 6.2,{-high * 0.6} 6.6,-2 7.6,.3 C 7.2,{low * 0.6} 4.5,{low} 0,{low}"
    )
    ribs = tuple(
        Mark(path(f"M {x},{-high + 1.2} L {x * 1.08},{low - abs(x) * 0.22}"), Pen.STITCH)
        for x in (-4.5, -3, -1.5, 0, 1.5, 3, 4.5)
    )
    fold = path(f"M -6.4,{-high * 0.45} C -3,{-high * 0.3} 3,{-high * 0.3} 6.4,{-high * 0.45}")
    turned = (Mark(fold, Pen.SEAM),) if neckline is Neckline.TURTLE else ()
    return (Piece(tube, Cloth.TRIM), *ribs, *turned)
