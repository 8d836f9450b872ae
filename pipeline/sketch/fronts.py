"""Closures down the front, pockets, and the folds of worn cloth."""

from pipeline.sketch.chance import Chance
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, both, button, fold
from pipeline.sketch.path import path
from pipeline.sketch.torso import WAIST_AT, Torso
from pipeline.sketch.traits import Closure


def closed(
    closure: Closure, top: float, bottom: float, *, count: int = 6, placket: bool = True
) -> Flat:
    """Return a closure from `top` to `bottom`, in cm below the shoulder."""
    match closure:
        case Closure.BUTTONS:
            return _buttoned(top, bottom, count, placket=placket)
        case Closure.ZIP:
            return _zipped(top, bottom)
        case Closure.DOUBLE:
            return _double(top, bottom)
        case Closure.OPEN:
            return _open(top, bottom)
        case Closure.WRAP | Closure.NONE:
            return ()


def _buttoned(top: float, bottom: float, count: int, *, placket: bool) -> Flat:
    edge = path(f"M 1.7,{top} L 1.7,{bottom}")
    stitches = (Mark(path(f"M -1.7,{top} L -1.7,{bottom}"), Pen.STITCH),) if placket else ()
    gap = (bottom - top) / (count + 0.4)
    buttons = tuple(button(0, top + gap * (i + 0.5)) for i in range(count))
    return (Mark(edge, Pen.SEAM), *stitches, *buttons)


def _zipped(top: float, bottom: float) -> Flat:
    teeth = path(f"M -.55,{top} L .55,{top} L .55,{bottom} L -.55,{bottom} Z")
    pull = path(f"M -.8,{top + 1} L .8,{top + 1} L .5,{top + 5} L -.5,{top + 5} Z")
    middle = path(f"M 0,{top} L 0,{bottom}")
    stitch = path(f"M 2,{top} L 2,{bottom}")
    return (
        Piece(teeth, Cloth.METAL, edge=Pen.DETAIL),
        Mark(middle, Pen.STITCH),
        Piece(pull, Cloth.METAL, edge=Pen.DETAIL),
        *both(Mark(stitch, Pen.STITCH)),
    )


def _double(top: float, bottom: float) -> Flat:
    edge = path(f"M 1,{top - 2} C 6,{top - 1} 7.6,{top + 2} 7.6,{top + 6} L 7.6,{bottom}")
    rows = [y for i in range(3) if (y := top + 1.2 + 9.6 * i) < bottom - 6]
    buttons = tuple(button(x, y, 1.1) for y in rows for x in (-4.6, 4.6))
    return (Mark(edge, Pen.SEAM), *buttons)


def _open(top: float, bottom: float) -> Flat:
    gap = path(f"M 0,{top} L 3.4,{bottom} C 1,{bottom + 0.6} -1,{bottom + 0.6} -3.4,{bottom} Z")
    bands = path(f"M 3,{top - 2} L 6.6,{bottom}")
    return (Piece(gap, Cloth.LINING), *both(Mark(bands, Pen.SEAM)))


def chest_pocket(*, flap: bool = False) -> Piece | Mark:
    outline = "M 8,21 L 18,21 L 18,31 L 13,33 L 8,31 Z"
    return Mark(path(outline + (" M 8,21 L 8,23.6 L 13,25.4 L 18,23.6 L 18,21" if flap else "")))


def welts(y: float, *, flap: bool) -> Flat:
    """Return slanted or flapped hip pockets whose opening is at height `y`."""
    if flap:
        shape = path(
            f"M 8.6,{y} L 19.6,{y - 0.8} L 19.8,{y + 4.4} C 16,{y + 5.4} 12,{y + 5.6}"
            f" 8.8,{y + 5.2} Z"
        )
        return both(Piece(shape, Cloth.SHELL, edge=Pen.SEAM))
    slit = path(f"M 12,{y - 6} L 17.4,{y + 8} L 19.2,{y + 7.4} L 13.8,{y - 6.6} Z")
    return both(Mark(slit, Pen.SEAM))


def patches(y: float, width: float = 13.0) -> Flat:
    """Return two patch pockets, stitched on, with their top at `y`."""
    outline = path(
        f"M 5.6,{y} L {5.6 + width},{y} L {5.8 + width},{y + 14}"
        f" C {5 + width},{y + 16} 7,{y + 16} 5.4,{y + 14} Z"
    )
    stitch = path(f"M 6.2,{y + 2} L {5 + width},{y + 2}")
    return both(Mark(outline, Pen.SEAM), Mark(stitch, Pen.STITCH))


def kangaroo(bottom: float) -> Flat:
    top = bottom - 19
    outline = path(
        f"M -9,{top} L 9,{top} C 10,{top + 6} 13,{top + 10} 16.4,{top + 12} L 16.4,{bottom}"
        f" L -16.4,{bottom} L -16.4,{top + 12} C -13,{top + 10} -10,{top + 6} -9,{top} Z"
    )
    stitch = path(f"M 8,{top + 0.6} C 9,{top + 6.6} 12,{top + 11} 15.6,{top + 13}")
    return (Mark(outline, Pen.SEAM), *both(Mark(stitch, Pen.STITCH)))


def drape(torso: Torso, chance: Chance) -> Flat:
    """Return the folds that the arm and the waist pull into the cloth."""

    def side(sign: int) -> Flat:
        x, y = torso.chest, torso.armpit
        reach = chance.between(7, 13, "armpit", sign)
        fall = chance.between(2, 9, "fall", sign)
        folds = [
            fold(
                f"{sign * (x - 1.4)},{y + 1.6} {sign * (x - reach * 0.6)},{y + 2.4} "
                f"{sign * (x - reach)},{y + fall}",
                sign * -0.9,
            )
        ]
        bottom = min(torso.length, 75.0)
        if bottom > WAIST_AT + 8:
            w = torso.side(WAIST_AT + 3)
            deep = chance.between(6, 12, "waist", sign)
            folds.append(
                fold(
                    f"{sign * (w - 0.9)},{WAIST_AT + 2} {sign * (w - deep * 0.5)},{WAIST_AT + 3.6} "
                    f"{sign * (w - deep)},{WAIST_AT + chance.between(1, 8, 'w', sign)}",
                    sign * -0.8,
                )
            )
            at = chance.between(5, torso.side(bottom) - 6, "hem", sign)
            high = chance.between(8, 17, "high", sign)
            folds.append(
                fold(
                    f"{sign * at},{bottom - 3} {sign * (at + 0.6)},{bottom - high * 0.5} "
                    f"{sign * (at - 1)},{bottom - high}",
                    0.9,
                )
            )
        return tuple(folds)

    return (*side(1), *side(-1))
