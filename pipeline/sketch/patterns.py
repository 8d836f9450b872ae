"""Patterns as layers of shapes that are laid over a piece of cloth and clipped to it."""

from collections.abc import Iterator
from math import ceil

from pipeline.sketch.checks import checks
from pipeline.sketch.cuts import says
from pipeline.sketch.design import Design, Layer
from pipeline.sketch.grids import bar, diamond, row, starts
from pipeline.sketch.motifs import blossom, spot
from pipeline.sketch.path import Box
from pipeline.sketch.prints import prints, scattered
from pipeline.sketch.tones import Tones, contrast, mixed
from pipeline.sketch.traits import Stripes, Traits

_ZIGZAG = "chevron|zigzag|zig zag|herringbone"
_LENGTHWISE = frozenset({"shirt", "pants", "shorts", "outwear"})


def layers(design: Design, box: Box) -> Iterator[Layer]:
    """Yield what covers the box, lowest first; a solid or a graphic has no such layers."""
    match design.traits.pattern:
        case "striped" if says(design.traits.motif, _ZIGZAG):
            yield from _zigzag(design, box)
        case "striped":
            yield from _striped(design, box)
        case "checked":
            yield from checks(design, box)
        case "dotted":
            yield from _dotted(design, box)
        case "floral":
            yield from _floral(design, box)
        case "print" if says(design.traits.motif, "fair isle|nordic"):
            yield from _knitted(design, box)
        case "print":
            yield from prints(design, box)
        case _:
            return


def turn_of(traits: Traits) -> float:
    """Return how far the pattern is turned from the lengthwise grain, in degrees."""
    if traits.pattern != "striped" or says(traits.motif, _ZIGZAG):
        return 0.0
    usual = Stripes.DOWN if traits.kind in _LENGTHWISE else Stripes.ACROSS
    return float((traits.stripes or usual).value)


def blocks(tones: Tones) -> tuple[tuple[float, float, str], ...]:
    """Return a colourblock's (from, to, colour), as parts of the garment's height."""
    first, *rest = tones.others or (contrast(tones.main),)
    foot = 0.26 / max(1, len(rest))
    return (
        (0.0, 0.3, first),
        *((1 - foot * (i + 1), 1 - foot * i, colour) for i, colour in enumerate(rest)),
    )


def _striped(design: Design, box: Box) -> Iterator[Layer]:
    colours = design.colours
    period = design.scale * (4.6 + 1.8 * (len(colours) - 1))
    phase = design.chance.between(0, 1, "phase")
    thin = 0.25 if says(design.traits.motif, "pinstripe|chalk stripe") else 1.0
    wide = period * 0.42 / len(colours) * thin
    gap = (period - wide * len(colours)) * (0.16 if len(colours) > 1 else 0)
    for i, colour in enumerate(colours):
        at = i * (wide + gap)
        bars = (bar(x + at, x + at + wide, box) for x in starts(box.left, box.right, period, phase))
        yield colour, "".join(bars)


def _knitted(design: Design, box: Box) -> Iterator[Layer]:
    """Yield the bands of a Fair Isle: lines, a row of diamonds, a row of spots."""
    band = design.scale * 9
    step = band * 0.24
    first, last = design.colours[0], design.colours[-1]
    rows = list(starts(box.top, box.bottom, band, design.chance.between(0, 1, "phase")))
    yield (
        first,
        "".join(row(y + d * band, y + (d + 0.05) * band, box) for y in rows for d in (0, 0.6)),
    )
    across = list(starts(box.left, box.right, step, 0))
    yield (
        first,
        "".join(diamond(x, y + band * 0.32, step * 0.46, step * 0.8) for x in across for y in rows),
    )
    yield last, "".join(spot(x, y + band * 0.82, step * 0.24) for x in across for y in rows)


def _zigzag(design: Design, box: Box) -> Iterator[Layer]:
    size = design.scale * (0.42 if says(design.traits.motif, "herringbone") else 1.0)
    step, high = size * 4, size * 2.6
    period = size * (4.6 + 2 * (len(design.colours) - 1))
    thick = period * 0.45 / len(design.colours)
    count = ceil(box.width / step) + 2
    teeth = "".join(f"l{step / 2:.2f},{high:.2f}l{step / 2:.2f},{-high:.2f}" for _ in range(count))
    undone = "".join(
        f"l{-step / 2:.2f},{high:.2f}l{-step / 2:.2f},{-high:.2f}" for _ in range(count)
    )
    for i, colour in enumerate(design.colours):
        rows = starts(box.top - high, box.bottom, period, i / len(design.colours))
        left = box.left - box.left % step - step
        yield colour, "".join(f"M{left:.2f},{y:.2f}{teeth}v{thick:.2f}{undone}Z" for y in rows)


def _dotted(design: Design, box: Box) -> Iterator[Layer]:
    pitch = design.scale * 5.2
    dots: dict[str, list[str]] = {colour: [] for colour in design.colours}
    for i, (x, y, _) in enumerate(scattered(design, box, pitch, 0)):
        dots[design.colours[i % len(dots)]].append(spot(x, y, pitch * 0.25))
    for colour, found in dots.items():
        yield colour, "".join(found)


def _floral(design: Design, box: Box) -> Iterator[Layer]:
    petals, *rest = design.colours
    leaf = rest[0] if rest else mixed(design.tones.main, petals, 0.45)
    heart = rest[-1] if rest else mixed(petals, design.tones.main, 0.5)
    extra = rest[1:-1]
    pitch = design.scale * 10
    found: dict[str, list[str]] = {}
    for x, y, name in scattered(design, box, pitch, 0.14):
        size = pitch * design.chance.between(0.26, 0.4, name, "size")
        turn = design.chance.between(0, 360, name, "turn")
        colour = design.chance.pick((petals, *extra), name) if extra else petals
        for tint, shape in blossom(x, y, size, turn, (leaf, colour, heart)):
            found.setdefault(tint, []).append(shape)
    for tint in dict.fromkeys((leaf, petals, *extra, heart)):
        yield tint, "".join(found.get(tint, ()))
