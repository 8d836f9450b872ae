"""Random numbers that depend on nothing but a seed and what they are for."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chance:
    """A source where the same question always has the same answer, on every machine."""

    seed: int

    def between(self, low: float, high: float, *about: object) -> float:
        """Return a number in [low, high), settled by what it is `about`."""
        question = f"{self.seed}:{':'.join(map(str, about))}".encode()
        drawn = int.from_bytes(blake2b(question, digest_size=6).digest())
        return low + (high - low) * drawn / (1 << 48)

    def pick(self, options: Sequence[T], *about: object) -> T:
        return options[int(self.between(0, len(options), "pick", *about))]
