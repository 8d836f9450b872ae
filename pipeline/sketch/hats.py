"""Hats, seen from the front or a little from the side."""

from dataclasses import replace

from pipeline.fashion.parts import Part
from pipeline.sketch.chance import Chance
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, bent, both, button, fold
from pipeline.sketch.path import path, whole
from pipeline.sketch.traits import Traits


def hat(traits: Traits, chance: Chance) -> Flat:
    """Draw a hat; those seen from the side face either way."""
    facing = chance.pick((1, -1), "facing")
    drawn = (*_HATS[traits.cut], *(_BOBBLE if _bobbled(traits) else ()))
    told = (replace(item, part=item.part or _told(item)) for item in drawn)
    return bent(tuple(told), lambda p: (facing * p[0], p[1]))


def _bobbled(traits: Traits) -> bool:
    return traits.cut == "beanie" and Part.BOBBLE in traits.parts


def _told(item: Piece | Mark) -> Part | None:
    return _PARTS.get(item.cloth) if isinstance(item, Piece) else None


_PARTS = {Cloth.SOLE: Part.BAND, Cloth.TRIM: Part.BRIM}
_BOBBLE: Flat = (
    Piece(
        whole("M 0,-26 C 2.6,-26 4.4,-24.2 4.4,-21.8 C 4.4,-19.4 2.6,-17.8 0,-17.8"),
        Cloth.PLAIN,
        part=Part.BOBBLE,
    ),
    fold("-2,-24 0,-22.6 2.2,-23.6", 0.6),
    fold("-2.6,-21 0,-19.4 2.4,-20.6", 0.6),
)


def _line(text: str, pen: Pen = Pen.SEAM) -> Mark:
    return Mark(path(text), pen)


_CAP: Flat = (
    Piece(
        path(
            "M -11,0 C -11.6,-9 -7,-15.4 1,-15.4 C 8.4,-15.4 12.4,-9.4 12.2,-1.4"
            " C 6,-3.2 -5,-2.6 -11,0 Z"
        )
    ),
    _line("M 1,-15.4 C -3,-12 -5,-7 -5,-1.6 M 1,-15.4 C 5.4,-11.6 7,-7 6.8,-2.4"),
    _line(
        "M .4,-15 C -3.6,-11.6 -5.8,-7 -5.8,-1.4 M 1.6,-15 C 6.2,-11.4 7.8,-7 7.6,-2.2", Pen.STITCH
    ),
    button(1, -15.5, 0.9),
    button(-7.6, -9.4, 0.5),
    button(9.2, -9.2, 0.5),
    button(1.4, -10.6, 0.5),
    Piece(
        path(
            "M -4.6,-1.9 C 0,-3.2 7,-3.2 12.2,-1.4 C 17,-1 21.6,1 22.4,3.4 C 22.6,4.6 21,4.8 19,4.2"
            " C 12,1.8 4,1.6 -2.4,3 C -4.4,2 -5,0 -4.6,-1.9 Z"
        ),
        Cloth.TRIM,
    ),
    _line("M -3.6,-.8 C 3,-1.8 14,-1.2 20.6,3.2", Pen.STITCH),
    _line("M -3.2,.6 C 3,-.6 13,.2 19.4,3.6", Pen.STITCH),
    _line("M -2.6,1.8 C 4,.6 11,1 17,3.2", Pen.STITCH),
)
_BEANIE: Flat = (
    Piece(whole("M 0,-19 C 7,-19 12.4,-13 12.2,-2 L 0,-1")),
    *both(
        *(
            _line(
                f"M {x},-{18.6 - x * x * 0.045:.1f} C {x * 1.5},-12 {x * 1.7},-7 {x * 1.75},-2",
                Pen.STITCH,
            )
            for x in (1.2, 2.6, 4, 5.4, 6.6)
        )
    ),
    Piece(
        whole("M 0,-6 C 5,-6 10,-5.6 12.6,-4.8 C 13.4,-2 13.2,.6 12.6,2.6 C 8,3.8 4,4 0,4"),
    ),
    *both(
        *(
            _line(f"M {x},-{5.6 - x * 0.05:.2f} L {x},{3.7 - x * 0.06:.2f}", Pen.DETAIL)
            for x in (0.8, 2.4, 4, 5.6, 7.2, 8.8, 10.4, 11.8)
        )
    ),
)
_BUCKET: Flat = (
    Piece(whole("M 0,-13 C 4,-13 7,-12.8 8.6,-12 C 10,-8 10.8,-4 11,-.4 C 8,1 4,1.6 0,1.6")),
    _line("M -8.4,-11.6 C -4,-10.4 4,-10.4 8.4,-11.6"),
    _line("M -8.6,-10.8 C -4,-9.6 4,-9.6 8.6,-10.8", Pen.STITCH),
    _line("M 0,-10.6 L 0,.4", Pen.DETAIL),
    Piece(whole("M 0,.6 C 4,.6 8,.2 11,-.6 C 14,1.6 16.4,4.4 17.4,7 C 12,9.6 6,10.4 0,10.4")),
    *(
        _line(
            f"M {-11.4 - i * 1.3},{0.8 + i * 1.4} C {-5},{2.8 + i * 1.9}"
            f" {5},{2.8 + i * 1.9} {11.4 + i * 1.3},{0.8 + i * 1.4}",
            Pen.STITCH,
        )
        for i in range(4)
    ),
    button(7.6, -6, 0.5),
    button(7.9, -4, 0.5),
)
_FEDORA: Flat = (
    Piece(
        path(
            "M -19,1.4 C -21,-1 -18,-3.4 -14,-3 C -6,-1 6,-1 14,-3 C 18,-3.6 21,-1.4"
            " 19.4,1 C 12,5.6 -11,6 -19,1.4 Z"
        )
    ),
    Piece(
        path(
            "M -11.6,-2.6 C -11.4,-8 -10.8,-13 -8.4,-15.6 C -5.6,-17.6 -2.6,-15 0,-14.6"
            " C 2.8,-15.2 6,-17.8 8.6,-15.4 C 10.8,-12.6 11.4,-8 11.6,-2.6 C 5,.2 -5,.2"
            " -11.6,-2.6 Z"
        )
    ),
    fold("0,-14.4 -1,-11.6 -3.4,-9.4", 0.8),
    fold("7.4,-14 5.6,-11.6 6.4,-9", -0.8),
    fold("-7.4,-14.2 -5.8,-11.8 -6.4,-9.2", 0.8),
    Piece(
        path(
            "M -11.6,-2.4 L -11.4,-6.4 C -5,-3.6 5,-3.6 11.4,-6.4 L 11.6,-2.4 C 5,.4"
            " -5,.4 -11.6,-2.4 Z"
        ),
        Cloth.SOLE,
        edge=Pen.SEAM,
    ),
    Piece(path("M 7.4,-5.2 L 10.8,-6.8 L 10.9,-2 L 7.6,-.6 Z"), Cloth.SOLE, edge=Pen.DETAIL),
    _line("M -18,1.2 C -10,4.8 11,4.4 18.4,.8", Pen.STITCH),
)
_SUN: Flat = (
    Piece(
        path(
            "M -29,2 C -30,-2.6 -20,-6.4 -10,-6 L 10,-6 C 20,-6.4 30,-2.4 29,2.4 C"
            " 27,8.4 12,10.4 0,9.4 C -6,9 -10,10.8 -16,9.6 C -23,8.2 -28.4,6 -29,2 Z"
        )
    ),
    *(
        _line(
            f"M {-27 + i * 4.4},{2 - i * 0.9} C {-20 + i * 4},{7.6 - i * 1.6}"
            f" {20 - i * 4},{7.6 - i * 1.6} {27 - i * 4.4},{2.2 - i * 0.9}",
            Pen.STITCH,
        )
        for i in range(4)
    ),
    fold("-16,9 -14,4 -11,.6", 1.0),
    fold("17,8 14.6,4 12,1", -1.0),
    Piece(whole("M 0,-17.4 C 6,-17.4 10.4,-14 11,-3.6 C 6,-.6 3,-.4 0,-.4")),
    *(
        _line(
            f"M {-9.6 + (2 - i) * 0.9},{-7.8 - i * 2.6} C -4,{-5.8 - i * 2.8}"
            f" 4,{-5.8 - i * 2.8} {9.6 - (2 - i) * 0.9 + 0.4},{-7.8 - i * 2.6}",
            Pen.STITCH,
        )
        for i in range(3)
    ),
    Piece(
        path(
            "M -11.1,-3.4 C -11,-5 -10.8,-6.4 -10.6,-7.6 C -4,-4.8 4,-4.8 10.6,-7.6 C"
            " 10.8,-6.4 11,-5 11.1,-3.4 C 5,-.2 -5,-.2 -11.1,-3.4 Z"
        ),
        Cloth.SOLE,
        edge=Pen.SEAM,
    ),
)
_BERET: Flat = (
    Piece(
        path(
            "M -9.6,0 C -16,-1.4 -19,-5.4 -16,-8.4 C -11,-13 2,-14.4 10,-11.4 C 16.4,-9"
            " 17.4,-3.6 10.6,0 C 5,1.6 -4,1.6 -9.6,0 Z"
        )
    ),
    Piece(
        path(
            "M -1,-12.9 C -1.2,-14.4 -1,-15.4 -.6,-16.2 L .4,-16.1 C .2,-15.2 .3,-14.2 .4,-12.9 Z"
        ),
        Cloth.PLAIN,
        edge=Pen.SEAM,
    ),
    Piece(
        path("M -9.8,-1.2 C -4,.6 5,.6 10.8,-1.4 L 10.4,1.2 C 5,2.8 -4,2.8 -9.4,1.4 Z"),
        Cloth.TRIM,
        edge=Pen.SEAM,
    ),
    fold("-9,-1 -12.6,-3 -13.6,-6", 0.8),
    fold("9.6,-1.4 13,-3.6 12.6,-7", -0.8),
    fold("2,-1 5,-4 4.6,-8", 0.6),
)
_COWBOY: Flat = (
    Piece(
        path(
            "M -24,-6.4 C -20,-7.6 -14,-3 -8,-2 L 8,-2 C 14,-3 20,-7.6 24,-6.4 C 25,-4"
            " 19,2 12,4.4 C 5,6.4 -5,6.4 -12,4.4 C -19,2 -25,-4 -24,-6.4 Z"
        )
    ),
    Piece(
        path(
            "M -11.4,-2 C -11.6,-8 -11,-14.6 -8,-18 C -5.4,-19.8 -2.4,-17 0,-16.4 C"
            " 2.4,-17 5.4,-19.8 8,-18 C 11,-14.6 11.6,-8 11.4,-2 C 5,.8 -5,.8 -11.4,-2"
            " Z"
        )
    ),
    fold("0,-16.2 .4,-12 -.6,-8.6", 0.9),
    fold("-7,-16 -5.4,-12.6 -6.2,-9", 0.8),
    fold("7,-16 5.4,-12.6 6.2,-9", -0.8),
    Piece(
        path(
            "M -11.4,-1.8 L -11.5,-4.6 C -5,-1.8 5,-1.8 11.5,-4.6 L 11.4,-1.8 C 5,1"
            " -5,1 -11.4,-1.8 Z"
        ),
        Cloth.SOLE,
        edge=Pen.SEAM,
    ),
    _line("M -22.6,-5.4 C -16,2 -7,4.8 0,4.8 C 7,4.8 16,2 22.6,-5.4", Pen.STITCH),
)
_TOP_HAT: Flat = (
    Piece(
        path(
            "M -18,.6 C -18.6,-2 -15,-2.4 -11,-1.6 L 11,-1.6 C 15,-2.4 18.6,-2 18,.6 C"
            " 12,4.6 -12,4.6 -18,.6 Z"
        )
    ),
    Piece(
        path(
            "M -10.6,-1 C -10,-8 -11,-14 -12,-20.4 C -5,-22.4 5,-22.4 12,-20.4 C 11,-14"
            " 10,-8 10.6,-1 C 5,1.2 -5,1.2 -10.6,-1 Z"
        )
    ),
    _line("M -12,-20.4 C -5,-18.4 5,-18.4 12,-20.4"),
    Piece(
        path(
            "M -10.6,-1 L -10.3,-5.4 C -5,-3.4 5,-3.4 10.3,-5.4 L 10.6,-1 C 5,1.2 -5,1.2 -10.6,-1 Z"
        ),
        Cloth.SOLE,
        edge=Pen.SEAM,
    ),
    fold("8.6,-17 7.8,-12 7.8,-7", 0.8),
)
_NEWSBOY: Flat = (
    Piece(
        path(
            "M -12,0 C -17,-3 -16.4,-8.6 -9,-11.4 C -1,-14.2 9,-12.4 14,-7 C 16.6,-4"
            " 17,-1.4 15.4,.4 C 8,-2.4 -4,-2.4 -12,0 Z"
        )
    ),
    _line("M -1,-13 C -6,-9.6 -8.6,-5 -8.4,-1 M -1,-13 C 4,-9.6 7,-5.6 7.6,-1.4"),
    button(-1, -13, 1.0),
    Piece(
        path(
            "M -3,-1.8 C 3,-2.6 10,-2 15.4,.4 C 18.4,1.8 18.4,3.8 15.6,3.8 C 9,2.4"
            " 3,2.2 -2,2.8 C -3.6,1.6 -3.8,-.4 -3,-1.8 Z"
        ),
        Cloth.TRIM,
    ),
    _line("M -2,1.6 C 4,.8 10,1.2 15,2.6", Pen.STITCH),
    fold("-11,-1 -12.6,-4 -11.4,-7", 0.7),
    fold("13,-1.6 13.6,-4 12,-6.6", -0.7),
)
_HATS: dict[str, Flat] = {
    "cap": _CAP,
    "beanie": _BEANIE,
    "bucket": _BUCKET,
    "fedora": _FEDORA,
    "sun": _SUN,
    "beret": _BERET,
    "cowboy": _COWBOY,
    "top-hat": _TOP_HAT,
    "newsboy": _NEWSBOY,
}
