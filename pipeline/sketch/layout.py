"""Arranges the views of a garment on the paper."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.sketch.chance import Chance
from pipeline.sketch.ink import Place
from pipeline.sketch.path import Box

_MARGIN = 0.075
_GAP = 0.06
_ALWAYS = 0.86
_SOMETIMES = 0.62


@dataclass(frozen=True, slots=True)
class Arranged:
    """Which view goes where."""

    view: int
    place: Place


def arranged(
    size: tuple[int, int], boxes: Sequence[Box], chance: Chance, faces: Sequence[int] = ()
) -> list[Arranged]:
    """Place the views of `faces`; without, the second one where the paper has room for it."""
    if len(boxes) == 1 or len(faces) == 1:
        return _row(size, boxes, (faces or (0,)) if len(boxes) > 1 else (0,))
    alone = _row(size, boxes)
    order = chance.pick(((0, 1), (1, 0)), "order")
    pairs = (_row(size, boxes, order), _column(size, boxes, order))
    pair = max(pairs, key=lambda places: places[0].place.scale)
    size_kept = pair[0].place.scale / alone[0].place.scale
    if faces:
        return pair
    often = chance.between(0, 1, "pair") < 0.4
    return pair if size_kept >= _ALWAYS or (size_kept >= _SOMETIMES and often) else alone


def _room(size: tuple[int, int]) -> tuple[float, float, float]:
    margin = _MARGIN * min(size)
    return size[0] - 2 * margin, size[1] - 2 * margin, _GAP * min(size)


def _row(
    size: tuple[int, int], boxes: Sequence[Box], order: Sequence[int] = (0,)
) -> list[Arranged]:
    width, height, gap = _room(size)
    shown = [boxes[i] for i in order]
    scale = min(
        (width - gap * (len(shown) - 1)) / sum(box.width for box in shown),
        height / max(box.height for box in shown),
    )
    used = sum(box.width for box in shown) * scale + gap * (len(shown) - 1)
    left = (size[0] - used) / 2
    top = (size[1] - max(box.height for box in shown) * scale) / 2
    placed: list[Arranged] = []
    for i, box in zip(order, shown, strict=True):
        placed.append(Arranged(i, Place(scale, left - box.left * scale, top - box.top * scale)))
        left += box.width * scale + gap
    return placed


def _column(size: tuple[int, int], boxes: Sequence[Box], order: Sequence[int]) -> list[Arranged]:
    turned = _row((size[1], size[0]), [Box(b.top, b.left, b.bottom, b.right) for b in boxes], order)
    return [Arranged(a.view, Place(a.place.scale, a.place.y, a.place.x)) for a in turned]
