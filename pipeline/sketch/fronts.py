"""Closures down the front, and the folds of worn cloth."""

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
