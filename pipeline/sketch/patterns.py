"""Patterns as layers of shapes that are laid over a piece of cloth and clipped to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from pipeline.sketch.chance import Chance
from pipeline.sketch.cuts import says
from pipeline.sketch.motifs import blossom, spot
from pipeline.sketch.path import Box
from pipeline.sketch.tones import Tones, contrast, mixed
from pipeline.sketch.traits import Stripes, Traits

Layer = tuple[str, str]
"""A hex colour and SVG path commands, in cm."""

_LENGTHWISE = frozenset({"shirt", "pants", "shorts", "outwear"})


@dataclass(frozen=True, slots=True)
class Design:
    """A pattern to be printed; `unit` is one hundredth of the garment's diagonal, in cm."""

    traits: Traits
    tones: Tones
    chance: Chance
    unit: float
    front: bool = True

    @property
    def colours(self) -> tuple[str, ...]:
        """What is laid on the main colour; never empty."""
        return self.tones.others or (contrast(self.tones.main),)

    @property
    def scale(self) -> float:
        return self.unit * self.chance.between(0.88, 1.16, "scale")


def layers(design: Design, box: Box) -> Iterator[Layer]:
    """Yield what covers the box, lowest first; a solid or a graphic has no such layers."""
    match design.traits.pattern:
        case "striped":
            yield from _striped(design, box)
        case "checked" if says(design.traits.motif, "houndstooth|dogtooth"):
            yield design.colours[0], "".join(_teeth(design, box))
        case "checked" if says(design.traits.motif, "argyle"):
            yield from _argyle(design, box)
        case "checked":
            yield from _checked(design, box)
        case "dotted":
            yield from _dotted(design, box)
        case "floral":
            yield from _floral(design, box)
        case "print" if says(design.traits.motif, "fair isle|nordic"):
            yield from _knitted(design, box)
        case "print":
            yield from _printed(design, box)
        case _:
            return


def turn_of(traits: Traits) -> float:
    """Return how far the pattern is turned from the lengthwise grain, in degrees."""
    if traits.pattern != "striped":
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


def _bar(x0: float, x1: float, box: Box) -> str:
    return f"M{x0:.2f},{box.top:.1f}H{x1:.2f}V{box.bottom:.1f}H{x0:.2f}Z"


def _row(y0: float, y1: float, box: Box) -> str:
    return f"M{box.left:.1f},{y0:.2f}H{box.right:.1f}V{y1:.2f}H{box.left:.1f}Z"


def _starts(low: float, high: float, period: float, phase: float) -> Iterator[float]:
    """Yield the multiples of the period, shifted by `phase` periods, that cover low..high."""
    first = low - low % period + (phase - 1) * period
    for i in range(ceil((high - first) / period) + 1):
        yield first + i * period


def _striped(design: Design, box: Box) -> Iterator[Layer]:
    colours = design.colours
    period = design.scale * (4.6 + 1.8 * (len(colours) - 1))
    phase = design.chance.between(0, 1, "phase")
    thin = 0.25 if says(design.traits.motif, "pinstripe|chalk stripe") else 1.0
    wide = period * 0.42 / len(colours) * thin
    gap = (period - wide * len(colours)) * (0.16 if len(colours) > 1 else 0)
    for i, colour in enumerate(colours):
        at = i * (wide + gap)
        bars = (
            _bar(x + at, x + at + wide, box) for x in _starts(box.left, box.right, period, phase)
        )
        yield colour, "".join(bars)


def _checked(design: Design, box: Box) -> Iterator[Layer]:
    first, *rest = design.colours
    period = design.scale * 9
    band = period * (0.2 if rest else 0.26)
    phase = design.chance.between(0, 1, "phase")
    across = list(_starts(box.left, box.right, period, phase))
    down = list(_starts(box.top, box.bottom, period, phase))
    yield first, "".join(_bar(x, x + band, box) for x in across)
    yield first, "".join(_row(y, y + band, box) for y in down)
    crossing = mixed(first, design.tones.main, 0.35) if not rest else rest[0]
    yield (
        crossing,
        "".join(_cell(x, y, band * 0.62, band) for x in across for y in down),
    )
    thin = max(period * 0.055, 0.3)
    for i, colour in enumerate(rest):
        at = band + (period - band) * (i + 1) / (len(rest) + 1)
        yield colour, "".join(_bar(x + at, x + at + thin, box) for x in across)
        yield colour, "".join(_row(y + at, y + at + thin, box) for y in down)


def _cell(x: float, y: float, size: float, band: float) -> str:
    x, y = x + (band - size) / 2, y + (band - size) / 2
    return f"M{x:.2f},{y:.2f}h{size:.2f}v{size:.2f}h{-size:.2f}Z"


def _tiles(design: Design, box: Box, wide: float, high: float) -> Iterator[tuple[float, float]]:
    """Yield the upper left corners of tiles that cover the box."""
    phase = design.chance.between(0, 1, "phase")
    for y in _starts(box.top, box.bottom, high, phase):
        for x in _starts(box.left, box.right, wide, phase):
            yield x, y


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
    for left, top in _tiles(design, box, thread * 8, thread * 8):
        for corners in dark:
            yield _polygon([(left + x * thread, top + y * thread) for x, y in corners])


def _argyle(design: Design, box: Box) -> Iterator[Layer]:
    wide, high = design.scale * 9, design.scale * 13
    diamonds: dict[str, list[str]] = {colour: [] for colour in design.colours}
    threads: list[str] = []
    for i, (x, y) in enumerate(_tiles(design, box, wide, high)):
        diamonds[design.colours[i % len(diamonds)]].append(_diamond(x, y, wide / 2, high / 2))
        threads.append(f"M{x - wide / 2:.2f},{y:.2f}l{wide:.2f},{high:.2f}l.3,0")
        threads.append(f"l{-wide:.2f},{-high:.2f}ZM{x + wide / 2:.2f},{y:.2f}")
        threads.append(f"l{-wide:.2f},{high:.2f}l.3,0l{wide:.2f},{-high:.2f}Z")
    for colour, found in diamonds.items():
        yield colour, "".join(found)
    yield contrast(design.colours[0]), "".join(threads)


def _knitted(design: Design, box: Box) -> Iterator[Layer]:
    """Yield the bands of a Fair Isle: lines, a row of diamonds, a row of spots."""
    band = design.scale * 9
    step = band * 0.24
    first, last = design.colours[0], design.colours[-1]
    rows = list(_starts(box.top, box.bottom, band, design.chance.between(0, 1, "phase")))
    yield (
        first,
        "".join(_row(y + d * band, y + (d + 0.05) * band, box) for y in rows for d in (0, 0.6)),
    )
    across = list(_starts(box.left, box.right, step, 0))
    yield (
        first,
        "".join(
            _diamond(x, y + band * 0.32, step * 0.46, step * 0.8) for x in across for y in rows
        ),
    )
    yield last, "".join(spot(x, y + band * 0.82, step * 0.24) for x in across for y in rows)


def _diamond(x: float, y: float, half: float, high: float) -> str:
    return _polygon([(x - half, y), (x, y - high), (x + half, y), (x, y + high)])


def _polygon(corners: Sequence[tuple[float, float]]) -> str:
    return f"M{'L'.join(f'{x:.2f},{y:.2f}' for x, y in corners)}Z"


def _grid(
    design: Design, box: Box, pitch: float, jitter: float
) -> Iterator[tuple[float, float, str]]:
    """Yield (x, y, name) of staggered places; a place keeps its name in every piece."""
    rise = pitch * 0.87
    shift = design.chance.between(0, 1, "phase")
    for row in range(int(box.top / rise) - 1, int(box.bottom / rise) + 2):
        offset = (row % 2) * 0.5 + shift
        for column in range(int(box.left / pitch) - 2, int(box.right / pitch) + 2):
            name = f"{row}:{column}"
            dx = design.chance.between(-jitter, jitter, name, "x")
            dy = design.chance.between(-jitter, jitter, name, "y")
            yield (column + offset + dx) * pitch, (row + dy) * rise, name


def _dotted(design: Design, box: Box) -> Iterator[Layer]:
    pitch = design.scale * 5.2
    dots: dict[str, list[str]] = {colour: [] for colour in design.colours}
    for i, (x, y, _) in enumerate(_grid(design, box, pitch, 0)):
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
    for x, y, name in _grid(design, box, pitch, 0.14):
        size = pitch * design.chance.between(0.26, 0.4, name, "size")
        turn = design.chance.between(0, 360, name, "turn")
        colour = design.chance.pick((petals, *extra), name) if extra else petals
        for tint, shape in blossom(x, y, size, turn, (leaf, colour, heart)):
            found.setdefault(tint, []).append(shape)
    for tint in dict.fromkeys((leaf, petals, *extra, heart)):
        yield tint, "".join(found.get(tint, ()))


def _printed(design: Design, box: Box) -> Iterator[Layer]:
    pitch = design.scale * 6.4
    found: dict[str, list[str]] = {colour: [] for colour in design.colours}
    for i, (x, y, name) in enumerate(_grid(design, box, pitch, 0.2)):
        size = pitch * design.chance.between(0.3, 0.48, name, "size")
        found[design.colours[i % len(found)]].append(_stroke(design.chance, x, y, size, name))
    for colour, shapes in found.items():
        yield colour, "".join(shapes)


def _stroke(chance: Chance, x: float, y: float, size: float, name: str) -> str:
    """Return a pebble of a terrazzo: an uneven rounded shape."""
    corners = [
        (
            x + dx * size * chance.between(0.6, 1.1, name, i, "dx"),
            y + dy * size * chance.between(0.5, 1.1, name, i, "dy"),
        )
        for i, (dx, dy) in enumerate(((-1, -0.4), (0.3, -1), (1, 0.2), (0.1, 1)))
    ]
    middles = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    curves = "".join(
        f"Q{c[0]:.2f},{c[1]:.2f} {m[0]:.2f},{m[1]:.2f}"
        for c, m in zip([*corners[1:], corners[0]], [*middles[1:], middles[0]], strict=True)
    )
    return f"M{middles[0][0]:.2f},{middles[0][1]:.2f}{curves}Z"
