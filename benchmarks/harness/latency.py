"""How long a twin's work took, worked out from its bill: its latencies repeat with its seed."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from twin import chance
from twin.config import Latency

SEED = 0


@dataclass(slots=True)
class Latencies:
    """The seconds of each piece of work on the bill of a twin of that scale and of seed 0."""

    bill: Path
    scale: float
    _told: int = 0
    _asked: Counter[str] = field(default_factory=Counter[str])

    def new(self) -> dict[str, float]:
        """Return those that came since the last time, by the provider's id."""
        lines = self.bill.read_text().splitlines() if self.bill.exists() else []
        rows = [json.loads(line) for line in lines[self._told :]]
        self._told = len(lines)
        return {row["id"]: self._seconds(row["request"], row["model"]) for row in rows}

    def forget(self) -> None:
        """Pass over those that are there."""
        self.new()

    def _seconds(self, request: str, model: str) -> float:
        self._asked[request] += 1
        latency = Latency(scale=self.scale)
        draws = not model.startswith("gpt-") or "image" in model
        span = latency.image if draws else latency.language
        return latency.draw(span, chance.number(SEED, request, self._asked[request]))
