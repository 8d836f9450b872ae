"""Things that are printed on cloth: spots, blossoms and the picture on a chest."""

from collections.abc import Iterator
from math import cos, radians, sin

from pipeline.sketch.cuts import says

Shape = tuple[str, str]
"""A hex colour and SVG path commands."""


def spot(x: float, y: float, radius: float) -> str:
    r, wide = f"{radius:.2f}", f"{2 * radius:.2f}"
    return f"M{x - radius:.2f},{y:.2f}a{r},{r} 0 1,0 {wide},0a{r},{r} 0 1,0 -{wide},0Z"


def blossom(
    x: float, y: float, size: float, turn: float, colours: tuple[str, str, str]
) -> Iterator[Shape]:
    """Yield leaves, five petals and a heart, in colours (leaf, petal, heart)."""
    leaf, petal, heart = colours
    yield leaf, "".join(_leaf(x, y, size * 1.5, turn + 36 + 144 * i) for i in range(2))
    petals = "".join(
        spot(
            x + cos(radians(turn + 72 * i)) * size * 0.56,
            y + sin(radians(turn + 72 * i)) * size * 0.56,
            size * 0.42,
        )
        for i in range(5)
    )
    yield petal, petals
    yield heart, spot(x, y, size * 0.3)


def _leaf(x: float, y: float, size: float, turn: float) -> str:
    def at(along: float, across: float) -> str:
        a = radians(turn)
        return (
            f"{x + size * (along * cos(a) - across * sin(a)):.2f},"
            f"{y + size * (along * sin(a) + across * cos(a)):.2f}"
        )

    return f"M{at(0.2, 0)}Q{at(0.6, -0.32)} {at(1, 0)}Q{at(0.6, 0.32)} {at(0.2, 0)}Z"


def picture(
    subject: str, x: float, y: float, size: float, colours: tuple[str, ...]
) -> Iterator[Shape]:
    """Yield a placed graphic about `subject`, `size` cm across, in all of the colours."""
    half = size / 2
    first, *rest = colours
    if says(subject, "star"):
        yield first, _star(x, y, half)
    elif says(subject, "heart|love"):
        yield first, _heart(x, y, half)
    elif says(subject, "flower|rose|floral"):
        yield from blossom(x, y, half, -90, (first, first, colours[-1]))
    elif says(subject, "stripe|band|logo|text|slogan|letter"):
        yield first, "".join(_band(x, y + half * d, half, half * 0.2) for d in (-0.5, 0, 0.5))
    else:
        yield from _sunrise(x, y, half, colours)
        rest = rest[3:]
    for i, colour in enumerate(rest):
        yield colour, _band(x, y + half * (1.16 + 0.36 * i), half, half * 0.24)


def _band(x: float, y: float, half: float, high: float) -> str:
    return f"M{x - half:.2f},{y:.2f}h{2 * half:.2f}v{high:.2f}h{-2 * half:.2f}Z"


def _star(x: float, y: float, half: float) -> str:
    points = (
        f"{x + sin(radians(36 * i)) * half * (1 if i % 2 == 0 else 0.42):.2f},"
        f"{y - cos(radians(36 * i)) * half * (1 if i % 2 == 0 else 0.42):.2f}"
        for i in range(10)
    )
    return f"M{'L'.join(points)}Z"


def _heart(x: float, y: float, half: float) -> str:
    return (
        f"M{x},{y + half * 0.9}C{x - half * 1.5},{y - half * 0.1} {x - half * 0.7},{y - half * 1.2}"
        f" {x},{y - half * 0.45}C{x + half * 0.7},{y - half * 1.2}"
        f" {x + half * 1.5},{y - half * 0.1}"
        f" {x},{y + half * 0.9}Z"
    )


def _sunrise(x: float, y: float, half: float, colours: tuple[str, ...]) -> Iterator[Shape]:
    """Yield a low sun over three waves, one in each further colour."""
    r = half * 0.72
    yield colours[0], f"M{x - r:.2f},{y:.2f}a{r:.2f},{r:.2f} 0 1,1 {2 * r:.2f},0Z"
    for i in range(3):
        w, at = half * (1 - 0.12 * i), y + half * (0.14 + 0.34 * i)
        there = f"M{x - w:.2f},{at:.2f}q{w / 2:.2f},{half * 0.16:.2f} {w:.2f},0t{w:.2f},0"
        back = f"v{half * 0.19:.2f}q{-w / 2:.2f},{half * -0.16:.2f} {-w:.2f},0t{-w:.2f},0Z"
        yield colours[min(i + 1, len(colours) - 1)], there + back
