"""The body of whatever is worn on the trunk: shoulders, armholes, side seams, hem."""

from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.fashion.parts import Part
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, mirrored
from pipeline.sketch.path import Path, Point, path, polygon, uneven, whole
from pipeline.sketch.traits import Neckline

WAIST_AT = 42.0
HIP_AT = 62.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Torso:
    """Half widths in cm at each height; `hem` is how far the hem sags at the centre."""

    shoulder: float = 21.0
    slope: float = 4.6
    chest: float = 25.5
    armpit: float = 25.0
    waist: float = 24.5
    hip: float = 25.5
    length: float = 70.0
    hem: float = 1.2

    @property
    def tip(self) -> Point:
        return self.shoulder, self.slope

    @property
    def pit(self) -> Point:
        return self.chest, self.armpit

    def side(self, y: float) -> float:
        """Return the half width at a height below the armpit."""
        stops = ((self.armpit, self.chest), (WAIST_AT, self.waist), (HIP_AT, self.hip))
        for (y0, x0), (y1, x1) in pairwise(stops):
            if y <= y1:
                return x0 + (x1 - x0) * max(0.0, y - y0) / (y1 - y0)
        return self.hip


REGULAR = Torso()


def eased(torso: Torso, ease: float) -> Torso:
    """Return the torso wider or closer around the trunk; shoulders follow half-way."""
    return replace(
        torso,
        shoulder=torso.shoulder * (1 + (ease - 1) * 0.5),
        chest=torso.chest * ease,
        armpit=torso.armpit + (ease - 1) * 10,
        waist=torso.waist * ease,
        hip=torso.hip * ease,
    )


def armhole(torso: Torso) -> str:
    x, y = torso.tip
    bottom = torso.armpit
    inner = min(x, torso.chest) - 2.6
    return (
        f"L {x},{y} C {inner},{y + (bottom - y) * 0.35} {inner},{y + (bottom - y) * 0.75}"
        f" {torso.chest},{bottom}"
    )


def armbands(torso: Torso, width: float = 2.4) -> Flat:
    """Return ribs along both armholes of what has no sleeves."""
    edge = list(path(f"M {torso.shoulder - 0.1},{torso.slope} {armhole(torso)}").points())
    inner = [(x - width * (1 if y < torso.armpit - 4 else 0.6), y + 0.7) for x, y in edge]
    band = Piece(polygon((*edge, *reversed(inner))), Cloth.TRIM, edge=Pen.SEAM, part=Part.CUFF)
    return (band, *mirrored((band,)))


def sides_of(torso: Torso) -> str:
    """Return the side seam and the hem, from the armpit to the centre."""
    end, chest, waist = torso.length, torso.chest, torso.waist
    if end <= WAIST_AT + 6:
        x = torso.side(end)
        seam = f"C {chest - 0.6},{torso.armpit + 6} {x},{end - 7} {x},{end}"
    else:
        seam = (
            f"C {chest - 0.4},{torso.armpit + 7} {waist},{WAIST_AT - 7} {waist},{WAIST_AT}"
            f" C {waist},{WAIST_AT + 8} {torso.hip},{min(HIP_AT, end) - 7} {torso.hip},{end}"
        )
        x = torso.hip
    return f"{seam} C {x * 0.6},{end + torso.hem} {x * 0.3},{end + torso.hem} 0,{end + torso.hem}"


def hem_stitch(torso: Torso, above: float = 2.2) -> Flat:
    y, x = torso.length - above, torso.side(torso.length - above) - 0.2
    low = y + torso.hem
    line = path(f"M {-x},{y} C {-x * 0.5},{low} {x * 0.5},{low} {x},{y}")
    return (Mark(line, Pen.STITCH),)


def hem_rib(torso: Torso, height: float = 6.0, pull: float = 1.8) -> Flat:
    """Return a knitted band below the hem, narrower than the body."""
    x, y, low = torso.side(torso.length), torso.length, torso.length + torso.hem
    band = whole(
        f"M 0,{low} C {x * 0.3},{low} {x * 0.6},{low} {x},{y}"
        f" C {x},{y + 2} {x - pull},{y + 2} {x - pull},{y + height}"
        f" C {x * 0.6},{y + height + torso.hem} {x * 0.3},{low + height} 0,{low + height}"
    )
    count = 16
    at = [(-x + pull * 1.4) + 2 * (x - pull * 1.4) * i / count for i in range(count + 1)]
    ribs = tuple(
        Mark(path(f"M {a},{y + 1.6} L {a * 0.985},{y + height + 0.2}"), Pen.STITCH) for a in at
    )
    return (Piece(band, Cloth.TRIM), *ribs)


def held_up(torso: Torso, neckline: Neckline, side: str) -> tuple[Path, Flat, Flat]:
    """Return (outline, behind, before) of a bodice that does not hang from the shoulders."""
    chest, pit = torso.chest, torso.armpit
    match neckline:
        case Neckline.HALTER:
            top = f"M 0,9 Q 3.2,4 4.4,-1 L 8.2,-.4 C 9.5,10 14,19 {chest},{pit}"
            strap = whole(
                "M 0,-3.4 C 3,-3.4 4.6,-3 5.6,-1.4 L 8.2,-.4 L 4.4,-1 C 3.4,-1.8 2,-2 0,-2"
            )
            behind: Flat = (Piece(strap, Cloth.PLAIN),)
            before: Flat = ()
        case Neckline.SWEETHEART:
            top = f"M 0,19 C 2,13.6 9,10.6 13,13.4 C 16,15.6 19,19.6 {chest},{pit}"
            behind, before = _rear(chest, pit), ()
        case Neckline.STRAPS:
            top = f"M 0,18.4 C 3,15.6 8,13.4 12,12 C 14,16 18,20.4 {chest},{pit}"
            behind, before = (*_rear(chest, pit), *_straps(rear=True)), _straps(rear=False)
        case Neckline.OFF_SHOULDER:
            top = f"M 0,16 C 8,16 16,14.6 {torso.shoulder + 2},11 L {chest},{pit + 2}"
            behind, before = _rear(chest, pit), _flounce(torso)
        case Neckline.ONE_SHOULDER:
            right = f"M 0,10.5 C 4,8 8,4 {torso.shoulder - 7.5},{torso.slope - 1.6}"
            left = f"M 0,10.5 C 7,15 16,19.4 {chest},{pit} {side}"
            outline = uneven(f"{right} {armhole(torso)} {side}", left)
            return outline, _rear(chest, pit), ()
        case _:
            top = f"M 0,16.4 C 8,16.4 16,17.4 {chest},{pit}"
            behind, before = _rear(chest, pit), ()
    return whole(f"{top} {side}"), behind, before


def _rear(chest: float, pit: float) -> Flat:
    top = pit - 4
    rear = whole(f"M 0,{top} C 8,{top} 16,{top - 1} {chest - 0.4},{pit} L 0,{pit + 6}")
    return (Piece(rear, Cloth.LINING),)


def _straps(*, rear: bool) -> Flat:
    x, foot = (9.5, 21.0) if rear else (12.0, 12.6)
    strap = path(
        f"M {x - 0.6},{foot} C {x - 0.4},8 10.6,3 11,-.6 L 12,-.6 C 12,3 {x + 0.6},8"
        f" {x + 0.6},{foot} Z"
    )
    cloth = Cloth.LINING if rear else Cloth.PLAIN
    return (
        Piece(strap, cloth, edge=Pen.SEAM),
        Piece(strap.mirrored(), cloth, edge=Pen.SEAM),
    )


def _flounce(torso: Torso) -> Flat:
    wide = torso.shoulder + 5
    fall = whole(
        f"M 0,16 C 8,16 16,14.6 {torso.shoulder + 2},11 C {wide + 1},13"
        f" {wide + 2.4},18 {wide + 2.6},25"
        f" C {wide - 4},28.6 {wide - 10},27 {wide - 14},29 C 8,31 5,29 0,29.6"
    )
    return (Piece(fall),)
