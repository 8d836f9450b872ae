"""Bars, tiles and diamonds that patterns are laid out with, as SVG path commands in cm."""

from collections.abc import Iterator, Sequence
from math import ceil

from pipeline.sketch.path import Box


def bar(x0: float, x1: float, box: Box) -> str:
    return f"M{x0:.2f},{box.top:.1f}H{x1:.2f}V{box.bottom:.1f}H{x0:.2f}Z"


def row(y0: float, y1: float, box: Box) -> str:
    return f"M{box.left:.1f},{y0:.2f}H{box.right:.1f}V{y1:.2f}H{box.left:.1f}Z"


def starts(low: float, high: float, period: float, phase: float) -> Iterator[float]:
    """Yield the multiples of the period, shifted by `phase` periods, that cover low..high."""
    first = low - low % period + (phase - 1) * period
    for i in range(ceil((high - first) / period) + 1):
        yield first + i * period


def tiles(box: Box, wide: float, high: float, phase: float) -> Iterator[tuple[float, float]]:
    """Yield the upper left corners of tiles that cover the box."""
    for y in starts(box.top, box.bottom, high, phase):
        for x in starts(box.left, box.right, wide, phase):
            yield x, y


def diamond(x: float, y: float, half: float, high: float) -> str:
    return polygon([(x - half, y), (x, y - high), (x + half, y), (x, y + high)])


def polygon(corners: Sequence[tuple[float, float]]) -> str:
    return f"M{'L'.join(f'{x:.2f},{y:.2f}' for x, y in corners)}Z"
