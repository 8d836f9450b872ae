"""Jackets, coats and what else is worn over everything."""

from collections.abc import Callable

from pipeline.fashion.parts import Part
from pipeline.sketch.chance import Chance
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, both, fold
from pipeline.sketch.path import path, whole
from pipeline.sketch.pockets import pocketed
from pipeline.sketch.torso import WAIST_AT, Torso
from pipeline.sketch.traits import Closure, Collar, Neckline, Pockets, Puff, Reach, Traits
from pipeline.sketch.upper import Build, assemble, settled

_JACKET = Torso(shoulder=22.5, chest=28, armpit=26, waist=27, hip=27.5, length=66, hem=0.6)
_SHORT = Torso(shoulder=22.5, chest=28, armpit=26, waist=27, hip=26.5, length=58, hem=0.4)
_TAILORED = Torso(shoulder=22, chest=25.5, armpit=25, waist=22.5, hip=26.5, length=73, hem=1.5)
_COAT = Torso(shoulder=23, chest=28.5, armpit=26.5, waist=27, hip=30, length=104, hem=0.8)


BUILDS: dict[str, Build] = {
    "jacket": Build(
        torso=_JACKET, reach=Reach.LONG, collar=Collar.FUNNEL, closure=Closure.ZIP, cuff=5, arm=1.2
    ),
    "coat": Build(
        torso=_COAT,
        reach=Reach.LONG,
        collar=Collar.NOTCH,
        closure=Closure.BUTTONS,
        stance=34,
        arm=1.25,
        buttons=3,
        partial=76,
    ),
    "blazer": Build(
        torso=_TAILORED,
        reach=Reach.LONG,
        collar=Collar.NOTCH,
        closure=Closure.BUTTONS,
        stance=39,
        arm=1.12,
        buttons=2,
        partial=54,
    ),
    "bomber": Build(
        torso=_SHORT,
        reach=Reach.LONG,
        collar=Collar.RIB,
        closure=Closure.ZIP,
        cuff=6,
        arm=1.35,
        knit=True,
    ),
    "denim": Build(
        torso=_SHORT,
        reach=Reach.LONG,
        collar=Collar.SHIRT,
        closure=Closure.BUTTONS,
        cuff=5,
        arm=1.15,
    ),
    "biker": Build(
        torso=Torso(shoulder=21, chest=25, armpit=25, waist=23, hip=24.5, length=56, hem=0.4),
        reach=Reach.LONG,
        collar=Collar.NOTCH,
        stance=26,
        closure=Closure.NONE,
        arm=1.1,
    ),
    "parka": Build(
        torso=Torso(shoulder=23.5, chest=30, armpit=27, waist=28, hip=31, length=90, hem=1),
        reach=Reach.LONG,
        collar=Collar.HOOD,
        closure=Closure.ZIP,
        cuff=5,
        arm=1.3,
    ),
    "puffer": Build(
        torso=Torso(shoulder=24, chest=31, armpit=27, waist=30, hip=29, length=64, hem=0.6),
        reach=Reach.LONG,
        collar=Collar.FUNNEL,
        closure=Closure.ZIP,
        arm=1.5,
        padded=True,
    ),
    "trench": Build(
        torso=Torso(shoulder=23, chest=27.5, armpit=26.5, waist=24.5, hip=33, length=108, hem=1),
        reach=Reach.LONG,
        collar=Collar.NOTCH,
        closure=Closure.DOUBLE,
        stance=26,
        cuff=0,
        arm=1.25,
    ),
    "cardigan": Build(
        torso=_JACKET,
        neckline=Neckline.DEEP_V,
        reach=Reach.LONG,
        closure=Closure.BUTTONS,
        cuff=6,
        knit=True,
        arm=1.15,
        stance=36,
        buttons=5,
    ),
    "vest": Build(
        torso=Torso(shoulder=19.5, chest=24.5, armpit=27, waist=22.5, hip=24.5, length=60, hem=2),
        neckline=Neckline.V,
        reach=Reach.NONE,
        closure=Closure.BUTTONS,
        buttons=5,
    ),
    "knit-vest": Build(
        torso=Torso(shoulder=18.6, chest=24, armpit=26, waist=23.6, hip=23.6, length=56, hem=0.6),
        neckline=Neckline.V,
        reach=Reach.NONE,
        knit=True,
        bound=True,
    ),
    "gilet": Build(
        torso=Torso(shoulder=20.5, chest=29, armpit=28, waist=28, hip=27.5, length=62, hem=0.6),
        reach=Reach.NONE,
        collar=Collar.FUNNEL,
        closure=Closure.ZIP,
        padded=True,
    ),
    "kimono": Build(
        torso=Torso(shoulder=24, chest=28, armpit=30, waist=28, hip=29, length=96, hem=0.4),
        neckline=Neckline.V,
        reach=Reach.LONG,
        puff=Puff.BELL,
        closure=Closure.WRAP,
        arm=1.3,
    ),
    "cape": Build(torso=_COAT, reach=Reach.NONE, collar=Collar.STAND, closure=Closure.BUTTONS),
    "hoodie": Build(
        torso=_JACKET,
        reach=Reach.LONG,
        collar=Collar.HOOD,
        closure=Closure.ZIP,
        cuff=6,
        arm=1.25,
        knit=True,
    ),
}


_POCKETS = {
    "jacket": (Pockets.WELT, 50.0),
    "coat": (Pockets.FLAP, 66.0),
    "blazer": (Pockets.FLAP, 52.0),
    "bomber": (Pockets.WELT, 46.0),
    "parka": (Pockets.FLAP, 58.0),
    "trench": (Pockets.WELT, 64.0),
    "cardigan": (Pockets.PATCH, 50.0),
    "vest": (Pockets.FLAP, 46.0),
    "hoodie": (Pockets.KANGAROO, 0.0),
}


def outerwear(traits: Traits, chance: Chance, *, back: bool) -> Flat:
    """Draw a jacket, a coat or another outer layer."""
    build = settled(BUILDS[traits.cut], traits, chance)
    if traits.cut == "cape":
        return _cape(build, chance, back=back)
    extras = _extras(traits, build, back=back)
    sides = _padded(build.torso) if build.padded else None
    return assemble(build, chance, back=back, extras=extras, sides=sides)


def _extras(traits: Traits, build: Build, *, back: bool) -> Flat:
    details: dict[str, Callable[[], Flat]] = {
        "jacket": _yoke,
        "blazer": lambda: (*_breast_welt(), *_darts()),
        "denim": lambda: _trucker(build),
        "biker": lambda: _biker(build, pockets=Part.POCKET not in traits.without),
        "parka": lambda: _waist(build),
        "kimono": lambda: _crossed(build),
        "trench": lambda: (*_storm_flap(), *_belt(build)),
    }
    quilted = _quilting(build.torso) if build.padded else ()
    if back:
        return (*quilted, *_behind(traits, build))
    lines = details.get(traits.cut, lambda: ())()
    if traits.belted and traits.cut != "trench":
        lines = (*lines, *_belt(build))
    return (*quilted, *lines, *_pockets(traits, build))


def _pockets(traits: Traits, build: Build) -> Flat:
    usual, y = _POCKETS.get(traits.cut, (None, 48.0))
    kind, bottom = traits.pockets or usual, build.torso.length
    if traits.pockets is Pockets.SIDE:
        kind = usual or Pockets.WELT
    return pocketed(kind, min(y, bottom - 16), bottom) if kind else ()


def _behind(traits: Traits, build: Build) -> Flat:
    bottom = build.torso.length
    vent = Mark(path(f"M 0,{bottom + 1} L 0,{bottom - 24} L 1,{bottom - 26}"), part=Part.VENT)
    centre = Mark(path(f"M 0,2 L 0,{bottom + 1}"))
    match traits.cut:
        case "blazer" | "coat":
            return (centre, vent)
        case "trench":
            return (vent, *_belt(build), *_yoke())
        case "denim" | "jacket" | "parka":
            return _yoke()
        case _:
            return ()


def _yoke() -> Flat:
    seam = path("M 0,18 C 7,18 14,17.4 19.6,17")
    stitch = path("M 0,18.9 C 7,18.9 14,18.3 19.4,17.9")
    return both(Mark(seam), Mark(stitch, Pen.STITCH))


def _waist(build: Build) -> Flat:
    x = build.torso.waist - 0.2
    casing = path(
        f"M {-x},{WAIST_AT + 3} C {-x * 0.5},{WAIST_AT + 4} {x * 0.5},{WAIST_AT + 4}"
        f" {x},{WAIST_AT + 3}"
    )
    return (Mark(casing, Pen.STITCH), Mark(casing.bent(lambda p: (p[0], p[1] + 1.6)), Pen.STITCH))


def _breast_welt() -> Flat:
    welt = path("M 9,23 L 17,21.8 L 17.2,24 L 9.2,25.2 Z")
    return (Piece(welt, edge=Pen.SEAM, part=Part.POCKET),)


def _darts() -> Flat:
    return both(Mark(path("M 12.4,28 C 12,36 12,44 12.6,51.4"), Pen.DETAIL))


def _trucker(build: Build) -> Flat:
    bottom = build.torso.length
    flap = path("M 6,18 L 17,18 L 17,21.4 L 11.5,24 L 6,21.4 Z")
    first = path(f"M 8,21.8 L 4.6,{bottom - 5}")
    second = path(f"M 15,22 L 12.4,{bottom - 5}")
    band = path(f"M 0,{bottom - 5} L {build.torso.hip - 0.2},{bottom - 5}")
    stitch = path(f"M 0,{bottom - 4} L {build.torso.hip - 0.2},{bottom - 4}")
    return (
        *_yoke(),
        *both(
            Mark(first),
            Mark(second),
            Piece(flap, edge=Pen.SEAM, part=Part.CHEST_POCKET),
            Mark(band),
            Mark(stitch, Pen.STITCH),
        ),
    )


def _biker(build: Build, *, pockets: bool) -> Flat:
    bottom = build.torso.length
    zip_ = path(f"M 11,24 L 4,{bottom + 0.4} L 5.2,{bottom + 0.4} L 12.2,24.4 Z")
    pocket = path("M -18,40 L -9.6,47.6 L -9,46.8 L -17.4,39.2 Z")
    other = path("M 18,40 L 11.4,46.6 L 10.8,45.8 L 17.4,39.2 Z")
    chest = path("M -16,25 L -8,29 L -7.6,28.2 L -15.6,24.2 Z")
    belt = path(f"M {-build.torso.hip},{bottom - 5} L {build.torso.hip},{bottom - 5}")
    shown = (zip_, pocket, other, chest) if pockets else (zip_,)
    metal = tuple(Piece(p, Cloth.METAL, edge=Pen.DETAIL) for p in shown)
    return (Mark(belt), *metal)


def _storm_flap() -> Flat:
    flap = path("M 8,5 C 12,9 18,8 20.6,6 C 19,14 18.6,20 18.8,25 C 14,28 9,27 7,24 Z")
    return (Piece(flap, edge=Pen.SEAM),)


def _crossed(build: Build) -> Flat:
    """Return the edge of a front that is laid over the other, and the sash that holds it."""
    bottom = build.torso.length
    edge = path(f"M 0,18.6 L 7,{WAIST_AT} L 9,{bottom + 0.4}")
    band = path(f"M 3,12.4 L 10,{WAIST_AT} L 12,{bottom + 0.2}")
    x, y = build.torso.waist + 0.2, WAIST_AT
    sash = whole(f"M 0,{y - 4} L {x},{y - 4.4} L {x},{y + 4} L 0,{y + 4.4}")
    return (Mark(edge), Mark(band), Piece(sash, Cloth.BELT, edge=Pen.SEAM))


def _belt(build: Build) -> Flat:
    x = build.torso.waist
    band = whole(
        f"M 0,{WAIST_AT - 2} L {x + 0.2},{WAIST_AT - 2.4} L {x + 0.2},{WAIST_AT + 2}"
        f" L 0,{WAIST_AT + 2.4}"
    )
    buckle = path(
        f"M -3,{WAIST_AT - 3} L 3.4,{WAIST_AT - 3} L 3.4,{WAIST_AT + 3.4} L -3,{WAIST_AT + 3.4} Z"
    )
    y = WAIST_AT
    tongue = path(f"M -1.7,{y - 1.8} L 2.2,{y - 1.8} L 2.2,{y + 2.2} L -1.7,{y + 2.2} Z")
    tail = path(
        f"M 3.4,{WAIST_AT - 1.4} C 8,{WAIST_AT + 2} 9.4,{WAIST_AT + 9} 9.6,{WAIST_AT + 18}"
        f" L 6,{WAIST_AT + 18.6} C 6,{WAIST_AT + 10} 5,{WAIST_AT + 4} 2.6,{WAIST_AT + 2} Z"
    )
    return (
        Piece(band, Cloth.BELT, edge=Pen.SEAM),
        Piece(tail, Cloth.BELT, edge=Pen.SEAM),
        Piece(buckle, Cloth.METAL, edge=Pen.SEAM),
        Piece(tongue, Cloth.BELT, edge=Pen.DETAIL),
    )


def _rows(torso: Torso) -> list[float]:
    """Return the heights of the quilting seams."""
    count = round((torso.length - torso.armpit) / 9)
    step = (torso.length - torso.armpit) / count
    return [torso.armpit + step * i for i in range(-1, count)]


def _padded(torso: Torso) -> str:
    """Return the side seam of a quilted body: it swells between the seams."""
    stops = [*_rows(torso)[2:], torso.length]
    seams: list[str] = []
    above, x0 = torso.armpit, torso.chest
    for y in stops:
        x = torso.side(y)
        bulge = max(x0, x) + 2.0
        seams.append(f"C {bulge},{above + 1.2} {bulge},{y - 1.2} {x},{y}")
        above, x0 = y, x
    end = torso.length + torso.hem
    return f"{' '.join(seams)} C {x0 * 0.6},{end} {x0 * 0.3},{end} 0,{end}"


def _quilting(torso: Torso) -> Flat:
    lines: list[Mark] = []
    for y in _rows(torso):
        x = (torso.side(y) if y >= torso.armpit else torso.shoulder - 1) - 0.3
        seam = f"M {-x},{y} C {-x * 0.5},{y + 1.4} {x * 0.5},{y + 1.4} {x},{y}"
        lines.append(Mark(path(seam)))
        lines.extend(
            fold(f"{a * x},{y + 0.9} {a * x * 0.96},{y + 2.6} {a * x * 0.86},{y + 4.2}", 0.6)
            for a in (-0.75, -0.3, 0.4, 0.8)
        )
    return tuple(lines)


def _cape(build: Build, chance: Chance, *, back: bool) -> Flat:
    length = build.torso.length if build.torso.length != _COAT.length else 82.0
    wide = 40 * (build.torso.chest / _COAT.chest)
    outline = whole(
        f"M 0,6 C 4.5,6 7,3.5 7.6,0 L 17,3.4 C 27,8 {wide},{length * 0.6} {wide + 4},{length - 6}"
        f" C {wide * 0.6},{length + 2} {wide * 0.3},{length + 1.4} 0,{length + 1.4}"
    )
    slit = path(
        f"M 17,{length * 0.42} C 17.6,{length * 0.5} 17.8,{length * 0.58} 17.6,{length * 0.66}"
    )
    folds = tuple(
        fold(
            f"{x * 0.5},{length * 0.35} {x * 0.8},{length * 0.6} "
            f"{x},{length - 3 - chance.between(0, 12, x)}",
            1.0,
        )
        for x in (-30, -19, -9, 10, 21, 31)
    )
    built = assemble(build, chance, back=back)
    collar = tuple(
        item
        for item in built
        if isinstance(item, Piece) and item.cloth in (Cloth.TRIM, Cloth.LINING)
    )
    opening = () if back else (Mark(path(f"M 0,6 L 0,{length + 1.4}")), *both(Mark(slit)))
    return (*collar[:1], Piece(outline), *opening, *folds, *collar[0 if back else 1 :])
