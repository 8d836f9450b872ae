"""Figures: percentiles, the state of the machine, and the one line that tools read."""

import json
import os
import sys
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0..1) of `values` lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> dict[str, float | int]:
    """Return the cores and the load of the last minute."""
    return {"cores": os.cpu_count() or 0, "load": round(os.getloadavg()[0], 2)}


def report(figures: Mapping[str, float | int | str | None]) -> None:
    """Print the figures for people, then as one JSON object on the last line."""
    for name, value in figures.items():
        print(f"{name:28} {value}", file=sys.stderr)
    print(json.dumps(dict(figures)))
