"""Areas of a body that are told to be otherwise than the rest of it."""

from collections.abc import Collection, Iterator

from pipeline.fashion.parts import Part
from pipeline.sketch.flat import Flat, Pen, Piece
from pipeline.sketch.path import Path, within

_HEM = 0.085
_YOKE_TO = 17.0
_WAIST_AT = 42.0


def trunk(outline: Path, parts: Collection[Part], *, back: bool, waist: float = _WAIST_AT) -> Flat:
    """Return the body, and over it those of its areas that are of `parts`; lengths in cm."""
    body = Piece(outline, part=Part.BACK if back else Part.BODY)
    return (body, *_areas(outline, parts, waist))


def _areas(outline: Path, parts: Collection[Part], waist: float) -> Iterator[Piece]:
    box = outline.box
    spans = {
        Part.YOKE: (box.top - 1, _YOKE_TO),
        Part.BODICE: (box.top - 1, waist),
        Part.SKIRT: (waist, box.bottom + 1),
        Part.HEM: (box.bottom - max(box.height * _HEM, 3.5), box.bottom + 1),
    }
    for part, (top, bottom) in spans.items():
        if part in parts:
            yield Piece(within(outline, top, bottom), edge=Pen.SEAM, part=part)
