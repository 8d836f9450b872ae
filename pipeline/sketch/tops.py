"""T-shirts, long sleeves and shirts."""

from pipeline.sketch.chance import Chance
from pipeline.sketch.flat import Flat, Mark, Pen, both
from pipeline.sketch.path import path
from pipeline.sketch.pockets import chest_pocket, pocketed
from pipeline.sketch.torso import WAIST_AT, Torso
from pipeline.sketch.traits import Closure, Collar, Neckline, Pockets, Puff, Reach, Traits
from pipeline.sketch.upper import Build, assemble, settled

_FITTED = Torso(shoulder=19.5, chest=22.5, armpit=23, waist=19.5, hip=23, length=60)
_LOOSE = Torso(shoulder=22, chest=27, armpit=26, waist=26, hip=26, length=66, hem=0.6)
_SHIRT = Torso(shoulder=21.5, chest=26, armpit=25, waist=24.6, hip=26.5, length=72, hem=4.5)
_LEOTARD = Torso(shoulder=19, chest=21.5, armpit=22, waist=18, hip=21, length=64, hem=9)

BUILDS: dict[str, dict[str, Build]] = {
    "t-shirt": {
        "tee": Build(),
        "top": Build(torso=_FITTED, neckline=Neckline.SCOOP, reach=Reach.NONE),
        "tank": Build(
            torso=Torso(shoulder=16.5, chest=23.5, waist=22.5, hip=24, length=68),
            neckline=Neckline.SCOOP,
            reach=Reach.NONE,
        ),
        "camisole": Build(torso=_FITTED, neckline=Neckline.STRAPS, reach=Reach.NONE),
        "polo": Build(
            collar=Collar.SHIRT, closure=Closure.BUTTONS, partial=22, buttons=3, arm=1.05
        ),
        "body": Build(torso=_LEOTARD, neckline=Neckline.SCOOP),
        "swimsuit": Build(torso=_LEOTARD, neckline=Neckline.STRAPS, reach=Reach.NONE),
    },
    "longsleeve": {
        "longsleeve": Build(reach=Reach.LONG),
        "sweater": Build(
            torso=Torso(shoulder=21, chest=25.5, waist=24, hip=24, length=62, hem=0.6),
            neckline=Neckline.CREW,
            reach=Reach.LONG,
            cuff=6,
            knit=True,
            arm=1.15,
        ),
        "cardigan": Build(
            torso=Torso(shoulder=21.5, chest=26, waist=25.4, hip=26, length=66, hem=0.4),
            neckline=Neckline.DEEP_V,
            reach=Reach.LONG,
            closure=Closure.BUTTONS,
            cuff=6,
            knit=True,
            arm=1.15,
            buttons=5,
        ),
        "sweatshirt": Build(torso=_LOOSE, reach=Reach.LONG, cuff=6, knit=True, arm=1.2),
        "hoodie": Build(
            torso=_LOOSE, reach=Reach.LONG, cuff=6, knit=True, arm=1.25, collar=Collar.HOOD
        ),
    },
    "shirt": {
        "shirt": Build(
            torso=_SHIRT,
            reach=Reach.LONG,
            collar=Collar.SHIRT,
            closure=Closure.BUTTONS,
            cuff=6,
            arm=1.1,
            buttons=7,
        ),
        "blouse": Build(
            torso=Torso(shoulder=19.5, chest=24, armpit=24, waist=22.5, hip=25.5, length=64),
            neckline=Neckline.V,
            reach=Reach.LONG,
            puff=Puff.BALLOON,
            collar=Collar.STAND,
            closure=Closure.BUTTONS,
            buttons=6,
        ),
        "tunic": Build(
            torso=Torso(shoulder=21, chest=26, waist=26.5, hip=31, length=86, hem=1),
            neckline=Neckline.CREW,
            reach=Reach.THREE_QUARTER,
            collar=Collar.STAND,
            closure=Closure.BUTTONS,
            partial=30,
            buttons=4,
            arm=1.15,
        ),
        "overshirt": Build(
            torso=Torso(shoulder=23, chest=29, armpit=27, waist=29, hip=29, length=70, hem=0.4),
            reach=Reach.SHORT,
            collar=Collar.SHIRT,
            closure=Closure.BUTTONS,
            cuff=6,
            arm=1.2,
        ),
    },
}


def top(traits: Traits, chance: Chance, *, back: bool) -> Flat:
    """Draw a t-shirt, a long sleeve or a shirt."""
    build = settled(BUILDS[traits.kind][traits.cut], traits, chance)
    sides = _leotard(build) if traits.cut in ("body", "swimsuit") else None
    extras = _extras(traits, build, back=back)
    return assemble(build, chance, back=back, extras=extras, sides=sides)


def _extras(traits: Traits, build: Build, *, back: bool) -> Flat:
    if back:
        return _yoke(build) if traits.kind == "shirt" else ()
    buttoned = build.closure is Closure.BUTTONS
    bottom = build.torso.length
    details: dict[str, Flat] = {
        "hoodie": pocketed(Pockets.KANGAROO, 0, bottom),
        "overshirt": both(*chest_pocket(flap=True)),
        "shirt": chest_pocket() if buttoned else (),
    }
    told = traits.pockets
    hips = ("hoodie", "sweatshirt", "cardigan", "tunic")
    if told in (Pockets.SIDE, Pockets.CHEST, Pockets.PATCH) and traits.cut not in hips:
        return details.get(traits.cut) or chest_pocket()
    pockets = pocketed(told, bottom - 24, bottom) if told else details.get(traits.cut, ())
    notch = (Mark(path("M -2.4,11.6 L 0,15.6 L 2.4,11.6"), Pen.STITCH),)
    return (*pockets, *(notch if traits.cut == "sweatshirt" else ()))


def _leotard(build: Build) -> str:
    """Return the side seam and the high leg opening, from the armpit to the crotch."""
    torso, end = build.torso, build.torso.length
    x, chest, waist = torso.hip, torso.chest, torso.waist
    return (
        f"C {chest - 0.4},{torso.armpit + 7} {waist},{WAIST_AT - 8} {waist},{WAIST_AT}"
        f" C {waist + 0.4},{WAIST_AT + 5} {x - 0.4},{end - 14} {x},{end - 10}"
        f" C {x - 7},{end - 6} 8,{end + 4} 5,{end + 12} L 0,{end + 12}"
    )


def _yoke(build: Build) -> Flat:
    x = build.torso.shoulder - 2.4
    seam = path(f"M {-x},14 C {-x * 0.5},15 {x * 0.5},15 {x},14")
    pleat = path("M -1.6,14.8 L -1.2,24 M 1.6,14.8 L 1.2,24")
    return (Mark(seam), Mark(pleat, Pen.DETAIL))
