"""Skirts, and the lower half of dresses."""

from dataclasses import dataclass, replace

from pipeline.fashion.parts import Part
from pipeline.sketch.chance import Chance
from pipeline.sketch.cuts import says
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, both, button, fold, of
from pipeline.sketch.path import path, whole
from pipeline.sketch.pockets import pocketed
from pipeline.sketch.regions import trunk
from pipeline.sketch.traits import Fabric, Length, Traits
from pipeline.sketch.trousers import belt

LENGTHS = {
    Length.CROPPED: 38.0,
    Length.MINI: 40.0,
    Length.REGULAR: 56.0,
    Length.KNEE: 58.0,
    Length.MIDI: 78.0,
    Length.ANKLE: 92.0,
    Length.LONG: 92.0,
    Length.MAXI: 101.0,
}
"""How far below the waist each length ends, in cm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """How cloth falls from the waist; half widths and lengths in cm.

    `spread` is how much half width comes with each cm of length below the hip.
    """

    waist: float = 18.5
    hip: float = 25.5
    hip_at: float = 20.0
    spread: float = 0.14
    length: float = 58.0
    sag: float = 1.6
    waves: int = 0

    @property
    def hem(self) -> float:
        return self.hip + max(self.length - self.hip_at, 0) * self.spread


_FALLS = {
    "a-line": Fall(spread=0.27, hip=24.5),
    "pencil": Fall(spread=-0.07, hip=25),
    "mini": Fall(spread=0.2, hip=25, length=40),
    "denim": Fall(spread=0.12, hip=25, length=46),
    "pleated": Fall(spread=0.3, hip=25, length=54, sag=1),
    "circle": Fall(spread=0.6, hip=28, hip_at=13, length=56, waves=5, sag=4),
    "wrap": Fall(spread=0.2, hip=25, length=66),
    "tiered": Fall(spread=0.32, hip=26, length=78, sag=2),
    "slip": Fall(spread=0.1, hip=25, length=78, sag=2),
    "mermaid": Fall(spread=0.0, hip=25, length=92, waves=4, sag=3),
}


def skirt(traits: Traits, chance: Chance, *, back: bool) -> Flat:
    """Draw a skirt; its waist lies at y = 0."""
    base = _FALLS[traits.cut]
    length = LENGTHS[traits.length] if traits.length else base.length
    spread = base.spread if base.spread <= 0 else base.spread * traits.flare
    fall = replace(
        base,
        waist=base.waist * (1 + (traits.ease - 1) * 0.4),
        hip=base.hip * traits.ease,
        spread=spread,
        length=length,
    )
    body = whole(f"M 0,.6 L {fall.waist},0 {outline(fall, flared=traits.cut == 'mermaid')}")
    pockets = pocketed(traits.pockets, 16, length) if traits.pockets and not back else ()
    return (
        *_inner(fall, back=back),
        *trunk(body, traits.parts, back=back, waist=0),
        *inner_lines(seamed(traits), fall, chance, back=back),
        *pockets,
        *(() if back or not traits.slit else slit(fall)),
        *of(Part.WAISTBAND, _waistband(traits, fall, back=back)),
        *(belt(fall.waist, buckled=not back) if traits.belted else ()),
    )


def outline(fall: Fall, *, flared: bool = False, top: float = 0.0) -> str:
    """Return the side and the hem from the waist, whose height is `top`, to the centre."""
    waist, hip, hem, end = fall.waist, fall.hip, fall.hem, top + fall.length
    at = top + min(fall.hip_at, fall.length * 0.5)
    if flared:
        knee, flare = top + fall.length * 0.62, hip * 1.75
        side = (
            f"C {waist + 3},{top + 6} {hip},{at - 6} {hip},{at}"
            f" C {hip},{at + 12} {hip - 5},{knee - 14} {hip - 4.4},{knee}"
            f" C {hip - 3.6},{knee + 10} {flare - 6},{end - 8} {flare},{end - 2}"
        )
        return f"{side} {_hem(flare, end, fall)}"
    side = (
        f"C {waist + (hip - waist) * 0.45},{top + (at - top) * 0.3}"
        f" {hip - fall.spread * 7},{at - (at - top) * 0.35} {hip},{at}"
        f" C {hip + (hem - hip) * 0.3},{at + (end - at) * 0.3}"
        f" {hip + (hem - hip) * 0.7},{at + (end - at) * 0.68} {hem},{end - fall.sag * 0.8}"
    )
    return f"{side} {_hem(hem, end, fall)}"


def _hem(hem: float, end: float, fall: Fall) -> str:
    if not fall.waves:
        low = end + fall.sag
        return f"C {hem * 0.62},{low} {hem * 0.3},{low} 0,{low}"
    n = fall.waves
    text = ""
    for i in range(n):
        x0, x1 = hem * (1 - i / n), hem * (1 - (i + 1) / n)
        y = end + fall.sag * (1 - ((x1 / hem) ** 2))
        dip = 2.4 if i % 2 == 0 else -1.6
        text += f" C {x0 * 0.72 + x1 * 0.28},{y + dip} {x0 * 0.3 + x1 * 0.7},{y + dip} {x1},{y}"
    return text


def seamed(traits: Traits) -> str:
    """Return the cut whose inner lines are drawn: pleats go before those of the cut."""
    tiered = "tiered" if says(traits.finish, "tiered") else traits.cut
    return "pleated" if traits.pleated else tiered


def slit(fall: Fall, top: float = 0.0) -> Flat:
    """Return the opening of a side slit in front, and what shows through it."""
    end = top + fall.length + fall.sag * 0.7
    x, high = fall.hem * 0.46, end - fall.length * 0.48
    gap = path(
        f"M {x * 0.9},{high} Q {x * 0.97},{(high + end) / 2} {x},{end} L {x + 5},{end - 0.6}"
    )
    return (Piece(gap, Cloth.LINING, edge=Pen.SEAM),)


def inner_lines(cut: str, fall: Fall, chance: Chance, *, back: bool, top: float = 0.0) -> Flat:
    """Return the seams, pleats and folds of the skirt."""
    match cut:
        case "pleated":
            return _pleats(fall, top)
        case "tiered" | "maxi":
            return _tiers(fall, top, chance)
        case "wrap":
            return (*_hem_stitch(fall, top), *(() if back else _wrapped(fall, top)))
        case "denim":
            return (*_hem_stitch(fall, top), *_denim(fall, back=back))
        case "pencil" | "sheath" | "bodycon":
            return (
                *_hem_stitch(fall, top),
                *_pencil(fall, top, back=back),
                *_few(fall, top, chance),
            )
        case _:
            return (*_hem_stitch(fall, top), *folds(fall, top, chance))


def folds(fall: Fall, top: float, chance: Chance) -> Flat:
    """Return folds that rise from the hem; the wider the skirt, the more and the longer."""
    end, hem = top + fall.length, fall.hem
    count = 3 + round(fall.spread * 14) + fall.waves
    items: list[Mark] = []
    for i in range(count):
        part = -0.84 + 1.68 * (i + chance.between(0.25, 0.75, "fold", i)) / count
        rise = fall.length * chance.between(0.3, 0.72, "rise", i) * (0.6 + 0.8 * fall.spread)
        foot = end + fall.sag * (1 - part * part) - 1.4
        up = max(rise / max(fall.length, 1), 0.1)
        narrow = part * (hem - (hem - fall.waist) * up * 0.92)
        x = part * hem
        items.append(
            fold(
                f"{x:.2f},{foot:.2f} {(x * 0.55 + narrow * 0.45):.2f},{foot - rise * 0.5:.2f}"
                f" {narrow:.2f},{foot - rise:.2f}",
                0.7 if i % 2 else -0.7,
            )
        )
    return tuple(items)


def _few(fall: Fall, top: float, chance: Chance) -> Flat:
    y, x = top + fall.hip_at, fall.hip
    tilt = chance.between(1, 6, "tilt")
    return (
        fold(f"{x - 1},{y} {x * 0.6},{y + 1} {x * 0.4},{y + tilt}", 0.5),
        fold(f"{-x + 1},{y + 2} {-x * 0.6},{y + 3} {-x * 0.35},{y + 2 + tilt}", -0.5),
    )


def _hem_stitch(fall: Fall, top: float) -> Flat:
    if fall.waves:
        return ()
    end, x = top + fall.length - 2.6, fall.hem - 0.4
    low = end + fall.sag
    return (
        Mark(
            path(
                f"M {-x},{end - fall.sag * 0.8} C {-x * 0.5},{low} {x * 0.5},{low}"
                f" {x},{end - fall.sag * 0.8}"
            ),
            Pen.STITCH,
        ),
    )


def _pleats(fall: Fall, top: float) -> Flat:
    count = 8
    end = top + fall.length
    lines: list[Mark] = []
    for i in range(-count + 1, count):
        part = i / count
        x0, x1 = part * fall.waist, part * fall.hem
        xm = part * fall.hip
        foot = end + fall.sag * (1 - part * part) - 0.2
        lines.append(
            Mark(path(f"M {x0},{top + 0.8} Q {xm},{top + fall.hip_at * 0.8} {x1},{foot}"), Pen.SEAM)
        )
        lines.append(
            fold(
                f"{x1 + 0.4},{foot} {x1 * 0.9 + 0.6},{foot - 12}"
                f" {xm * 1.04},{top + fall.length * 0.5}",
                1.0,
            )
        )
    return tuple(lines)


def _tiers(fall: Fall, top: float, chance: Chance) -> Flat:
    items: list[Mark] = []
    for n, part in enumerate((0.34, 0.66)):
        y = top + fall.length * part
        x = fall.hip + max(0.0, y - top - fall.hip_at) * fall.spread - 0.3
        items.append(
            Mark(path(f"M {-x},{y - 1} C {-x * 0.5},{y + 1.6} {x * 0.5},{y + 1.6} {x},{y - 1}"))
        )
        for i in range(9):
            at = (-0.86 + 0.215 * i) * x + chance.between(-1, 1, "gather", n, i)
            deep = chance.between(5, 11, "deep", n, i)
            low = y + 1.4 * (1 - (at / x) ** 2)
            items.append(
                fold(f"{at},{low} {at * 1.01},{low + deep * 0.5} {at * 1.04},{low + deep}", 0.6)
            )
    return (*_hem_stitch(fall, top), *items)


def _wrapped(fall: Fall, top: float) -> Flat:
    end = top + fall.length
    edge = path(
        f"M {-fall.waist * 0.55},{top + 1} C {-2},{top + 18} 7,{top + fall.length * 0.6}"
        f" {fall.hem * 0.42},{end + fall.sag * 0.8}"
    )
    x = -fall.waist * 0.62
    bow = (
        path(
            f"M {x},{top + 1} C {x - 6},{top - 4} {x - 9},{top} {x - 7},{top + 3} C"
            f" {x - 5},{top + 5} {x - 2},{top + 3} {x},{top + 1} Z"
        ),
        path(
            f"M {x},{top + 1} C {x + 6},{top - 3} {x + 8},{top + 1} {x + 6},{top + 4} C"
            f" {x + 4},{top + 5} {x + 2},{top + 3} {x},{top + 1} Z"
        ),
        path(
            f"M {x - 0.6},{top + 2} C {x - 3},{top + 9} {x - 3},{top + 14}"
            f" {x - 5},{top + 20} L {x - 2.6},{top + 20.6} C {x - 1},{top + 14}"
            f" {x},{top + 9} {x + 0.8},{top + 2} Z"
        ),
        path(
            f"M {x},{top + 2} C {x + 2},{top + 8} {x + 3},{top + 12} {x + 3},{top + 17}"
            f" L {x + 5.2},{top + 16.6} C {x + 5},{top + 11} {x + 3},{top + 6}"
            f" {x + 1.2},{top + 2} Z"
        ),
    )
    pull = fold(
        f"{x + 3},{top + 4} {x + 14},{top + 16} {fall.hip * 0.6},{top + fall.hip_at + 12}", 0.9
    )
    return (Mark(edge), pull, *(Piece(p, Cloth.BELT, edge=Pen.SEAM) for p in bow))


def _denim(fall: Fall, *, back: bool) -> Flat:
    w, hip = fall.waist, fall.hip
    if back:
        pocket = path("M 4,11 L 16.5,10.4 L 17,21 L 10.6,25 L 4.4,21.4 Z")
        return both(Mark(pocket))
    pocket = path(f"M {w * 0.52},2 C {w * 0.58},9 {hip * 0.72},12.6 {hip - 1.2},12")
    stitch = path(f"M {w * 0.47},2 C {w * 0.53},10 {hip * 0.72},13.8 {hip - 1.4},13.2")
    fly = path("M 3.8,1 L 3.8,13 C 3.6,16 2,17.4 0,17.6")
    seam = path(f"M 0,1 L 0,{fall.length + fall.sag - 0.2}")
    return (Mark(seam), Mark(fly, Pen.STITCH), *both(Mark(pocket), Mark(stitch, Pen.STITCH)))


def _pencil(fall: Fall, top: float, *, back: bool) -> Flat:
    dart = path(f"M 8.6,{top + 1} L 9.4,{top + 12}")
    end = top + fall.length + fall.sag
    slit = (
        Mark(path(f"M 0,{end - 17} L 0,{end}")),
        Mark(path(f"M 0,{top + 1} L 0,{end - 17}"), Pen.DETAIL),
    )
    return (*both(Mark(dart, Pen.DETAIL)), *(slit if back else ()))


def _inner(fall: Fall, *, back: bool) -> Flat:
    if back:
        return ()
    rear = whole(f"M 0,-3 C 6,-3 12,-3.4 {fall.waist - 0.4},-4 L {fall.waist},0 L 0,.8")
    return (Piece(rear, Cloth.LINING),)


def _waistband(traits: Traits, fall: Fall, *, back: bool) -> Flat:
    dip = 0.0 if back else 1.0
    band = whole(
        f"M 0,{-3.4 + dip} C 6,{-3.4 + dip} 12,{-3.6 + dip * 0.6}"
        f" {fall.waist - 0.4},-4 L {fall.waist},.1 L 0,.9"
    )
    items: Flat = (Piece(band, Cloth.TRIM, edge=Pen.SEAM),)
    if traits.cut == "denim" or traits.fabric is Fabric.DENIM:
        loop = path("M 9.4,-3.6 L 10.8,-3.7 L 10.8,1.2 L 9.4,1.2 Z")
        items += both(Piece(loop, Cloth.TRIM, edge=Pen.DETAIL, part=Part.LOOP))
        return (*items, *(() if back else (button(0, -1),)))
    if traits.cut in ("mini", "a-line") and not back:
        return (*items, Mark(path("M 4,-2.8 L 4,.4"), Pen.DETAIL))
    return items
