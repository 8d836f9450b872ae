"""Whether a provider's limit holds for two worker processes together, and how much of it is used.

    ./dev bench limits

Submits jobs for a model at Replicate, more than twice what its limit lets through in a minute,
and reads in the journal of a twin when the calls arrived.
Prints most_in_a_window, the most calls in any minute, and throughput_share: the least time that
the limit allows for so many calls, over the time from the first of them to the last.
Targets: most_in_a_window no more than limit_per_minute; 0.95.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
import httpx

from benchmarks.harness.client import client
from benchmarks.harness.figures import machine, report
from benchmarks.harness.fleet import Fleet, fleet, scratch, twin

MODEL = "flux-schnell"
WINDOW_SECONDS = 60.0
UNFINISHED = "select count(*) from generations where status in ('PENDING', 'PROCESSING')"
BY_STATUS = "select status, count(*) as times from generations group by status"


def most_in_a_window(times: Sequence[float]) -> int:
    """Return the most of the sorted times that any window holds."""
    most = first = 0
    for last, time in enumerate(times):
        while times[first] <= time - WINDOW_SECONDS:
            first += 1
        most = max(most, last - first + 1)
    return most


def throughput_share(times: Sequence[float], limit: int) -> float:
    """Return the least time that is allowed, over the one that was taken, of over `limit` calls.

    The least time is a window for each `limit` calls before the last one, as they may come all at
    once; so the last one counts, however late it is.
    """
    windows = (len(times) - 1) // limit
    return windows * WINDOW_SECONDS / (times[-1] - times[0])


async def work(workers: Fleet, named: Mapping[str, str], jobs: int) -> list[float]:
    """Take all jobs to their end; return when their calls arrived, in seconds."""
    given = {"prompt": "a red silk dress", "settings": {"model": MODEL}}
    database = await asyncpg.connect(workers.database)
    async with client(workers.url) as bff:
        for _ in range(jobs):
            await bff.start("FROM_PROMPT", given)
    left = jobs
    while left:
        await asyncio.sleep(0.5)
        left = await database.fetchval(UNFINISHED)
    ended = Counter({row["status"]: row["times"] for row in await database.fetch(BY_STATUS)})
    await database.close()
    if ended != Counter(COMPLETED=jobs):
        raise RuntimeError(f"not all completed: {dict(ended)}")
    async with httpx.AsyncClient(base_url=named["REPLICATE_BASE_URL"], trust_env=False) as http:
        asked = (await http.get("/_twin/requests")).json()["requests"]
    calls = [one["at"] for one in asked if one["endpoint"] == "create"]
    return sorted(datetime.fromisoformat(at).timestamp() for at in calls)


def main() -> int:
    """Measure with processes of our own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--limit", type=int, default=240, help="calls a minute")
    given = parser.parse_args()
    if given.jobs <= given.limit:
        parser.error("--jobs: more than --limit, or none has to wait")
    with scratch() as folder, twin(folder, "--scale", "0.02", "--variety", "1") as named:
        told = {
            **named,
            "WORKER_SLOTS": "100",
            "REPLICATE_PER_MINUTE": str(given.limit),
            "REPLICATE_AT_ONCE": "100",
        }
        with fleet(folder, told, workers=2) as workers:
            times = asyncio.run(work(workers, named, given.jobs))
    most = most_in_a_window(times)
    report(
        {
            **machine(),
            "jobs": given.jobs,
            "calls": len(times),
            "limit_per_minute": given.limit,
            "most_in_a_window": most,
            "throughput_share": round(throughput_share(times, given.limit), 4),
        }
    )
    return 0 if most <= given.limit else 1


if __name__ == "__main__":
    sys.exit(main())
