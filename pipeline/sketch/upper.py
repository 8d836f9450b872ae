"""Assembles what is worn on the trunk from its torso, neck, sleeves, collar and closure."""

from dataclasses import dataclass, replace

from pipeline.sketch.chance import Chance
from pipeline.sketch.collars import Collared, collared
from pipeline.sketch.flat import Flat, Piece, both, mirrored
from pipeline.sketch.fronts import closed, drape
from pipeline.sketch.neck import Neck, back_of, band, inside, neck_of, tall
from pipeline.sketch.path import Path, path, whole
from pipeline.sketch.sleeves import Arm, sleeve
from pipeline.sketch.torso import (
    REGULAR,
    Torso,
    armhole,
    eased,
    held_up,
    hem_rib,
    hem_stitch,
    sides_of,
)
from pipeline.sketch.traits import Closure, Collar, Length, Neckline, Puff, Reach, Traits

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
    swing: float = 0.0  # how far the arms are raised, in degrees


def settled(build: Build, traits: Traits, chance: Chance) -> Build:
    """Return the build with what the spec says."""
    torso = eased(build.torso, traits.ease)
    length = torso.length
    if traits.length:
        length = HANGING[traits.length] if traits.length is not Length.REGULAR else length
    reach = traits.reach or (
        _implied(traits, build) if traits.puff or traits.neckline else build.reach
    )
    collar = traits.collar or build.collar
    neckline = traits.neckline or build.neckline
    if traits.reach not in (None, Reach.NONE) and not traits.neckline and neckline in STRAPLESS:
        neckline = Neckline.SCOOP
    if traits.neckline and not traits.collar and traits.neckline is not Neckline.V:
        collar = Collar.NONE
    return replace(
        build,
        torso=_long(torso, length, sleeveless=reach is Reach.NONE),
        neckline=neckline,
        reach=reach,
        puff=traits.puff or build.puff,
        collar=collar,
        closure=traits.closure or build.closure,
        cuff=build.cuff if reach is Reach.LONG and traits.puff is None else 0.0,
        arm=build.arm * traits.ease,
        swing=chance.between(0, 12, "arms"),
    )


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
        Piece(upper.outline),
        *(_hem(build) if sides is None else ()),
        *extras,
        *_front(build, upper, back=back),
        *upper.before,
        *drape(build.torso, chance),
    )


def bodice(build: Build, *, back: bool, sides: str) -> Bodice:
    """Return the trunk with neck, collar and sleeves; `sides` runs from armpit to hem centre."""
    if build.neckline in STRAPLESS and build.collar is Collar.NONE:
        return _held_up(build, sides, back=back)
    collar = collared(build.collar, back=back, stance=build.stance)
    neck = collar.neck if collar else _neck(build, back=back)
    outline = whole(f"M 0,{neck.depth} {neck.edge} {armhole(build.torso)} {sides}")
    behind = collar.behind if collar else () if back else inside(neck)
    before = collar.before if collar else _edge(build, neck, back=back)
    return Bodice(outline, (*behind, *_arms(build)), before, neck, collar)


def _held_up(build: Build, sides: str, *, back: bool) -> Bodice:
    torso = build.torso
    outline, behind, before = held_up(torso, build.neckline, sides)
    arms: Flat = ()
    if build.neckline is Neckline.ONE_SHOULDER:
        right = sleeve(_arm(build), build.reach, build.puff)
        arms = mirrored(right) if back else right
        outline = outline.mirrored() if back else outline
    if build.neckline is not Neckline.ONE_SHOULDER and build.reach is not Reach.NONE:
        arm = Arm(
            shoulder=(torso.shoulder + 2, 11),
            armpit=(torso.chest, torso.armpit + 2),
            swing=build.swing,
        )
        arms = both(*sleeve(arm, build.reach, build.puff))
    tied = build.neckline is Neckline.HALTER
    return Bodice(outline, (*(behind if tied or not back else ()), *arms), before, None, None)


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
    return both(*sleeve(_arm(build), build.reach, build.puff))


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
    return hem_rib(build.torso) if build.knit else hem_stitch(build.torso)


def _front(build: Build, upper: Bodice, *, back: bool) -> Flat:
    if back or upper.neck is None:
        return ()
    rib = 6.0 if build.knit else 0.0
    bottom = build.partial or build.torso.length + build.torso.hem + rib - 0.2
    lapels = build.collar in (Collar.NOTCH, Collar.SHAWL)
    return closed(build.closure, upper.neck.depth, bottom, count=build.buttons, placket=not lapels)


def _edge(build: Build, neck: Neck, *, back: bool) -> Flat:
    standing = tall(build.neckline, back=back)
    return standing or band(neck, 2.6 if build.knit else 1.9)
