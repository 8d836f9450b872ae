"""Backs that are cut open, and what holds them."""

from pipeline.sketch.flat import Cloth, Flat, Pen, Piece, both, button
from pipeline.sketch.neck import Neck
from pipeline.sketch.path import Path, path, whole
from pipeline.sketch.torso import Torso
from pipeline.sketch.traits import Back, Neckline

_DEPTHS = {Back.OPEN: 37.0, Back.LOW: 30.0, Back.V: 33.0}


def opened(back: Back | None, half: float, most: float) -> Neck | None:
    """Return the opening of a back that hangs from the shoulders; `most` is its width there."""
    wide = min(half + 1.5, most)
    match back:
        case Back.OPEN:
            return Neck(wide, 37, f"C {wide * 1.25},37 {wide * 1.3},14 {wide},0")
        case Back.LOW:
            return Neck(wide, 29, f"C {wide * 0.85},29 {wide * 1.05},12 {wide},0")
        case Back.V:
            return Neck(wide, 33, f"L {wide},0")
        case _:
            return None


def rear(torso: Torso, neckline: Neckline, back: Back | None, side: str) -> tuple[Path, Flat]:
    """Return (outline, straps) of the back of a bodice that is held up otherwise."""
    usual = torso.armpit + (6 if neckline is Neckline.HALTER else -3)
    low = _DEPTHS.get(back, usual) if back else usual
    high = max(torso.armpit, low - 12) if low > torso.armpit + 6 else torso.armpit
    edge = f"M 0,{low} C {torso.chest * 0.4},{low} {torso.chest * 0.8},{(low + high) / 2 + 1}"
    top = f"{edge} {torso.chest},{torso.armpit}"
    outline = whole(f"{top} {side}")
    return outline, _straps(low, crossed=back is Back.RACER) if neckline is Neckline.STRAPS else ()


def racer(torso: Torso, side: str) -> Path:
    """Return a back whose armholes are cut in to the shoulder blades."""
    x, pit = torso.chest, torso.armpit
    return whole(
        f"M 0,9 C 4,8.6 7,5 8.4,0 L 12.4,.9 C 10,8 6.2,13 6.6,18"
        f" C 7,{pit - 3} {x * 0.6},{pit - 0.6} {x},{pit} {side}"
    )


def keyhole() -> Flat:
    """Return a drop that is open below the neck, closed by a button."""
    drop = path("M 0,4 C 1.4,6 3.4,9.4 3.4,13 C 3.4,16 1.8,17.6 0,17.6 L 0,4 Z")
    left = Piece(drop.mirrored(), Cloth.LINING, edge=Pen.SEAM)
    return (Piece(drop, Cloth.LINING, edge=Pen.SEAM), left, button(0, 3.4, 0.7))


def _straps(low: float, *, crossed: bool) -> Flat:
    foot = -9.5 if crossed else 9.5
    strap = path(f"M {foot - 0.6},{low} L 11,-.6 L 12,-.6 L {foot + 0.8},{low} Z")
    return both(Piece(strap, Cloth.PLAIN, edge=Pen.SEAM))
