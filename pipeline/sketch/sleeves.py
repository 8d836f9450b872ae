"""Sleeves: drawn for the right side of the picture, hanging from the shoulder."""

from dataclasses import dataclass
from math import cos, degrees, radians, sin

from pipeline.fashion.parts import Part
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, button, of
from pipeline.sketch.path import Point, path
from pipeline.sketch.traits import Puff, Reach

_LONG = 61.0
_REACH = {
    Reach.CAP: 9.0,
    Reach.SHORT: 21.0,
    Reach.ELBOW: 33.0,
    Reach.THREE_QUARTER: 45.0,
    Reach.LONG: _LONG,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Where a sleeve begins (shoulder tip, armpit), how it hangs and how wide it is, in cm.

    `swing` is in degrees above its usual hang, `cuff` the height of a cuff that is its own piece.
    """

    shoulder: Point
    armpit: Point
    ease: float = 1.0
    cuff: float = 0.0
    rib: bool = False
    swing: float = 0.0
    padded: bool = False


def sleeve(arm: Arm, reach: Reach, puff: Puff) -> Flat:
    """Return the right sleeve, its cuff and its stitches; nothing without sleeves."""
    if reach is Reach.NONE:
        return ()
    frame = _frame(arm, _REACH[reach])
    match puff:
        case Puff.PUFF | Puff.BALLOON:
            return _gathered(frame, reach)
        case Puff.BELL:
            return _bell(frame)
        case _:
            return _cap(frame) if reach is Reach.CAP else _plain(frame)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Points by (along, across): along the outer edge, across it towards the body."""

    arm: Arm
    length: float
    width: float
    angle: float

    def at(self, along: float, across: float) -> str:
        x, y = self.arm.shoulder
        return (
            f"{x + sin(self.angle) * along - cos(self.angle) * across:.2f},"
            f"{y + cos(self.angle) * along + sin(self.angle) * across:.2f}"
        )


def _frame(arm: Arm, length: float) -> _Frame:
    share = length / _LONG
    angle = 47 - 29 * share**0.7 + arm.swing
    width = (17.5 - 8.2 * share**1.2) * arm.ease
    return _Frame(arm, length - arm.cuff, width, radians(angle))


def _corners(arm: Arm) -> tuple[str, str]:
    """Return where the outline starts, and how it ends: at the armpit and on under the body."""
    (x, y), (u, v) = arm.shoulder, arm.armpit
    return f"{x},{y}", f"{u},{v} L {u - 7},{v - 2} L {x - 6},{y + 3} Z"


def _piece(frame: _Frame, outline: str, cloth: Cloth = Cloth.SHELL) -> Piece:
    return Piece(path(outline), cloth, grain=-degrees(frame.angle))


def _plain(frame: _Frame) -> Flat:
    start, end = _corners(frame.arm)
    at, length, width = frame.at, frame.length, frame.width
    body = _piece(
        frame,
        f"M {start} C {at(length * 0.12, -2.2)} {at(length * 0.5, -1.2)} {at(length, 0)}"
        f" C {at(length + 0.6, width * 0.35)} {at(length + 0.6, width * 0.65)} {at(length, width)}"
        f" C {at(length * 0.6, width + 0.8)} {at(length * 0.4, width + 1.2)} {end}",
    )
    if frame.arm.padded:
        return (body, *_quilts(frame))
    if frame.arm.cuff:
        return (body, *_cuff(frame))
    hem = path(f"M {at(length - 2.2, -0.2)} L {at(length - 2.2, width + 0.1)}")
    return (body, Mark(hem, Pen.STITCH))


def _cuff(frame: _Frame) -> Flat:
    at, top, width, rib = frame.at, frame.length, frame.width, frame.arm.rib
    bottom, pull = top + frame.arm.cuff, 1.2 if rib else 0.1
    cuff = _piece(
        frame,
        f"M {at(top, 0)} C {at(top + 1.5, pull)} {at(bottom - 1, pull)} {at(bottom, pull)}"
        f" L {at(bottom, width - pull)} C {at(bottom - 1, width - pull)}"
        f" {at(top + 1.5, width - pull)} {at(top, width)} Z",
        Cloth.TRIM,
    )
    if not rib:
        x, y = map(float, at(bottom - frame.arm.cuff / 2, 1.6).split(","))
        return of(Part.CUFF, (cuff, *((button(x, y, 0.6),) if frame.arm.cuff > 4 else ())))
    count = 6
    ribs = tuple(
        Mark(path(f"M {at(top + 0.6, x)} L {at(bottom - 0.4, x)}"), Pen.STITCH)
        for x in (pull + (width - 2 * pull) * i / count for i in range(1, count))
    )
    return of(Part.CUFF, (cuff, *ribs))


def _quilts(frame: _Frame) -> Flat:
    at, width = frame.at, frame.width
    steps = (9.0 * i for i in range(1, int(frame.length / 9)))
    return tuple(
        Mark(path(f"M {at(y, -1.2)} Q {at(y + 2, width * 0.5)} {at(y, width + 1.2)}"))
        for y in steps
    )


def _cap(frame: _Frame) -> Flat:
    start, end = _corners(frame.arm)
    at = frame.at
    body = _piece(
        frame, f"M {start} C {at(3, -1.5)} {at(7, -1)} {at(9, 1)} C {at(9, 6)} {at(9, 13)} {end}"
    )
    return (body, Mark(path(f"M {at(7.4, 0.2)} C {at(7.6, 6)} {at(8, 9)} {at(8, 13)}"), Pen.STITCH))


def _bell(frame: _Frame) -> Flat:
    start, end = _corners(frame.arm)
    at, length, width = frame.at, frame.length, frame.width
    out, low = width * 0.55, length * 0.55
    body = _piece(
        frame,
        f"M {start} C {at(length * 0.12, -2)} {at(low, 1)} {at(length, -out)}"
        f" C {at(length + 3, width * 0.1)} {at(length + 3.5, width)} {at(length, width + out)}"
        f" C {at(low, width - 0.5)} {at(length * 0.35, width + 1)} {end}",
    )
    folds = (
        Mark(
            path(
                f"M {at(length + 1.6, x)} Q {at(low * 1.2, x * 0.75 + 1.5)} {at(low, x * 0.5 + 3)}"
                f" Q {at(low * 1.2, x * 0.75 + 2)} {at(length + 1.6, x + 0.5)} Z"
            ),
            Pen.FOLD,
        )
        for x in (width * 0.15, width * 0.8)
    )
    return (body, *folds)


def _gathered(frame: _Frame, reach: Reach) -> Flat:
    start, end = _corners(frame.arm)
    at, length = frame.at, frame.length
    short = reach in (Reach.SHORT, Reach.CAP, Reach.ELBOW)
    swell = 6.5 if short else 2.0
    width = 14 if short else 9
    wide = width + (4 if short else 9)
    low = length * (0.65 if short else 0.82)
    body = _piece(
        frame,
        f"M {start} C {at(-4 if short else 1, -swell)} {at(low, -swell - 3)} {at(length, 1)}"
        f" L {at(length, width)} C {at(length - 1, wide + 2)} {at(low * 0.8, wide)} {end}",
    )
    band = _piece(
        frame,
        f"M {at(length, 1)} L {at(length + 2.6, 1.4)} L {at(length + 2.6, width - 0.4)}"
        f" L {at(length, width)} Z",
        Cloth.TRIM,
    )
    gathers = tuple(
        Mark(
            path(
                f"M {at(length, x)} Q {at(length - 3, x)} {at(length - 6, x - 0.6 + i)}"
                f" Q {at(length - 3, x + 0.3)} {at(length, x + 0.45)} Z"
            ),
            Pen.FOLD,
        )
        for i, x in enumerate((width * 0.25, width * 0.5, width * 0.75))
    )
    head = (
        Mark(path(f"M {start} Q {at(3, 1)} {at(7, 0)} Q {at(3, 1.6)} {start} Z"), Pen.FOLD),
        Mark(
            path(f"M {at(2.5, 3)} Q {at(6, 3.4)} {at(9, 3)} Q {at(6, 4)} {at(2.5, 3.5)} Z"),
            Pen.FOLD,
        ),
    )
    return (body, *of(Part.CUFF, (band,)), *gathers, *(head if short else ()))
