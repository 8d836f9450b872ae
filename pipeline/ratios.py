"""Shapes of images, and which of them can be cut from which."""

from collections.abc import Collection

from pipeline.domain import AspectRatio


def nearest(wanted: AspectRatio, offered: Collection[AspectRatio]) -> AspectRatio:
    """Return the ratio of which the least is lost by cutting it to the wanted one."""
    return max(sorted(offered), key=lambda ratio: (_kept(wanted, ratio), ratio is wanted))


def _kept(wanted: AspectRatio, made: AspectRatio) -> float:
    """Return the share of an image that is left after cutting it."""
    (across, down), (width, height) = wanted.terms, made.terms
    shapes = across * height, width * down
    return min(shapes) / max(shapes)
