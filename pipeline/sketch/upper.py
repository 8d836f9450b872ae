"""Assembles what is worn on the trunk from its torso, neck, sleeves, collar and closure."""

from dataclasses import dataclass, replace

from pipeline.fashion.parts import Part
from pipeline.sketch.backs import keyhole, opened, racer, rear
from pipeline.sketch.chance import Chance
from pipeline.sketch.collars import LAPELLED, Collared, collared
from pipeline.sketch.flat import Cloth, Flat, Piece, both, mirrored, of
from pipeline.sketch.fronts import closed, drape
from pipeline.sketch.neck import Neck, back_of, band, cowl, inside, neck_of, swags, tall
from pipeline.sketch.path import Path, path, whole
from pipeline.sketch.regions import trunk
from pipeline.sketch.sleeves import Arm, sleeve
from pipeline.sketch.torso import (
    REGULAR,
    Torso,
    armbands,
    armhole,
    eased,
    held_up,
    hem_rib,
    hem_stitch,
    sides_of,
)
from pipeline.sketch.traits import Back, Closure, Collar, Length, Neckline, Puff, Reach, Traits

STRAPLESS = frozenset(
    {
        Neckline.STRAPLESS,
        Neckline.SWEETHEART,
        Neckline.STRAPS,
        Neckline.HALTER,
        Neckline.OFF_SHOULDER,
        Neckline.ONE_SHOULDER,
    }
)
HANGING = {
    Length.CROPPED: 47.0,
    Length.REGULAR: 70.0,
    Length.MINI: 84.0,
    Length.LONG: 92.0,
    Length.KNEE: 102.0,
    Length.MIDI: 116.0,
    Length.ANKLE: 130.0,
    Length.MAXI: 138.0,
}
"""Where each length ends, in cm below the shoulder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How a cut is made when the spec doesn't say otherwise; measures in cm."""

    torso: Torso = REGULAR
    neckline: Neckline = Neckline.CREW
    reach: Reach = Reach.SHORT
    puff: Puff = Puff.PLAIN
    collar: Collar = Collar.NONE
    closure: Closure = Closure.NONE
    stance: float = 34.0
    cuff: float = 0.0
    arm: float = 1.0
    knit: bool = False  # ribbed cuffs and hem
    partial: float | None = None  # a closure that ends here
    buttons: int = 6
    padded: bool = False
    bound: bool = False  # ribbed armholes
    swing: float = 0.0  # how far the arms are raised, in degrees
    back: Back | None = None
    slung: bool = False  # swags between the straps
    parts: frozenset[Part] = frozenset()  # made otherwise than the rest


def settled(build: Build, traits: Traits, chance: Chance) -> Build:
    """Return the build with what the spec says."""
    torso = eased(build.torso, traits.ease)
    slung = traits.neckline is Neckline.COWL and build.neckline is Neckline.STRAPS
    if traits.neckline is Neckline.COWL and build.neckline in STRAPLESS and not slung:
        torso = replace(torso, shoulder=16.0, slope=1.6)
    length = torso.length
    if traits.length:
        length = HANGING[traits.length] if traits.length is not Length.REGULAR else length
    sleeved = Part.SLEEVE in traits.parts and build.reach is Reach.NONE and traits.puff is None
    told = traits.reach or (Reach.LONG if sleeved else None)
    reach = told or (_implied(traits, build) if traits.puff or traits.neckline else build.reach)
    collar = _collar(build, traits)
    neckline = build.neckline if slung else traits.neckline or build.neckline
    if told not in (None, Reach.NONE) and not traits.neckline and neckline in STRAPLESS:
        neckline = Neckline.SCOOP
    if traits.neckline and not traits.collar and traits.neckline is not Neckline.V:
        collar = Collar.NONE
    return replace(
        build,
        torso=_long(torso, length, sleeveless=reach is Reach.NONE),
        neckline=neckline,
        slung=slung,
        reach=reach,
        puff=traits.puff or build.puff,
        collar=collar,
        closure=traits.closure or build.closure,
        cuff=_cuff(build, traits, reach),
        arm=build.arm * traits.ease,
        swing=chance.between(0, 12, "arms"),
        back=traits.back,
        parts=traits.parts,
    )


def _collar(build: Build, traits: Traits) -> Collar:
    if Part.HOOD in traits.without and Collar.HOOD in (traits.collar, build.collar):
        return Collar.STAND if traits.kind == "outwear" else Collar.NONE
    if Part.HOOD in traits.parts:
        return Collar.HOOD
    if Part.LAPEL in traits.parts and build.collar not in LAPELLED and traits.kind == "outwear":
        return Collar.NOTCH
    if traits.collar is Collar.ANY:
        known = build.collar not in (Collar.NONE, Collar.HOOD, Collar.FUNNEL, Collar.RIB)
        return build.collar if known else Collar.SHIRT
    return traits.collar or build.collar


def _cuff(build: Build, traits: Traits, reach: Reach) -> float:
    """Return the height of the cuffs; those that are told of are always there."""
    if traits.puff is not None or reach is Reach.CAP:
        return 0.0
    told = 3.4 if Part.CUFF in traits.parts else 0.0
    return build.cuff or told if reach is Reach.LONG else told


def _implied(traits: Traits, build: Build) -> Reach:
    bare = traits.neckline in STRAPLESS - {Neckline.OFF_SHOULDER}
    if traits.puff is None:
        return Reach.NONE if bare else build.reach
    if build.reach not in (Reach.NONE, Reach.CAP):
        return build.reach
    return Reach.SHORT if traits.puff is Puff.PUFF else Reach.LONG


def _long(torso: Torso, length: float, *, sleeveless: bool) -> Torso:
    narrower = 3.2 if sleeveless and torso.shoulder > 16 else 0.0
    return replace(
        torso,
        shoulder=torso.shoulder - narrower,
        slope=torso.slope - narrower * 0.25,
        hip=torso.hip + max(0.0, length - 74) * 0.06,
        length=length,
    )


@dataclass(frozen=True, slots=True)
class Bodice:
    """An outline with what lies behind and before it; no neck where it is held up otherwise."""

    outline: Path
    behind: Flat
    before: Flat
    neck: Neck | None
    collar: Collared | None


def assemble(
    build: Build, chance: Chance, *, back: bool, extras: Flat = (), sides: str | None = None
) -> Flat:
    """Return the garment, back to front; `extras` lie on the body under collar and folds."""
    upper = bodice(build, back=back, sides=sides or sides_of(build.torso))
    return (
        *upper.behind,
        *trunk(upper.outline, build.parts, back=back),
        *(_hem(build) if sides is None else ()),
        *extras,
        *_front(build, upper, back=back),
        *(armbands(build.torso) if build.bound and build.reach is Reach.NONE else ()),
        *upper.before,
        *drape(build.torso, chance),
    )


def bodice(build: Build, *, back: bool, sides: str) -> Bodice:
    """Return the trunk with neck, collar and sleeves; `sides` runs from armpit to hem centre."""
    if build.neckline in STRAPLESS and build.collar is Collar.NONE:
        return _held_up(build, sides, back=back)
    collar = collared(build.collar, back=back, stance=build.stance)
    neck = collar.neck if collar else _neck(build, back=back)
    if back and build.back and collar is None:
        return _cut_open(build, neck, sides)
    outline = _hung(build, neck, sides)
    behind = collar.behind if collar else () if back else inside(neck)
    before = of(Part.COLLAR, collar.before if collar else _edge(build, neck, back=back))
    return Bodice(outline, (*behind, *_arms(build)), before, neck, collar)


def _hung(build: Build, neck: Neck, sides: str) -> Path:
    return whole(f"M 0,{neck.depth} {neck.edge} {armhole(build.torso)} {sides}")


def _cut_open(build: Build, neck: Neck, sides: str) -> Bodice:
    """Return a back with an opening, through which the inside of the front shows."""
    front = Piece(_hung(build, _neck(build, back=False), sides), Cloth.LINING)
    wider = opened(build.back, neck.half, build.torso.shoulder - 4)
    if build.back is Back.RACER:
        return Bodice(racer(build.torso, sides), (front, *_arms(build)), (), neck, None)
    outline = _hung(build, wider or neck, sides)
    edge = () if wider else (*_edge(build, neck, back=True), *keyhole())
    return Bodice(outline, (front, *_arms(build)), of(Part.COLLAR, edge), neck, None)


def _held_up(build: Build, sides: str, *, back: bool) -> Bodice:
    torso = build.torso
    outline, behind, before = held_up(torso, build.neckline, sides)
    before = (*before, *swags()) if build.slung and not back else before
    arms: Flat = ()
    if back and build.neckline not in (Neckline.ONE_SHOULDER, Neckline.OFF_SHOULDER):
        front = Piece(outline, Cloth.LINING)
        tied = behind if build.neckline is Neckline.HALTER else ()
        outline, before = rear(torso, build.neckline, build.back, sides)
        behind = (front, *tied)
    if build.neckline is Neckline.ONE_SHOULDER:
        right = of(Part.SLEEVE, sleeve(_arm(build), build.reach, build.puff))
        arms = mirrored(right) if back else right
        outline = outline.mirrored() if back else outline
    if build.neckline is not Neckline.ONE_SHOULDER and build.reach is not Reach.NONE:
        arm = Arm(
            shoulder=(torso.shoulder + 2, 11),
            armpit=(torso.chest, torso.armpit + 2),
            swing=build.swing,
        )
        arms = of(Part.SLEEVE, both(*sleeve(arm, build.reach, build.puff)))
    hidden = back and build.neckline in (Neckline.ONE_SHOULDER, Neckline.OFF_SHOULDER)
    return Bodice(outline, (*(() if hidden else behind), *arms), before, None, None)


def _neck(build: Build, *, back: bool) -> Neck:
    neck = neck_of(build.neckline)
    if neck.half > build.torso.shoulder - 3.5:
        scale = (build.torso.shoulder - 3.5) / neck.half
        neck = Neck(neck.half * scale, neck.depth, _narrowed(neck, scale))
    return back_of(neck) if back else neck


def _narrowed(neck: Neck, scale: float) -> str:
    line = path(f"M 0,{neck.depth} {neck.edge}").bent(lambda p: (p[0] * scale, p[1]))
    return "".join(
        f"{s.command} " + " ".join(f"{x:.2f},{y:.2f}" for x, y in s.points)
        for s in line.segments[1:]
    )


def _arms(build: Build) -> Flat:
    return of(Part.SLEEVE, both(*sleeve(_arm(build), build.reach, build.puff)))


def _arm(build: Build) -> Arm:
    torso = build.torso
    return Arm(
        shoulder=torso.tip,
        armpit=torso.pit,
        ease=build.arm,
        cuff=build.cuff,
        rib=build.knit,
        swing=build.swing,
        padded=build.padded,
    )


def _hem(build: Build) -> Flat:
    return of(Part.HEM, hem_rib(build.torso)) if build.knit else hem_stitch(build.torso)


def _front(build: Build, upper: Bodice, *, back: bool) -> Flat:
    if back or upper.neck is None:
        return ()
    rib = 6.0 if build.knit else 0.0
    bottom = build.partial or build.torso.length + build.torso.hem + rib - 0.2
    placket = build.collar not in LAPELLED
    return closed(build.closure, upper.neck.depth, bottom, count=build.buttons, placket=placket)


def _edge(build: Build, neck: Neck, *, back: bool) -> Flat:
    if build.neckline is Neckline.COWL and not back:
        return cowl(neck)
    standing = tall(build.neckline, back=back)
    return standing or band(neck, 2.6 if build.knit else 1.9)
