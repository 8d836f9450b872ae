"""All-over prints: skins, camouflage, dyes, and a terrazzo for any other."""

from collections.abc import Callable, Iterator
from math import cos, hypot, radians, sin

from pipeline.sketch.chance import Chance
from pipeline.sketch.cuts import says
from pipeline.sketch.design import Design, Layer
from pipeline.sketch.grids import diamond
from pipeline.sketch.motifs import spot
from pipeline.sketch.path import Box
from pipeline.sketch.tones import mixed

Printing = Callable[[Design, Box], Iterator[Layer]]


def prints(design: Design, box: Box) -> Iterator[Layer]:
    """Yield the print that the motif names, a terrazzo for others."""
    named = (drawn for words, drawn in _PRINTS.items() if says(design.traits.motif, words))
    yield from next(named, _terrazzo)(design, box)


def known(motif: str) -> bool:
    """Whether a print of that name has a drawing of its own."""
    return any(says(motif, words) for words in _PRINTS)


def scattered(
    design: Design, box: Box, pitch: float, jitter: float
) -> Iterator[tuple[float, float, str]]:
    """Yield (x, y, name) of staggered places; a place keeps its name in every piece."""
    rise = pitch * 0.87
    shift = design.chance.between(0, 1, "phase")
    for line in range(int(box.top / rise) - 1, int(box.bottom / rise) + 2):
        offset = (line % 2) * 0.5 + shift
        for column in range(int(box.left / pitch) - 2, int(box.right / pitch) + 2):
            name = f"{line}:{column}"
            dx = design.chance.between(-jitter, jitter, name, "x")
            dy = design.chance.between(-jitter, jitter, name, "y")
            yield (column + offset + dx) * pitch, (line + dy) * rise, name


def _leopard(design: Design, box: Box) -> Iterator[Layer]:
    """Yield broken rosettes around a darker heart."""
    pitch, chance = design.scale * 4.4, design.chance
    hearts: list[str] = []
    spots: list[str] = []
    for x, y, name in scattered(design, box, pitch, 0.16):
        size = pitch * chance.between(0.24, 0.36, name, "size")
        hearts.append(_pebble(chance, x, y, size * 0.8, name))
        turn = chance.between(0, 360, name, "turn")
        for i in range(3):
            at = radians(turn + 115 * i)
            dx, dy = cos(at) * size * 0.86, sin(at) * size * 0.86
            spots.append(_pebble(chance, x + dx, y + dy, size * 0.48, f"{name}:{i}"))
    dark = design.colours[0]
    yield mixed(design.tones.main, dark, 0.34), "".join(hearts)
    yield dark, "".join(spots)
    yield from _sprinkled(design, box, pitch)


def _sprinkled(design: Design, box: Box, pitch: float) -> Iterator[Layer]:
    """Yield spots in the colours that are left over."""
    for i, colour in enumerate(design.colours[1:]):
        places = scattered(design, box, pitch * 1.6, 0.2)
        dots = (spot(x + pitch * 0.4 * (i + 1), y, pitch * 0.14) for x, y, _ in places)
        yield colour, "".join(dots)


def _zebra(design: Design, box: Box) -> Iterator[Layer]:
    """Yield tapering stripes that bend across."""
    high, wide = design.scale * 3.2, design.scale * 13
    found: list[str] = []
    for x, y, name in scattered(design, box, high, 0.1):
        if int(x / high) % 3:
            continue
        bow = high * design.chance.between(-0.5, 0.9, name, "bow")
        thick = high * design.chance.between(0.42, 0.75, name, "thick")
        half = wide * 0.5
        found.append(
            f"M{x - half:.2f},{y:.2f}Q{x:.2f},{y + bow:.2f} {x + half:.2f},{y + bow * 0.3:.2f}"
            f"Q{x:.2f},{y + bow + thick:.2f} {x - half:.2f},{y:.2f}Z"
        )
    yield design.colours[0], "".join(found)
    yield from _sprinkled(design, box, high * 1.8)


def _camouflage(design: Design, box: Box) -> Iterator[Layer]:
    """Yield overlapping patches, one layer for each colour."""
    colours = design.tones.others or tuple(
        mixed(design.tones.main, other, part)
        for other, part in (("#1c1b1f", 0.55), ("#f4f0e7", 0.4))
    )
    for i, colour in enumerate(colours):
        pitch = design.scale * (10.5 + i)
        places = scattered(design, box, pitch, 0.22)
        shift = pitch * 0.37 * i
        yield (
            colour,
            "".join(
                _pebble(
                    design.chance, x + shift + d, y + shift + d * 0.4, pitch * 0.34, f"{n}{i}{d}"
                )
                for x, y, n in places
                for d in (0, pitch * 0.3)
            ),
        )


def _dyed(design: Design, box: Box) -> Iterator[Layer]:
    """Yield rings that spread from a knot, uneven as dye runs."""
    colours, (cx, cy) = design.colours, (0.0, 30.0)
    step = design.scale * 4.4
    far = max(hypot(x - cx, y - cy) for x in (box.left, box.right) for y in (box.top, box.bottom))
    rings = ((colours[i % len(colours)], i) for i in range(1, int(far / step) + 1) if i % 2)
    for colour, i in rings:
        outer, inner = (
            _ring(design.chance, cx, cy, step * (i + 1), i),
            _ring(design.chance, cx, cy, step * i, i + 1),
        )
        yield colour, outer + inner


def _ring(chance: Chance, x: float, y: float, radius: float, name: int) -> str:
    points = (
        (
            x + cos(radians(12 * k)) * radius * chance.between(0.92, 1.08, "dye", name, k),
            y + sin(radians(12 * k)) * radius * chance.between(0.92, 1.08, "dye", name, k),
        )
        for k in (range(30) if name % 2 else range(30, 0, -1))
    )
    return f"M{'L'.join(f'{a:.2f},{b:.2f}' for a, b in points)}Z"


def _scales(design: Design, box: Box) -> Iterator[Layer]:
    """Yield a snake's lozenges."""
    pitch = design.scale * 3.4
    places = [(x, y) for x, y, _ in scattered(design, box, pitch, 0)]
    for i, colour in enumerate(design.colours):
        mine = places[i :: len(design.colours)]
        yield colour, "".join(diamond(x, y, pitch * 0.4, pitch * 0.36) for x, y in mine)


def _paisley(design: Design, box: Box) -> Iterator[Layer]:
    """Yield drops with a bent tip and a spot inside."""
    pitch = design.scale * 7.5
    drops: dict[str, list[str]] = {colour: [] for colour in design.colours}
    hearts: list[str] = []
    for i, (x, y, _) in enumerate(scattered(design, box, pitch, 0.06)):
        s = pitch * 0.3 * (1 if i % 2 else -1)
        drops[design.colours[i % len(drops)]].append(
            f"M{x:.2f},{y - s * 1.5:.2f}C{x + s * 0.5:.2f},{y - s:.2f} {x + s * 1.3:.2f},{y:.2f}"
            f" {x + s * 0.7:.2f},{y + s:.2f}C{x:.2f},{y + s * 1.6:.2f} {x - s:.2f},{y + s:.2f}"
            f" {x - s * 0.8:.2f},{y + s * 0.2:.2f}C{x - s * 0.7:.2f},{y - s * 0.6:.2f}"
            f" {x + s * 0.3:.2f},{y - s * 0.4:.2f} {x:.2f},{y - s * 1.5:.2f}Z"
        )
        hearts.append(spot(x, y + s * 0.5, abs(s) * 0.32))
    for colour, found in drops.items():
        yield colour, "".join(found)
    yield design.tones.main, "".join(hearts)


def _terrazzo(design: Design, box: Box) -> Iterator[Layer]:
    pitch = design.scale * 6.4
    found: dict[str, list[str]] = {colour: [] for colour in design.colours}
    for i, (x, y, name) in enumerate(scattered(design, box, pitch, 0.2)):
        size = pitch * design.chance.between(0.3, 0.48, name, "size")
        found[design.colours[i % len(found)]].append(_pebble(design.chance, x, y, size, name))
    for colour, shapes in found.items():
        yield colour, "".join(shapes)


def _pebble(chance: Chance, x: float, y: float, size: float, name: str) -> str:
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


_PRINTS: dict[str, Printing] = {
    "leopard|cheetah|animal|jaguar": _leopard,
    "zebra|tiger": _zebra,
    "camouflage|camo": _camouflage,
    "tie dye|batik|shibori": _dyed,
    "snakeskin|snake|python|crocodile|reptile": _scales,
    "paisley": _paisley,
    "abstract|geometric|terrazzo|confetti": _terrazzo,
}
