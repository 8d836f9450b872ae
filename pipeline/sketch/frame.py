"""How large a picture of each aspect ratio is."""

from math import sqrt

from pipeline.domain import AspectRatio

_PIXELS = 1_000_000


def size_of(aspect: AspectRatio) -> tuple[int, int]:
    """Return (width, height) in pixels: even, about one megapixel."""
    across, down = aspect.terms
    unit = sqrt(_PIXELS / (across * down))
    return 2 * round(across * unit / 2), 2 * round(down * unit / 2)
