"""Checks: what is woven of bands both ways."""

from collections.abc import Iterator

from pipeline.fashion.colours import lab_of
from pipeline.sketch.cuts import says
from pipeline.sketch.design import Design, Layer
from pipeline.sketch.grids import bar, diamond, polygon, row, starts, tiles
from pipeline.sketch.path import Box
from pipeline.sketch.tones import contrast, mixed

_WHITE = "#fbfaf6"


def checks(design: Design, box: Box) -> Iterator[Layer]:
    """Yield the check that the motif names, a plain one for others."""
    motif = design.traits.motif
    if says(motif, "houndstooth|dogtooth"):
        yield design.colours[0], "".join(_teeth(design, box))
    elif says(motif, "argyle"):
        yield from _argyle(design, box)
    elif says(motif, "gingham|vichy"):
        yield from _even(design, box, 2.7)
    elif says(motif, "buffalo"):
        yield from _even(design, box, 8.5)
    elif says(motif, "windowpane"):
        yield from _panes(design, box)
    elif says(motif, "glen|prince of wales"):
        yield from _glen(design, box)
    else:
        yield from _checked(design, box)


def _phase(design: Design) -> float:
    return design.chance.between(0, 1, "phase")


def _even(design: Design, box: Box, size: float) -> Iterator[Layer]:
    """Yield bands as wide as the gaps between them, half-toned but where they cross."""
    main = design.tones.main
    light = lab_of(main)[0] > 88
    other = design.tones.others[0] if design.tones.others else contrast(main) if light else _WHITE
    period = design.scale * size
    across = list(starts(box.left, box.right, period, _phase(design)))
    down = list(starts(box.top, box.bottom, period, _phase(design)))
    half = period / 2
    rows = (row(y, y + half, box) for y in down)
    yield mixed(main, other, 0.5), "".join((*(bar(x, x + half, box) for x in across), *rows))
    yield other, "".join(_square(x, y, half) for x in across for y in down)
    for i, colour in enumerate(design.tones.others[1:]):
        at = half * (i + 1) / len(design.tones.others)
        yield colour, "".join(bar(x + at, x + at + half * 0.14, box) for x in across)


def _panes(design: Design, box: Box) -> Iterator[Layer]:
    period, thin = design.scale * 8, design.scale * 0.45
    for i, colour in enumerate(design.colours):
        phase = _phase(design) + i / len(design.colours)
        across = (bar(x, x + thin, box) for x in starts(box.left, box.right, period, phase))
        down = (row(y, y + thin, box) for y in starts(box.top, box.bottom, period, phase))
        yield colour, "".join((*across, *down))


def _glen(design: Design, box: Box) -> Iterator[Layer]:
    """Yield bundles of threads both ways."""
    period, thin, phase = design.scale * 9, design.scale * 0.4, _phase(design)
    threads = [i * design.scale * 0.9 for i in range(5)]
    across = [x + d for x in starts(box.left, box.right, period, phase) for d in threads]
    down = [y + d for y in starts(box.top, box.bottom, period, phase) for d in threads]
    first, *rest = design.colours
    yield first, "".join((*(bar(x, x + thin, box) for x in across),))
    yield first, "".join((*(row(y, y + thin, box) for y in down),))
    for i, colour in enumerate(rest):
        at = period * (0.7 + 0.12 * i)
        xs = starts(box.left, box.right, period, phase)
        yield colour, "".join(bar(x + at, x + at + thin * 2, box) for x in xs)


def _checked(design: Design, box: Box) -> Iterator[Layer]:
    first, *rest = design.colours
    period = design.scale * 9
    band = period * (0.2 if rest else 0.26)
    phase = _phase(design)
    across = list(starts(box.left, box.right, period, phase))
    down = list(starts(box.top, box.bottom, period, phase))
    yield first, "".join(bar(x, x + band, box) for x in across)
    yield first, "".join(row(y, y + band, box) for y in down)
    crossing = mixed(first, design.tones.main, 0.35) if not rest else rest[0]
    yield (
        crossing,
        "".join(_cell(x, y, band * 0.62, band) for x in across for y in down),
    )
    thin = max(period * 0.055, 0.3)
    for i, colour in enumerate(rest):
        at = band + (period - band) * (i + 1) / (len(rest) + 1)
        yield colour, "".join(bar(x + at, x + at + thin, box) for x in across)
        yield colour, "".join(row(y + at, y + at + thin, box) for y in down)


def _cell(x: float, y: float, size: float, band: float) -> str:
    return _square(x + (band - size) / 2, y + (band - size) / 2, size)


def _square(x: float, y: float, size: float) -> str:
    return f"M{x:.2f},{y:.2f}h{size:.2f}v{size:.2f}h{-size:.2f}Z"


def _teeth(design: Design, box: Box) -> Iterator[str]:
    """Yield houndstooth: a 2/2 twill of four dark threads and four light ones, both ways."""
    thread = design.scale * 0.78
    dark = (
        ((0, 0), (4, 0), (4, 4), (0, 4)),
        ((0, 4), (2, 4), (0, 6)),
        ((0, 8), (4, 4), (4, 6), (2, 8)),
        ((4, 2), (6, 0), (8, 0), (4, 4)),
        ((6, 4), (8, 2), (8, 4)),
    )
    for left, top in tiles(box, thread * 8, thread * 8, _phase(design)):
        for corners in dark:
            yield polygon([(left + x * thread, top + y * thread) for x, y in corners])


def _argyle(design: Design, box: Box) -> Iterator[Layer]:
    wide, high = design.scale * 9, design.scale * 13
    diamonds: dict[str, list[str]] = {colour: [] for colour in design.colours}
    threads: list[str] = []
    for i, (x, y) in enumerate(tiles(box, wide, high, _phase(design))):
        diamonds[design.colours[i % len(diamonds)]].append(diamond(x, y, wide / 2, high / 2))
        threads.append(f"M{x - wide / 2:.2f},{y:.2f}l{wide:.2f},{high:.2f}l.3,0")
        threads.append(f"l{-wide:.2f},{-high:.2f}ZM{x + wide / 2:.2f},{y:.2f}")
        threads.append(f"l{-wide:.2f},{high:.2f}l.3,0l{wide:.2f},{-high:.2f}Z")
    for colour, found in diamonds.items():
        yield colour, "".join(found)
    yield contrast(design.colours[0]), "".join(threads)
