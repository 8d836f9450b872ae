"""How long a mutation takes to answer over HTTP, its durable write included.

    ./dev bench submit

Prints submit_p50_ms and submit_p95_ms of FROM_PROMPT mutations sent one after the other at a
steady pace, while the worker of the same process works on the runs they start.
Target: p95 of 40 ms.
"""

import argparse
import asyncio
import time

from benchmarks.harness.client import client
from benchmarks.harness.figures import machine, percentile, report
from benchmarks.harness.serving import serving

WARM_UP = 10


async def measure(url: str, count: int, pace: float) -> dict[str, float | int | str | None]:
    """Send `count` mutations, `pace` a second."""
    times: list[float] = []
    async with client(url) as bff:
        for number in range(WARM_UP + count):
            begin = time.perf_counter()
            await bff.start("FROM_PROMPT", {"prompt": f"a red dress, look {number}"})
            took = time.perf_counter() - begin
            if number >= WARM_UP:
                times.append(took * 1000)
            await asyncio.sleep(max(0.0, 1 / pace - took))
    return {
        **machine(),
        "mutations": count,
        "pace_per_s": pace,
        "submit_p50_ms": round(percentile(times, 0.5), 1),
        "submit_p95_ms": round(percentile(times, 0.95), 1),
    }


def main() -> None:
    """Measure on a server of our own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=200)
    parser.add_argument("--pace", type=float, default=2.0, help="mutations a second")
    arguments = parser.parse_args()
    with serving() as server:
        report(asyncio.run(measure(server.url, arguments.mutations, arguments.pace)))


if __name__ == "__main__":
    main()
