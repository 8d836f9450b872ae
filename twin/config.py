"""How a twin is set up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from twin import chance
from twin.script import Rule

REPLICATE_TOKEN = "r8_" + "Twin" * 9 + "0"
OPENAI_KEY = "sk-twin-" + "0123456789abcdef" * 2


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds that work takes, from the least to the most, evenly spread between.

    `queue` is the part of it that a prediction waits before it starts.
    """

    image: tuple[float, float] = (15.0, 30.0)
    language: tuple[float, float] = (8.0, 12.0)
    queue: float = 0.08
    scale: float = 1.0

    def draw(self, span: tuple[float, float], *parts: object) -> float:
        """Return the seconds for the work that `parts` name."""
        return self.scale * chance.between(*span, *parts)


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests in any `window` seconds before a 429."""

    creates: int = 600
    others: int = 3000
    images: int = 250
    responses: int = 500
    window: float = 60.0


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a twin is told at its start; port 0 is any free one.

    `retention` is how long a prediction keeps input, output and files; with `guarded_files`
    output files want the token. With a `variety` there are only so many different pictures of a
    prompt, each painted once, so that a load test measures the product and not the painter.
    """

    bill: Path
    seed: int = 0
    latency: Latency = field(default_factory=Latency)
    limits: Limits = field(default_factory=Limits)
    rules: Sequence[Rule] = ()
    serve_retired: bool = False
    guarded_files: bool = False
    variety: int | None = None
    retention: timedelta = timedelta(hours=1)
    replicate_port: int = 0
    openai_port: int = 0
    tls: Tls | None = None
