"""Mutation to COMPLETED with the embedded defaults, one image, over types and patterns in turn.

    ./dev bench pipeline

Prints from_prompt_p50_ms, from_prompt_p95_ms, from_spec_…, from_image_…: the time from sending
the mutation to the terminal event on an open WebSocket, one run at a time.
Targets: p95 of 400 ms FROM_PROMPT, 900 ms FROM_IMAGE.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from benchmarks.harness.client import Client, client, ended
from benchmarks.harness.figures import machine, percentile, report
from benchmarks.harness.serving import serving

PHOTOS = sorted((Path(__file__).parent.parent / "tests" / "photos").glob("*.jpg"))
TYPES = (
    ("dress", "burgundy silk"),
    ("hat", "beige felt"),
    ("longsleeve", "navy cotton"),
    ("outwear", "olive canvas"),
    ("pants", "black denim"),
    ("shirt", "light blue poplin"),
    ("shoes", "white leather"),
    ("shorts", "tan linen"),
    ("skirt", "emerald satin"),
    ("t-shirt", "red jersey"),
)
PATTERNS = ("solid", "striped", "checked", "floral", "dotted", "graphic")
WARM_UP = 4

Given = tuple[dict[str, Any], Path | None]


def given(mode: str, count: int) -> Sequence[Given]:
    """Return `count` inputs of a mode."""
    if mode == "FROM_IMAGE":
        return [({}, photo) for photo in islice(cycle(PHOTOS), count)]
    pairs = [(kind, pattern) for pattern in PATTERNS for kind in TYPES]
    return [
        (_words(mode, kind, cloth, pattern), None)
        for (kind, cloth), pattern in islice(cycle(pairs), count)
    ]


def _words(mode: str, kind: str, cloth: str, pattern: str) -> dict[str, Any]:
    if mode == "FROM_PROMPT":
        return {"prompt": f"a {pattern} {cloth} {kind}"}
    colour, fabric = cloth.rsplit(" ", 1)
    colors = {"primary": colour}
    return {"spec": {"garmentType": kind, "fabric": fabric, "pattern": pattern, "colors": colors}}


async def timed(bff: Client, events: AsyncIterator[dict[str, Any]], mode: str, one: Given) -> float:
    """Run one to its end and return how many ms it took."""
    begin = time.perf_counter()
    generation = await bff.start(mode, one[0], one[1])
    status = await ended(events, generation)
    if status != "COMPLETED":
        raise RuntimeError(f"{mode} {one[0]} ended as {status}")
    return (time.perf_counter() - begin) * 1000


async def measure(url: str, count: int) -> dict[str, float | int | str | None]:
    """Measure all three modes."""
    figures: dict[str, float | int | str | None] = {**machine(), "runs_per_mode": count}
    async with client(url) as bff, bff.events() as events:
        for mode in ("FROM_PROMPT", "FROM_SPEC", "FROM_IMAGE"):
            for one in given(mode, WARM_UP):
                await timed(bff, events, mode, one)
            times = [await timed(bff, events, mode, one) for one in given(mode, count)]
            figures[f"{mode.lower()}_p50_ms"] = round(percentile(times, 0.5), 1)
            figures[f"{mode.lower()}_p95_ms"] = round(percentile(times, 0.95), 1)
    return figures


def main() -> None:
    """Measure on a server of our own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60, help="runs of each mode")
    arguments = parser.parse_args()
    with serving() as server:
        report(asyncio.run(measure(server.url, arguments.runs)))


if __name__ == "__main__":
    main()
