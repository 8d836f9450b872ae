"""T-shirts, long sleeves and shirts."""

from pipeline.sketch.chance import Chance
from pipeline.sketch.flat import Flat, Mark, Pen, both
from pipeline.sketch.fronts import chest_pocket, kangaroo
from pipeline.sketch.path import path
from pipeline.sketch.torso import Torso
from pipeline.sketch.traits import Closure, Collar, Neckline, Puff, Reach, Traits
from pipeline.sketch.upper import Build, assemble, settled

_FITTED = Torso(shoulder=19.5, chest=22.5, armpit=23, waist=19.5, hip=23, length=60)
_LOOSE = Torso(shoulder=22, chest=27, armpit=26, waist=26, hip=26, length=66, hem=0.6)
_SHIRT = Torso(shoulder=21.5, chest=26, armpit=25, waist=24.6, hip=26.5, length=72, hem=4.5)

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
        "body": Build(
            torso=Torso(shoulder=19, chest=21.5, armpit=22, waist=18, hip=21, length=64, hem=9),
            neckline=Neckline.SCOOP,
        ),
    },
    "longsleeve": {
        "longsleeve": Build(reach=Reach.LONG),
        "sweater": Build(torso=_LOOSE, reach=Reach.LONG, cuff=6, knit=True, arm=1.15),
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
    build = settled(BUILDS[traits.kind][traits.cut], traits)
    return assemble(build, chance, back=back, extras=_extras(traits, build, back=back))


def _extras(traits: Traits, build: Build, *, back: bool) -> Flat:
    if back:
        return _yoke(build) if traits.kind == "shirt" else ()
    buttoned = build.closure is Closure.BUTTONS
    details: dict[str, Flat] = {
        "hoodie": kangaroo(build.torso.length),
        "overshirt": both(chest_pocket(flap=True)),
        "shirt": (chest_pocket(),) if buttoned else (),
        "sweatshirt": (Mark(path("M -2.4,11.6 L 0,15.6 L 2.4,11.6"), Pen.STITCH),),
        "body": _legholes(build),
    }
    return details.get(traits.cut, ())


def _legholes(build: Build) -> Flat:
    x, end = build.torso.hip, build.torso.length
    return both(Mark(path(f"M {x - 1},{end - 9} C {x - 5},{end - 2} 9,{end + 6} 6,{end + 8}")))


def _yoke(build: Build) -> Flat:
    x = build.torso.shoulder - 2.4
    seam = path(f"M {-x},14 C {-x * 0.5},15 {x * 0.5},15 {x},14")
    pleat = path("M -1.6,14.8 L -1.2,24 M 1.6,14.8 L 1.2,24")
    return (Mark(seam), Mark(pleat, Pen.DETAIL))
