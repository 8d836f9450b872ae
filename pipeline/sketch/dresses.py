"""Dresses: a bodice over a skirt, cut in one outline."""

from dataclasses import dataclass, replace

from pipeline.sketch.chance import Chance
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, both, fold
from pipeline.sketch.fronts import closed
from pipeline.sketch.neck import Neck
from pipeline.sketch.path import path, whole
from pipeline.sketch.pockets import pocketed
from pipeline.sketch.regions import trunk
from pipeline.sketch.skirts import Fall, inner_lines, outline, seamed, slit
from pipeline.sketch.torso import Torso
from pipeline.sketch.traits import Closure, Collar, Length, Neckline, Puff, Reach, Traits
from pipeline.sketch.upper import HANGING, Build, bodice, settled

_CLOSE = Torso(shoulder=19, chest=22, armpit=23, waist=18.5, hip=24, length=102)
_EASY = Torso(shoulder=20, chest=24, armpit=24, waist=25, hip=28, length=92)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dress:
    """A bodice and the fall of its skirt; `waist_at` is where they meet, None for no waist."""

    build: Build
    fall: Fall
    waist_at: float = 40.0
    seam: bool = True
    flared: bool = False


def _bodice(
    neckline: Neckline,
    length: float,
    *,
    reach: Reach = Reach.NONE,
    torso: Torso = _CLOSE,
    collar: Collar = Collar.NONE,
    closure: Closure = Closure.NONE,
    puff: Puff = Puff.PLAIN,
) -> Build:
    return Build(
        torso=replace(torso, length=length),
        neckline=neckline,
        reach=reach,
        collar=collar,
        closure=closure,
        puff=puff,
    )


DRESSES: dict[str, Dress] = {
    "a-line": Dress(
        build=_bodice(Neckline.SCOOP, 98, reach=Reach.CAP), fall=Fall(spread=0.36, hip=24)
    ),
    "sheath": Dress(
        build=_bodice(Neckline.BOAT, 100),
        fall=Fall(waist=19.2, spread=-0.05, hip=23.4),
        seam=False,
    ),
    "bodycon": Dress(
        build=_bodice(
            Neckline.SQUARE, 88, torso=Torso(shoulder=17.5, chest=20.5, waist=16.5, hip=22)
        ),
        fall=Fall(waist=16.8, hip=21, spread=-0.08),
        seam=False,
    ),
    "shift": Dress(
        build=_bodice(Neckline.CREW, 90, reach=Reach.SHORT, torso=_EASY),
        fall=Fall(waist=25, hip=27.5, spread=0.1),
        seam=False,
    ),
    "slip": Dress(
        build=_bodice(Neckline.STRAPS, 112), fall=Fall(spread=0.14, hip=24, sag=2), seam=False
    ),
    "shirt-dress": Dress(
        build=_bodice(
            Neckline.CREW,
            104,
            reach=Reach.ELBOW,
            torso=Torso(shoulder=20.5, chest=24, waist=21, hip=25.5),
            collar=Collar.SHIRT,
            closure=Closure.BUTTONS,
        ),
        fall=Fall(waist=21, hip=26, spread=0.2),
    ),
    "wrap": Dress(
        build=_bodice(Neckline.V, 108, reach=Reach.THREE_QUARTER), fall=Fall(spread=0.22, hip=25)
    ),
    "empire": Dress(
        build=_bodice(Neckline.SQUARE, 100, reach=Reach.SHORT, puff=Puff.PUFF),
        fall=Fall(waist=20.5, hip=25, hip_at=18, spread=0.24),
        waist_at=30,
    ),
    "gown": Dress(
        build=_bodice(Neckline.STRAPS, 144),
        fall=Fall(waist=18, hip=23.5, spread=0.2, waves=4, sag=3),
    ),
    "ball-gown": Dress(
        build=_bodice(Neckline.SWEETHEART, 144),
        fall=Fall(waist=17.5, hip=27, hip_at=15, spread=0.47, waves=6, sag=4),
    ),
    "mermaid": Dress(
        build=_bodice(Neckline.SWEETHEART, 144),
        fall=Fall(waist=17.5, hip=23.5, spread=0.0, waves=5, sag=3),
        flared=True,
        seam=False,
    ),
    "pinafore": Dress(
        build=_bodice(Neckline.SQUARE, 92, torso=Torso(shoulder=15.5, chest=21, waist=19, hip=24)),
        fall=Fall(waist=19, spread=0.3),
    ),
    "maxi": Dress(
        build=_bodice(Neckline.V, 136, reach=Reach.SHORT, puff=Puff.PUFF),
        fall=Fall(spread=0.24, hip=25, sag=2),
    ),
}


def dress(traits: Traits, chance: Chance, *, back: bool) -> Flat:
    """Draw a dress."""
    plan = DRESSES[traits.cut]
    build = settled(plan.build, traits, chance)
    end = HANGING[traits.length] if traits.length else build.torso.length
    if traits.length is Length.REGULAR:
        end = plan.build.torso.length
    elif traits.length is Length.LONG:
        end = HANGING[Length.ANKLE]
    fall = _fallen(plan, traits, end)
    upper = bodice(build, back=back, sides=_sides(build.torso, plan, fall))
    return (
        *upper.behind,
        *trunk(upper.outline, traits.parts, back=back, waist=plan.waist_at),
        *_waist(plan, fall, belted=traits.belted),
        *_lines(traits, plan, fall, chance, back=back),
        *(pocketed(traits.pockets, plan.waist_at + 18, end) if traits.pockets and not back else ()),
        *_closing(build, plan, end, upper.neck, back=back),
        *_seams(traits, build, plan, upper.neck, back=back),
        *upper.before,
    )


def _sides(torso: Torso, plan: Dress, fall: Fall) -> str:
    waist, y = fall.waist, plan.waist_at
    nipped = f"C {torso.chest - 0.4},{torso.armpit + 6} {waist},{y - 8} {waist},{y}"
    return f"{nipped} {outline(fall, flared=plan.flared, top=y)}"


def _fallen(plan: Dress, traits: Traits, end: float) -> Fall:
    base = plan.fall
    spread = base.spread * (traits.flare if base.spread > 0 else 1.0)
    return replace(
        base,
        waist=base.waist * traits.ease,
        hip=base.hip * traits.ease,
        spread=spread,
        length=end - plan.waist_at,
    )


def _waist(plan: Dress, fall: Fall, *, belted: bool) -> Flat:
    if belted:
        return (_belt(fall.waist, plan.waist_at),)
    if not plan.seam:
        return ()
    y, x = plan.waist_at, fall.waist - 0.1
    seam = path(f"M {-x},{y} C {-x * 0.5},{y + 1.4} {x * 0.5},{y + 1.4} {x},{y}")
    return (Mark(seam),)


def _belt(half: float, y: float) -> Piece:
    upper = f"M 0,{y - 0.8} C {half * 0.4},{y - 0.8} {half * 0.8},{y - 1.6} {half + 0.2},{y - 2.2}"
    low = f"L {half + 0.3},{y + 1.6} C {half * 0.8},{y + 2.2} {half * 0.4},{y + 3} 0,{y + 3}"
    return Piece(whole(f"{upper} {low}"), Cloth.BELT, edge=Pen.SEAM)


def _lines(traits: Traits, plan: Dress, fall: Fall, chance: Chance, *, back: bool) -> Flat:
    lines = inner_lines(seamed(traits), fall, chance, back=back, top=plan.waist_at)
    return lines if back or not traits.slit else (*lines, *slit(fall, plan.waist_at))


def _closing(build: Build, plan: Dress, end: float, neck: Neck | None, *, back: bool) -> Flat:
    if back or build.closure in (Closure.NONE, Closure.WRAP) or neck is None:
        return ()
    bottom = end + plan.fall.sag - 0.2
    return closed(build.closure, neck.depth, bottom, count=8)


def _seams(traits: Traits, build: Build, plan: Dress, neck: Neck | None, *, back: bool) -> Flat:
    torso, y = build.torso, plan.waist_at
    if back:
        return (Mark(path(f"M 0,{max(torso.armpit - 4, 4)} L 0,{y + 16}"), Pen.DETAIL),)
    if traits.cut == "wrap" and neck is not None:
        line = path(
            f"M 0.6,{neck.depth - 0.6} C -3,{neck.depth + 6} -9,{y - 6} {-torso.waist * 0.58},{y}"
        )
        return (
            Mark(line),
            fold(f"{-torso.waist * 0.4},{y - 1} -4,{y - 8} 6,{torso.armpit + 3}", 0.8),
        )
    if traits.cut in ("shift", "maxi", "shirt-dress"):
        return ()
    dart = path(f"M 9.4,{torso.armpit + 7} C 9,{y - 10} 8.6,{y - 5} 8.6,{y - 0.2}")
    return both(Mark(dart, Pen.DETAIL))
