"""A bodice and legs in one: jumpsuits, playsuits, boiler suits."""

from dataclasses import dataclass, replace

from pipeline.sketch.chance import Chance
from pipeline.sketch.cuts import cut_of
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, bent, both
from pipeline.sketch.fronts import closed
from pipeline.sketch.path import path, whole
from pipeline.sketch.pockets import chest_pocket
from pipeline.sketch.regions import trunk
from pipeline.sketch.torso import WAIST_AT, Torso
from pipeline.sketch.traits import Closure, Collar, Neckline, Reach, Traits
from pipeline.sketch.trousers import (
    LEGS,
    Legs,
    hems,
    inseam,
    leg_folds,
    leg_parts,
    leg_seams,
    outseam,
    settled_legs,
)
from pipeline.sketch.upper import Build, bodice, settled

_CLOSE = Torso(shoulder=19.5, chest=22.5, armpit=23.5, waist=18.5, hip=23)
_EASY = Torso(shoulder=22, chest=27, armpit=26, waist=25, hip=26)


@dataclass(frozen=True, slots=True)
class Jumpsuit:
    """A bodice and its legs, drawn with the waist where theirs is."""

    build: Build
    legs: Legs


JUMPSUITS = {
    "jumpsuit": Jumpsuit(
        Build(torso=_CLOSE, neckline=Neckline.V, reach=Reach.NONE),
        Legs(waist=18.5, hip=23.6, knee=22, hem=20, tailored=True),
    ),
    "boiler-suit": Jumpsuit(
        Build(
            torso=_EASY,
            reach=Reach.LONG,
            collar=Collar.SHIRT,
            closure=Closure.BUTTONS,
            cuff=6,
            arm=1.15,
            buttons=7,
        ),
        Legs(waist=25, hip=26.5, knee=24, hem=21),
    ),
    "playsuit": Jumpsuit(
        Build(torso=_CLOSE, neckline=Neckline.V, reach=Reach.SHORT),
        Legs(waist=18.5, hip=24.6, hem=29, length=40, apart=1.6, tailored=True),
    ),
}


def jumpsuit(traits: Traits, chance: Chance, *, back: bool) -> Flat:
    """Draw a jumpsuit or its like; the shoulders lie at y = 0."""
    plan = JUMPSUITS[traits.cut]
    build = settled(plan.build, replace(traits, length=None), chance)
    shape = cut_of("pants", traits.silhouette) if traits.cut == "jumpsuit" else None
    legs = LEGS["pants"].get(shape or "", plan.legs)
    legs = settled_legs(traits, replace(legs, waist=plan.legs.waist, denim=False))
    upper = bodice(build, back=back, sides=_sides(build.torso, legs))
    return (
        *upper.behind,
        *trunk(upper.outline, traits.parts, back=back),
        *_lowered((*leg_parts(legs, traits.parts), *hems(legs), *leg_seams(legs, back=back))),
        *_lowered(leg_folds(legs, chance)),
        *_waist(legs, belted=traits.belted),
        *(() if back or traits.cut != "boiler-suit" else both(*chest_pocket(flap=True))),
        *_closing(build, upper.neck.depth if upper.neck else None, back=back),
        *upper.before,
    )


def _sides(torso: Torso, legs: Legs) -> str:
    """Return the outline from the armpit down one leg and up to the crotch."""
    leg = path(f"M {legs.waist},0 {outseam(legs)} {inseam(legs)}").bent(_lower)
    chest, waist, y = torso.chest, legs.waist, WAIST_AT
    down = "".join(
        f"{s.command}{' '.join(f'{x},{z}' for x, z in s.points)} " for s in leg.segments[1:]
    )
    return f"C {chest - 0.4},{torso.armpit + 6} {waist},{y - 8} {waist},{y} {down}"


def _lower(point: tuple[float, float]) -> tuple[float, float]:
    return point[0], point[1] + WAIST_AT


def _lowered(flat: Flat) -> Flat:
    return bent(flat, _lower)


def _waist(legs: Legs, *, belted: bool) -> Flat:
    x, y = legs.waist, WAIST_AT
    if belted:
        band = whole(f"M 0,{y - 1.6} L {x + 0.2},{y - 2} L {x + 0.3},{y + 1.8} L 0,{y + 2.2}")
        return (Piece(band, Cloth.BELT, edge=Pen.SEAM),)
    seam = path(f"M {-x},{y} C {-x * 0.5},{y + 1} {x * 0.5},{y + 1} {x},{y}")
    return (Mark(seam), Mark(seam.bent(lambda p: (p[0], p[1] + 1.2)), Pen.STITCH))


def _closing(build: Build, top: float | None, *, back: bool) -> Flat:
    if back or top is None:
        return ()
    return closed(build.closure, top, WAIST_AT + 20, count=build.buttons)
