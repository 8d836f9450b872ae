"""What is carried, wound around the neck, or worn in the water and on the feet."""

from dataclasses import replace

from pipeline.fashion.parts import Part
from pipeline.sketch.chance import Chance
from pipeline.sketch.flat import Cloth, Flat, Mark, Pen, Piece, bent, both, fold, of
from pipeline.sketch.path import path, whole
from pipeline.sketch.traits import Traits


def accessory(traits: Traits, chance: Chance) -> Flat:
    """Draw a bag, a scarf or the like; those that lean face either way."""
    facing = chance.pick((1, -1), "facing")
    drawn = _ACCESSORIES[traits.cut]
    if traits.stripes:
        # They run as they are told to, whatever the grain.
        drawn = tuple(replace(i, grain=0.0) if isinstance(i, Piece) else i for i in drawn)
    return bent(drawn, lambda p: (facing * p[0], p[1]))


def _line(text: str, pen: Pen = Pen.SEAM) -> Mark:
    return Mark(path(text), pen)


def _strap(text: str) -> Piece:
    return Piece(path(text), edge=Pen.SEAM, part=Part.STRAP)


_HANDLE = (
    "M 7,2 C 7,-14 6,-21 0,-21 C -6,-21 -7,-14 -7,2 L -9.4,2 C -9.4,-15 -8,-23.4 0,-23.4"
    " C 8,-23.4 9.4,-15 9.4,2 Z"
)
_TOTE: Flat = (
    *bent((_strap(_HANDLE),), lambda p: (p[0] * 0.94 + 1, p[1] - 2)),
    Piece(whole("M 0,0 C 8,0 14,-.2 19,-.6 L 18,37 C 12,38.4 6,38.6 0,38.6"), part=Part.BODY),
    _line("M -18.9,2.4 C -8,3 8,3 18.9,2.4", Pen.STITCH),
    _line("M -18,33 C -8,34.4 8,34.4 18.1,33", Pen.DETAIL),
    _strap(_HANDLE.replace("2 C", "7 C", 1).replace("-7,2 L -9.4,2", "-7,7 L -9.4,7")),
    *both(_line("M 7.2,3 L 9.2,3 M 7.2,6 L 9.2,6", Pen.STITCH)),
    fold("-12,34 -11,24 -13,14", 0.8),
    fold("13,32 11.6,26 12.4,18", -0.8),
)
_HANDBAG: Flat = (
    _strap(
        "M 9,2 C 9,-9 6,-13 0,-13 C -6,-13 -9,-9 -9,2 L -10.6,2 C -10.6,-10 -7,-14.8 0,-14.8"
        " C 7,-14.8 10.6,-10 10.6,2 Z"
    ),
    Piece(whole("M 0,0 L 13,0 C 14.4,8 15.4,15 15.6,20 C 15.4,21.6 14,22 0,22"), part=Part.BODY),
    Piece(
        whole("M 0,-.6 L 13.2,-.6 C 13.8,3 14.2,6.4 14.4,9 C 10,12.4 5,13.6 0,13.6"),
        edge=Pen.SEAM,
        part=Part.POCKET,
    ),
    _line("M -13.6,8.6 C -9,11.6 -4,12.6 0,12.6 C 4,12.6 9,11.6 13.6,8.6", Pen.STITCH),
    Piece(path("M -2,11 L 2,11 L 2,15.4 L -2,15.4 Z"), Cloth.METAL, edge=Pen.SEAM),
    *both(Piece(path("M 8.6,-1 L 11,-1 L 11,1.6 L 8.6,1.6 Z"), Cloth.METAL, edge=Pen.DETAIL)),
    _line("M -15.2,18.6 C -8,19.4 8,19.4 15.2,18.6", Pen.STITCH),
)
_BACKPACK: Flat = (
    _strap("M 3,0 C 3,-5 -3,-5 -3,0 L -4.6,0 C -4.6,-7 4.6,-7 4.6,0 Z"),
    *both(_strap("M 11,2 C 16,6 18,16 17.4,34 L 14,38 L 12.6,36 C 15,30 15,14 10,5 Z")),
    Piece(
        whole("M 0,-1.6 C 9,-1.6 14,3 14.6,12 L 15.4,36 C 15.4,40 13.6,41.6 0,41.6"),
        part=Part.BODY,
    ),
    _line("M -13.8,8 C -8,1.4 8,1.4 13.8,8", Pen.DETAIL),
    Piece(
        whole("M 0,20 C 7,20 11,21 11.4,23 L 11.8,36.6 C 11.6,38.4 10,38.8 0,38.8"),
        edge=Pen.SEAM,
        part=Part.POCKET,
    ),
    Piece(path("M -10.4,24 L 10.4,24 L 10.4,24.9 L -10.4,24.9 Z"), Cloth.METAL, edge=Pen.DETAIL),
    _line("M -11,26.4 L 11,26.4", Pen.STITCH),
)
_SCARF: Flat = (
    Piece(
        path("M -1,10 C -5,24 -9,44 -11,66 L 1,68 C 3,46 6,26 7,11 Z"), grain=8.0, part=Part.BODY
    ),
    *(_line(f"M {-10.6 + i * 1.65},66.4 L {-11 + i * 1.65},71", Pen.SEAM) for i in range(8)),
    Piece(path("M 0,10 C 5,26 8,44 9,60 L 20,57.4 C 17,40 12,22 7,8 Z"), grain=-12.0),
    *(
        _line(f"M {9.4 + i * 1.5},{60 - i * 0.35} L {10 + i * 1.5},{64.6 - i * 0.3}")
        for i in range(8)
    ),
    Piece(
        path(
            "M -14,0 C -13,-7 -6,-10 3,-10 C 12,-10 18,-6 18,0 C 18,8 12,14 3,14"
            " C -6,14 -14,9 -14,0 Z"
        ),
        grain=90.0,
    ),
    Piece(path("M -7,-2 C -5,-6 8,-6.4 11,-2 C 8,.6 -4,.8 -7,-2 Z"), Cloth.LINING, edge=Pen.SEAM),
    fold("-12,2 -2,8 10,6", 0.9),
    fold("-9,6 0,11 12,9", 0.8),
    fold("1,20 -3,38 -4,56", 0.8),
    fold("9,22 13,36 14,50", 0.7),
)
_TIE: Flat = (
    Piece(path("M -2.6,4 L -4.6,50 L 0,56 L 4.6,50 L 2.6,4 Z"), grain=40.0, part=Part.BODY),
    Piece(path("M -3.8,-3 L 3.8,-3 L 2.6,4.6 L -2.6,4.6 Z"), grain=-40.0, edge=Pen.SEAM),
    fold("-1,6 0,10 -.4,16", 0.6),
)
_SOCK: Flat = (
    Piece(
        path(
            "M -4.4,0 L 4.4,-.6 C 4.6,9 4.4,15 6,19.4 C 9,22 15,23.6 17.6,26.4"
            " C 19.4,29 17.6,31.4 15,31.4 L 2,31.4"
            " C -3,31.4 -5.4,28.6 -5.4,24.6 C -5.2,17 -4.4,9 -4.4,0 Z"
        ),
        part=Part.BODY,
    ),
    Piece(path("M -4.6,-.2 L 4.6,-.8 L 4.6,4.4 L -4.6,5 Z"), Cloth.TRIM, part=Part.CUFF),
    *(_line(f"M {x},0 L {x},4.4", Pen.STITCH) for x in (-3, -1.5, 0, 1.5, 3)),
    Piece(
        path("M -5.4,24 C -5.2,28.8 -3,31.4 2,31.4 C 1.6,27 -1,24.4 -5.4,24 Z"),
        Cloth.TRIM,
        edge=Pen.SEAM,
        part=Part.HEEL,
    ),
    Piece(
        path("M 13.6,23.8 C 19.6,26.6 18.8,31.4 15,31.4 L 12,31.4 C 11.4,28.6 12,25.8 13.6,23.8 Z"),
        Cloth.TRIM,
        edge=Pen.SEAM,
        part=Part.TOE,
    ),
)
_SOCKS: Flat = (*bent(_SOCK, lambda p: (p[0] + 8, p[1] - 4)), *_SOCK)
_BIKINI: Flat = (
    *both(_strap("M 8,2 C 7,-8 4,-13 1,-16 L 2,-17 C 5.6,-14 8.6,-8 9.6,2 Z")),
    *both(Piece(path("M .8,14.6 C 2,8 5,3 8.8,1 C 13,4 16.4,9 17.4,15 C 12,17 5,17 .8,14.6 Z"))),
    *of(
        Part.STRAP,
        both(Piece(path("M 17,13.4 L 21.4,12.6 L 21.4,14.2 L 17.3,15.2 Z"), edge=Pen.SEAM)),
    ),
    Piece(path("M -1.2,13 L 1.2,13 L 1.2,15.4 L -1.2,15.4 Z"), edge=Pen.SEAM),
    Piece(
        whole("M 0,38 C 8,38 15,37 20,36 L 20.6,41 C 15,44 8,50 4.4,58 C 3,59.4 1,59.6 0,59.6"),
        part=Part.BODY,
    ),
    _line("M -20.2,38 C -8,40.4 8,40.4 20.2,38", Pen.STITCH),
)
_ACCESSORIES: dict[str, Flat] = {
    "tote": _TOTE,
    "handbag": _HANDBAG,
    "backpack": _BACKPACK,
    "scarf": _SCARF,
    "tie": _TIE,
    "socks": _SOCKS,
    "bikini": _BIKINI,
}
