"""Collars, lapels and hoods, with the neck opening each one needs."""

from dataclasses import dataclass

from pipeline.fashion.parts import Part
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, both, of
from pipeline.sketch.neck import Neck
from pipeline.sketch.path import path, whole
from pipeline.sketch.traits import Collar

_SHIRT_NECK = Neck(7.6, 6, "C 4.5,6 7,3.5 7.6,0")
_CHILD_NECK = Neck(8.4, 8, "C 5,8 8.2,5 8.4,0")
_REAR_NECK = Neck(7.6, 1.6, "C 4.5,1.6 7,1 7.6,0")


@dataclass(frozen=True, slots=True)
class Collared:
    """A collar: the opening below it, what lies behind the body and what before it."""

    neck: Neck
    behind: Flat
    before: Flat


def collared(collar: Collar, *, back: bool, stance: float = 34.0) -> Collared | None:
    """Return how a collar is drawn; `stance` is where lapels end, in cm below the shoulder."""
    if collar is Collar.NONE:
        return None
    return _from_behind(collar) if back else _from_before(collar, stance)


def _from_before(collar: Collar, stance: float) -> Collared:
    match collar:
        case Collar.STAND | Collar.RIB | Collar.FUNNEL:
            high = 7.5 if collar is Collar.FUNNEL else 4.0
            drawn = _stand_lining(-high), _stand(high, rib=collar is Collar.RIB)
        case Collar.PETER_PAN:
            return Collared(_CHILD_NECK, _neck_lining(8.4, 8.6), _peter_pan())
        case Collar.NOTCH | Collar.PEAK | Collar.SHAWL:
            neck = Neck(8, stance, f"Q 5.4,{stance * 0.52} 8,0")
            return Collared(neck, _neck_lining(8, stance), _LAPELS[collar](stance))
        case Collar.HOOD:
            drawn = (), _hood()
        case _:
            drawn = _stand_lining(-3.6), _points()
    return Collared(_SHIRT_NECK, *drawn)


def _from_behind(collar: Collar) -> Collared:
    centre: Flat = ()
    match collar:
        case Collar.HOOD:
            shape = "M 0,-26 C 9,-26 14.6,-19 14,-9 C 13.6,-4 12,0 10,2.4 C 7,4.6 3,5.4 0,5.6"
            centre = (Mark(path("M 0,-26 L 0,5.6")),)
        case Collar.STAND | Collar.RIB | Collar.FUNNEL:
            high = 7.5 if collar is Collar.FUNNEL else 4
            shape = (
                f"M 0,{-high - 0.4} C 3,{-high - 0.4} 5,{-high - 0.2} 6.4,{-high}"
                " L 7.6,.2 C 5,1.8 2,2.2 0,2.2"
            )
        case _:
            shape = "M 0,-4.8 C 3,-4.8 5.5,-4.4 6.6,-3.6 L 10,1.8 C 6.5,4 3,4.6 0,4.6"
    cloth = Cloth.SHELL if collar is Collar.HOOD else Cloth.TRIM
    part = Part.HOOD if collar is Collar.HOOD else Part.COLLAR
    return Collared(_REAR_NECK, (), of(part, (Piece(whole(shape), cloth), *centre)))


def _stand_lining(top: float) -> Flat:
    inside = whole(f"M 0,{top - 1.2} C 3,{top - 1.2} 5,{top - 0.8} 6.3,{top} C 6.4,0 4,4.6 0,6.4")
    seam = path(f"M -6,{top + 3} C -3,{top + 4.4} 3,{top + 4.4} 6,{top + 3}")
    return (Piece(inside, Cloth.LINING), Mark(seam, Pen.SEAM))


def _neck_lining(half: float, depth: float) -> Flat:
    inside = whole(
        f"M 0,-4.8 C 3,-4.8 5.4,-4.4 6.6,-3.6 L {half + 1.5},2"
        f" C {half},{depth * 0.5} 3,{depth - 2} 0,{depth + 2}"
    )
    seam = path("M -7,-.6 C -3,1 3,1 7,-.6")
    return (Piece(inside, Cloth.LINING), Mark(seam, Pen.SEAM))


def _points() -> Flat:
    leaf = path(
        "M .3,4.6 C 3,3.4 5.6,0 6.3,-3.8 C 7.6,-2.6 9,-.6 9.6,1.4 C 9,5 8,8.4 6.8,11.2 L .3,4.6 Z"
    )
    stitch = path("M 1.2,4.8 L 6.6,10.2 C 7.6,7.8 8.4,5 8.8,1.6")
    return both(Piece(leaf, Cloth.TRIM), Mark(stitch, Pen.STITCH))


def _stand(high: float, *, rib: bool) -> Flat:
    leaf = path(
        f"M .2,6.6 C 4.8,6.5 7.4,4 8,0 L 6.3,{-high} C 5.8,{-high + 3} 3,{-high + 6}"
        f" .2,{-high + 6.6} Z"
    )
    if not rib:
        stitch = path("M .8,5 C 3.4,4.4 6,2 7,-.2")
        return both(Piece(leaf, Cloth.TRIM), Mark(stitch, Pen.STITCH))
    ribs = tuple(
        Mark(path(f"M {x},{-high + 6.6 - x * 0.85} L {x * 1.18},{6 - x * 0.55}"), Pen.STITCH)
        for x in (1.2, 2.6, 4.0, 5.2)
    )
    return both(Piece(leaf, Cloth.TRIM), *ribs)


def _peter_pan() -> Flat:
    leaf = path(
        "M .2,8 C 5,7.4 8,4.4 8.2,-.6 L 11.4,.8 C 14.2,6.4 10.6,14 5.6,14 C 2.6,14 .6,11.6 .2,8 Z"
    )
    return both(Piece(leaf, Cloth.TRIM))


def _lapels(stance: float) -> Flat:
    lapel = path(
        f"M .2,{stance} C 5,{stance - 6} 12,24 13.8,15.2 L 8.9,12.4 C 8.4,7 7.8,3 7.2,0"
        f" C 6.4,8 3,{stance * 0.55} .2,{stance} Z"
    )
    collar = path(
        "M 6.4,-3.8 C 7.4,1 8.4,7 8.9,12.4 L 13.2,10.8 C 12.8,6 11.4,1.4 9.8,-.8"
        " C 8.8,-2.4 7.6,-3.4 6.4,-3.8 Z"
    )
    return both(Piece(lapel, part=Part.LAPEL), Piece(collar, Cloth.TRIM))


def _peaks(stance: float) -> Flat:
    """Return lapels whose corners point up beyond the collar."""
    lapel = path(
        f"M .2,{stance} C 6,{stance - 7} 14,22 17,6.6 L 12.6,9.6 L 9,11.8 C 8.4,7 7.8,3 7.2,0"
        f" C 6.4,8 3,{stance * 0.55} .2,{stance} Z"
    )
    collar = path(
        "M 6.4,-3.8 C 7.4,1 8.4,7 9,11.8 L 12.6,9.6 C 12.2,5.4 11.2,1.4 9.8,-.8"
        " C 8.8,-2.4 7.6,-3.4 6.4,-3.8 Z"
    )
    return both(Piece(lapel, part=Part.LAPEL), Piece(collar, Cloth.TRIM))


def _shawl(stance: float) -> Flat:
    lapel = path(
        f"M .2,{stance} C 8,{stance - 7} 13.4,20 12.6,9 C 12.2,3 10,-2 6.4,-3.8"
        f" C 7.6,4 4,{stance * 0.6} .2,{stance} Z"
    )
    return both(Piece(lapel, Cloth.TRIM))


def _hood() -> Flat:
    outer = whole("M 0,-26 C 9,-26 15,-19 14.4,-9 C 14,-3 12,1.4 9.6,4 C 6.5,8 3,10.2 0,10.8")
    opening = whole("M 0,-19.6 C 6,-19.6 9.4,-14 9,-7 C 8.6,-1.4 4.4,5.4 0,9")
    edge = path("M 0,-21.6 C 7.2,-21.6 11,-15 10.6,-7.4 C 10.2,-1.4 6.6,4.6 3.4,8")
    seam = path("M 0,-17 C 3.8,-17 6.4,-12.6 6.2,-7 C 6,-3 3.4,1.4 0,3.6")
    cord = path("M 4.2,7 C 5,11 4.6,16 4.9,21 L 5.7,21 C 5.5,16 5.9,11 5,6.4 Z")
    drawn = (
        Piece(outer),
        Piece(opening, Cloth.LINING),
        *both(
            Mark(edge, Pen.STITCH),
            Mark(seam, Pen.SEAM),
            Piece(cord, Cloth.TRIM, edge=Pen.DETAIL, part=Part.CORD),
        ),
    )
    return of(Part.HOOD, drawn)


_LAPELS = {Collar.NOTCH: _lapels, Collar.PEAK: _peaks, Collar.SHAWL: _shawl}
LAPELLED = frozenset(_LAPELS)
