"""Chance that the same seed repeats."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


def number(*parts: object) -> int:
    """Return a number in 0..2**63-1 that depends on nothing but `parts`."""
    digest = sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


def share(*parts: object) -> float:
    """Return a number in [0, 1) that depends on nothing but `parts`."""
    return number(*parts) / 2**63


def between(low: float, high: float, *parts: object) -> float:
    """Return a number in [low, high), evenly spread over different `parts`."""
    return low + (high - low) * share(*parts)


def pick(options: Sequence[T], *parts: object) -> T:
    """Return one of `options`."""
    return options[number(*parts) % len(options)]
