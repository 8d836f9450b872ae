"""Trousers and shorts."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from pipeline.fashion.parts import Part
from pipeline.sketch.chance import Chance
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, both, button, fold, of
from pipeline.sketch.path import path, polygon, whole
from pipeline.sketch.pockets import pocketed
from pipeline.sketch.traits import Length, Pockets, Traits

_TROUSER_LENGTHS = {
    Length.CROPPED: 74.0,
    Length.MINI: 34.0,
    Length.REGULAR: 102.0,
    Length.KNEE: 56.0,
    Length.MIDI: 74.0,
    Length.ANKLE: 94.0,
    Length.LONG: 104.0,
    Length.MAXI: 107.0,
}
_SHORTS_LENGTHS = {
    Length.CROPPED: 36.0,
    Length.MINI: 33.0,
    Length.REGULAR: 44.0,
    Length.KNEE: 56.0,
    Length.MIDI: 62.0,
    Length.ANKLE: 62.0,
    Length.LONG: 58.0,
    Length.MAXI: 62.0,
}
_CROTCH = 28.0
_KNEE = 58.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """Half waist and hip, and each leg's width at knee and hem, in cm.

    `apart` is how far the inner hem stands from the centre line.
    """

    waist: float = 19.0
    hip: float = 25.5
    knee: float = 22.0
    hem: float = 20.0
    apart: float = 2.6
    length: float = 102.0
    elastic: bool = False
    cuff: float = 0.0
    tailored: bool = False
    denim: bool = False
    cargo: bool = False
    bib: bool = False
    plain: bool = False


LEGS: dict[str, dict[str, Legs]] = {
    "pants": {
        "straight": Legs(hip=24, hem=21, tailored=True),
        "chinos": Legs(hip=24.5, knee=21, hem=18),
        "jeans": Legs(hip=23.5, knee=20, hem=18, denim=True),
        "skinny": Legs(waist=18, hip=21.6, knee=15.5, hem=12, apart=3.2, length=98, denim=True),
        "leggings": Legs(
            waist=17, hip=20, knee=13.5, hem=9.5, apart=3.6, length=92, elastic=True, plain=True
        ),
        "wide": Legs(waist=18.5, hip=24, knee=29, hem=34, apart=1.4, length=104, tailored=True),
        "flared": Legs(waist=18, hip=22.5, knee=18, hem=31, apart=0.8, length=105, denim=True),
        "joggers": Legs(hip=25, knee=23, hem=15, apart=3.2, length=92, elastic=True, cuff=6),
        "cargo": Legs(hip=25, knee=25, hem=23, cargo=True),
        "overalls": Legs(waist=20.5, hip=25, knee=24, hem=22, denim=True, bib=True),
    },
    "shorts": {
        "chino": Legs(hip=25, hem=29, length=46, apart=1.8),
        "bermuda": Legs(hip=24.5, hem=26.5, length=57, apart=1.8, tailored=True),
        "denim": Legs(hip=24.5, hem=28, length=38, apart=1.6, denim=True),
        "athletic": Legs(hip=26, hem=32, length=42, apart=1.0, elastic=True),
        "hot": Legs(hip=24.5, hem=26, length=31, apart=1.4, tailored=True),
        "cycling": Legs(waist=17.5, hip=21, hem=18, length=50, apart=2.4, elastic=True, plain=True),
        "cargo": Legs(hip=26, hem=30, length=56, apart=1.6, cargo=True),
        "skort": Legs(hip=27, hem=36, length=42, apart=0.3, tailored=True),
    },
}


def trousers(traits: Traits, chance: Chance, *, back: bool) -> Flat:
    """Draw trousers or shorts; their waist lies at y = 0."""
    legs = settled_legs(traits, LEGS[traits.kind][traits.cut])
    outline = whole(f"M 0,.4 L {legs.waist},0 {outseam(legs)} {inseam(legs)}")
    return (
        *_rear(legs, back=back),
        Piece(outline, part=Part.BACK if back else Part.BODY),
        *leg_parts(legs, traits.parts),
        *hems(legs),
        *leg_seams(legs, back=back),
        *leg_folds(legs, chance),
        *(_told_pockets(traits) if not back else ()),
        *(_bib(legs, back=back) if legs.bib else of(Part.WAISTBAND, _waistband(legs, back=back))),
        *(belt(legs.waist, buckled=not back) if traits.belted and not legs.bib else ()),
    )


def settled_legs(traits: Traits, legs: Legs) -> Legs:
    """Return legs of a cut with what the spec says of length and width."""
    table = _SHORTS_LENGTHS if traits.kind == "shorts" else _TROUSER_LENGTHS
    length = legs.length
    if traits.length and traits.length is not Length.REGULAR:
        length = table[traits.length] - legs.cuff
    ease = traits.ease
    return replace(
        legs,
        waist=legs.waist * (1 + (ease - 1) * 0.3),
        hip=legs.hip * (1 + (ease - 1) * 0.6),
        knee=legs.knee * ease,
        hem=legs.hem * ease * traits.flare,
        length=length,
        cargo=legs.cargo or traits.pockets is Pockets.CARGO,
    )


def _told_pockets(traits: Traits) -> Flat:
    if traits.pockets in (None, Pockets.SIDE, Pockets.CARGO):
        return ()
    return pocketed(traits.pockets, 15, 30)


def leg_parts(legs: Legs, parts: AbstractSet[Part]) -> Flat:
    """Return stripes down the sides and bands at the hems, where they are of `parts`."""
    inner, outer = _edges(legs)
    end = legs.length
    items: Flat = ()
    if Part.SIDE in parts:
        seam = list(path(f"M {legs.waist},0 {outseam(legs)}").points())
        stripe = polygon((*seam, *((x - 2.6, y) for x, y in reversed(seam))))
        items += both(Piece(stripe, edge=Pen.DETAIL, part=Part.SIDE))
    if parts & {Part.HEM, Part.CUFF} and not legs.cuff:
        high = 5.0
        band = path(
            f"M {inner - 0.2},{end - high} L {outer - 0.2},{end - high - 0.6} L {outer},{end - 0.6}"
            f" C {outer - 4},{end + 0.8} {inner + 4},{end + 0.8} {inner},{end + 0.2} Z"
        )
        part = Part.HEM if Part.HEM in parts else Part.CUFF
        items += both(Piece(band, edge=Pen.SEAM, part=part))
    return items


def _edges(legs: Legs) -> tuple[float, float]:
    """Return (inner, outer) x of the hem: legs stand a little apart and outwards."""
    lean = 1.5 + legs.length * 0.02
    inner = legs.apart + lean * 0.6
    return inner, inner + legs.hem


def _knee(legs: Legs) -> tuple[float, float] | None:
    """Return (inner, outer) x at the knee, None where the leg ends above it."""
    if legs.length < _KNEE + 14:
        return None
    inner, outer = _edges(legs)
    centre = 0.62 * (inner + outer) / 2 + 0.38 * legs.hip * 0.53
    near = max(min(centre - legs.knee / 2, inner + 1.0), 1.2)
    return near, near + legs.knee


def outseam(legs: Legs) -> str:
    _, outer = _edges(legs)
    end, knee = legs.length, _knee(legs)
    top = f"C {legs.waist + 2},6 {legs.hip - 0.6},13 {legs.hip},20"
    if knee is None:
        low = 20 + (end - 20) * 0.4
        return f"{top} C {legs.hip + 0.4},{low} {outer - 0.4},{end - 5} {outer},{end - 0.6}"
    x = knee[1]
    return (
        f"{top} C {legs.hip + 0.1},30 {x + 1},{_KNEE - 16} {x},{_KNEE}"
        f" C {x - 0.6},{_KNEE + 12} {outer - (outer - x) * 0.25},{end - 16} {outer},{end - 0.6}"
    )


def inseam(legs: Legs) -> str:
    inner, outer = _edges(legs)
    end, knee = legs.length, _knee(legs)
    middle = (inner + outer) / 2
    hem = f"C {middle + 2},{end + 0.8} {middle - 2},{end + 0.8} {inner},{end + 0.2}"
    if knee is None:
        return f"{hem} C {inner - 0.4},{end - 6} .8,{_CROTCH + 3} 0,{_CROTCH}"
    x = knee[0]
    return (
        f"{hem} C {inner + (x - inner) * 0.2},{end - 16} {x},{_KNEE + 12} {x},{_KNEE}"
        f" C {x},{_KNEE - 14} 1.2,{_CROTCH + 6} 0,{_CROTCH}"
    )


def _rear(legs: Legs, *, back: bool) -> Flat:
    if back or legs.bib:
        return ()
    rear = whole(f"M 0,-3.4 C 6,-3.4 12,-3.8 {legs.waist - 0.4},-4.4 L {legs.waist},0 L 0,.8")
    return (Piece(rear, Cloth.LINING),)


def _waistband(legs: Legs, *, back: bool) -> Flat:
    dip = 0.0 if back else 1.2
    high = 5.0 if legs.elastic else 4.2
    w = legs.waist
    band = whole(
        f"M 0,{dip - high + 0.8} C 6,{dip - high + 0.8} 12,{dip * 0.6 - high + 0.4}"
        f" {w - 0.4},{-high}"
        f" L {w},.1 L 0,.8"
    )
    piece = Piece(band, Cloth.TRIM, edge=Pen.SEAM)
    if legs.elastic:
        count = 13
        ribs = tuple(
            Mark(path(f"M {x},{dip * 0.5 - high + 1.4} L {x},{0.2}"), Pen.STITCH)
            for x in (-w + 2 * w * i / count for i in range(1, count))
        )
        cord = path("M -1,0 C -1.6,4 -1,8 -1.8,12 M 1,0 C 1.4,4 .8,8 1.8,11.4")
        return (piece, *ribs, *(() if back or legs.plain else (Mark(cord, Pen.SEAM),)))
    loop = path("M 9.6,-3.9 L 11,-4 L 11,1.2 L 9.6,1.2 Z")
    loops = both(Piece(loop, Cloth.TRIM, edge=Pen.DETAIL, part=Part.LOOP))
    if back:
        patch = path("M 5,-3.6 L 9,-3.7 L 9,.4 L 5,.4 Z")
        return (
            piece,
            *loops,
            *((Piece(patch, Cloth.BUTTON, edge=Pen.DETAIL),) if legs.denim else ()),
        )
    return (piece, *loops, button(0.4, -1.1, 0.95))


def belt(waist: float, *, buckled: bool) -> Flat:
    """Return a belt that lies on a waistband."""
    band = whole(f"M 0,-2.6 C 6,-2.6 12,-2.9 {waist - 0.1},-3.3 L {waist + 0.1},-.7 L 0,0")
    buckle = path("M -2,-3.2 L 2.2,-3.2 L 2.2,.6 L -2,.6 Z")
    hole = path("M -1,-2.2 L 1.2,-2.2 L 1.2,-.4 L -1,-.4 Z")
    clasp = (
        Piece(buckle, Cloth.METAL, edge=Pen.DETAIL),
        Piece(hole, Cloth.BELT, edge=Pen.DETAIL),
    )
    return (Piece(band, Cloth.BELT, edge=Pen.SEAM), *(clasp if buckled else ()))


def hems(legs: Legs) -> Flat:
    inner, outer = _edges(legs)
    end = legs.length
    if legs.cuff:
        band = path(
            f"M {inner},{end} L {outer},{end - 0.6} C {outer},{end + 1.4} {outer - 1.6},{end + 2}"
            f" {outer - 1.6},{end + legs.cuff} L {inner + 1.6},{end + legs.cuff + 0.4}"
            f" C {inner + 1.6},{end + 2} {inner},{end + 1.8} {inner},{end} Z"
        )
        ribs = tuple(
            Mark(path(f"M {x},{end + 1.6} L {x},{end + legs.cuff}"), Pen.STITCH)
            for x in (inner + (outer - inner) * i / 6 for i in range(1, 6))
        )
        return of(Part.CUFF, both(Piece(band, Cloth.TRIM, edge=Pen.OUTLINE), *ribs))
    y = end - (1.6 if legs.denim else 2.6)
    stitch = path(
        f"M {inner + 0.1},{y} C {inner + 4},{y + 0.6} {outer - 4},{y} {outer - 0.3},{y - 0.6}"
    )
    return both(Mark(stitch, Pen.STITCH))


def leg_seams(legs: Legs, *, back: bool) -> Flat:
    centre = Mark(path(f"M 0,.6 L 0,{_CROTCH}"))
    if legs.plain:
        return (centre,)
    items: Flat = (centre,)
    if back:
        return items + _behind(legs)
    if not legs.elastic:
        items += (Mark(path("M 3.6,.8 L 3.6,15 C 3.4,18.6 1.8,20 0,20.4"), Pen.STITCH),)
    if legs.tailored:
        inner, outer = _edges(legs)
        crease = path(
            f"M 11,1 C 11.6,20 {(inner + outer) / 2},{legs.length * 0.5}"
            f" {(inner + outer) / 2},{legs.length - 1}"
        )
        items += both(Mark(crease, Pen.DETAIL))
    items += _pockets(legs)
    return items + (_cargo(legs) if legs.cargo else ())


def _pockets(legs: Legs) -> Flat:
    w, hip = legs.waist, legs.hip
    if legs.denim:
        line = path(f"M {w * 0.5},1 C {w * 0.54},9 {hip * 0.7},13.4 {hip - 0.6},13")
        stitch = path(f"M {w * 0.45},1 C {w * 0.49},10 {hip * 0.7},14.8 {hip - 0.6},14.4")
        coin = path(f"M {w * 0.72},7.6 L {w * 0.74},11.6")
        drawn = both(Mark(line), Mark(stitch, Pen.STITCH), Mark(coin, Pen.DETAIL))
        return of(Part.POCKET, drawn)
    line = path(f"M {w * 0.66},.6 L {hip - 0.7},17")
    stitch = path(f"M {w * 0.61},.6 L {hip - 1.6},17.4")
    return of(Part.POCKET, both(Mark(line), Mark(stitch, Pen.STITCH)))


def _behind(legs: Legs) -> Flat:
    if legs.denim or legs.cargo:
        pocket = path("M 4.6,10.6 L 17,9.8 L 17.6,21 L 11,25 L 5,21.6 Z")
        arc = path("M 5.4,16 C 8,17.8 10,17.4 11,18.6 C 12.4,17 15,17 17,15.2")
        yoke = path(f"M 0,7 C 8,6.4 14,4.6 {legs.hip * 0.86},3.4")
        bag = of(Part.POCKET, both(Piece(pocket, edge=Pen.SEAM), Mark(arc, Pen.STITCH)))
        return (*both(Mark(yoke)), *bag)
    welt = path("M 5.6,9.6 L 16,9 L 16.1,10.4 L 5.7,11 Z")
    dart = path("M 10.6,1 L 10.8,8.8")
    return (*of(Part.POCKET, both(Mark(welt))), *both(Mark(dart, Pen.DETAIL)))


def _cargo(legs: Legs) -> Flat:
    knee = _knee(legs)
    top = 40.0 if knee else legs.length - 24
    part = 0.5 if knee else (top + 9 - 20) / (legs.length - 20)
    outer = legs.hip + ((knee[1] if knee else _edges(legs)[1]) - legs.hip) * part - 0.6
    pocket = path(
        f"M {outer - 13},{top} L {outer + 0.6},{top - 0.6} L"
        f" {outer + 0.2},{top + 17} L {outer - 13},{top + 17.6} Z"
    )
    flap = path(
        f"M {outer - 13.6},{top - 0.6} L {outer + 1},{top - 1.2} L"
        f" {outer + 1},{top + 4} L {outer - 6},{top + 5.6} L"
        f" {outer - 13.6},{top + 4.6} Z"
    )
    return of(Part.POCKET, both(Piece(pocket, edge=Pen.SEAM), Piece(flap, edge=Pen.SEAM)))


def leg_folds(legs: Legs, chance: Chance) -> Flat:
    items: list[Mark] = []
    knee, (inner, outer) = _knee(legs), _edges(legs)
    for sign in (1, -1):
        reach = chance.between(6, 12, "crotch", sign)
        drop = chance.between(-2, 4, "drop", sign)
        items.append(
            fold(
                f"{sign * 0.8},{_CROTCH - 1} {sign * reach * 0.5},{_CROTCH - 2.6}"
                f" {sign * reach},{_CROTCH - 4 + drop}",
                sign * 0.8,
            )
        )
        items.append(
            fold(
                f"{sign * 1.6},{_CROTCH + 4} {sign * reach * 0.6},{_CROTCH + 3}"
                f" {sign * reach * 0.9},{_CROTCH + 5 + drop}",
                sign * 0.7,
            )
        )
        if knee:
            at = _KNEE + chance.between(-3, 5, "knee", sign)
            far = chance.between(5, 9, "far", sign)
            items.append(
                fold(
                    f"{sign * (knee[0] + 0.8)},{at} {sign * (knee[0] + far * 0.5)},{at + 1.6}"
                    f" {sign * (knee[0] + far)},{at + 0.6}",
                    0.7,
                )
            )
            items.append(
                fold(
                    f"{sign * (knee[1] - 0.8)},{at + 4}"
                    f" {sign * (knee[1] - far * 0.5)},{at + 5.2}"
                    f" {sign * (knee[1] - far)},{at + 3.6}",
                    -0.7,
                )
            )
        if not legs.plain:
            x = inner + (outer - inner) * chance.between(0.3, 0.7, "hem", sign)
            high = chance.between(6, 12, "high", sign)
            items.append(
                fold(
                    f"{sign * x},{legs.length - 3.4} {sign * (x + 0.5)},{legs.length - high}"
                    f" {sign * (x - 0.6)},{legs.length - 1.6 * high}",
                    0.7,
                )
            )
    return tuple(items)


def _bib(legs: Legs, *, back: bool) -> Flat:
    w = legs.waist
    band = Piece(whole(f"M 0,-3.2 L {w},-3.4 L {w},1 L 0,1.4"), Cloth.TRIM, edge=Pen.SEAM)
    if back:
        strap = path("M 3,-3 L 12,-50 L 8.6,-51 L -1.4,-3 Z")
        return (*both(Piece(strap, part=Part.STRAP)), band)
    bib = whole(f"M 0,-28 C 5,-28 9,-28 11.6,-28.4 C 12,-18 14,-8 {w - 1},-2 L 0,-2")
    pocket = path("M -7,-21 L 7,-21 L 7,-11 L 0,-8.6 L -7,-11 Z")
    hem = path("M -11,-26 C -5,-25.6 5,-25.6 11,-26")
    strap = path("M 8.6,-24 C 9,-36 8.4,-46 7,-54 L 10.4,-54.6 C 12,-46 12.6,-36 12,-24 Z")
    rear = path("M 7,-54 C 4,-40 2,-30 0,-20 L 3,-20 C 5,-30 8,-42 10.4,-54.6 Z")
    return (
        *both(Piece(rear, Cloth.LINING)),
        Piece(bib, part=Part.BODICE),
        *both(Piece(strap, part=Part.STRAP)),
        band,
        Mark(hem, Pen.STITCH),
        Piece(pocket, edge=Pen.SEAM, part=Part.POCKET),
        *both(Piece(button(10.2, -24.6, 1.3).path, Cloth.METAL, edge=Pen.DETAIL)),
    )
