"""How long a run waits for another worker when its own is killed.

    ./dev bench failover

Starts a run, kills the worker that is at its stage GENERATION with SIGKILL, and looks when that
stage starts again elsewhere: 20 times, each with a run of its own and another worker standing by.
Prints failover_p50_s and failover_max_s, from the signal to the start of the stage, and
unfinished, the runs that did not end COMPLETED after all.
Targets, with all settings at their defaults: failover_max_s 10; 0.
"""

import argparse
import asyncio
import random
import re
import sys
import time
from functools import partial

import asyncpg

from benchmarks.harness.client import Client, client
from benchmarks.harness.figures import machine, percentile, report
from benchmarks.harness.fleet import INSTANT, Fleet, fleet, scratch
from benchmarks.harness.patience import found

STANDING_BY = 2
STAGE_SECONDS = 3.0
LATEST_KILL_SECONDS = 2.0

AT_WORK = re.compile(r"^(\S+) is at GENERATION in (\d+)$", re.MULTILINE)
NEWEST = "select id::text from generations order by created_at desc limit 1"
RESUMED = """
select extract(epoch from started_at)::float8 from generation_stages
 where generation_id = $1::text::uuid and name = 'GENERATION'
   and started_at > to_timestamp($2::float8)
"""
ALL_ENDED = "select bool_and(completed_at is not null) from generations"
INCOMPLETE = "select count(*) from generations where status <> 'COMPLETED'"


async def at_work(workers: Fleet, run: str) -> int:
    """Wait until a worker is at the run's GENERATION, and return its process id."""

    async def look() -> int:
        return next((int(pid) for one, pid in AT_WORK.findall(workers.log(1000)) if one == run), 0)

    return await found(look)


async def one_kill(
    bff: Client, workers: Fleet, database: asyncpg.Connection, chance: random.Random
) -> float:
    """Return how many seconds the run stood still."""
    while len(workers.workers) < STANDING_BY:
        await asyncio.to_thread(workers.hire)
    await bff.start("FROM_PROMPT", {"prompt": "a red silk dress"})
    run: str = await database.fetchval(NEWEST)
    pid = await at_work(workers, run)
    await asyncio.sleep(chance.uniform(0, LATEST_KILL_SECONDS))
    (worker,) = (one for one in workers.workers if one.pid == pid)
    killed = time.time()
    workers.kill(worker)
    again: float = await found(partial(database.fetchval, RESUMED, run, killed))
    waited = again - killed
    print(f"{waited:.2f} s", file=sys.stderr, flush=True)
    return waited


async def go_through(workers: Fleet, kills: int, seed: int) -> tuple[list[float], int]:
    """Return how long each run stood still, and how many did not complete."""
    chance = random.Random(seed)
    database = await asyncpg.connect(workers.database)
    async with client(workers.url) as bff:
        waits = [await one_kill(bff, workers, database, chance) for _ in range(kills)]
    await found(partial(database.fetchval, ALL_ENDED))
    unfinished: int = await database.fetchval(INCOMPLETE)
    await database.close()
    return waits, unfinished


def main() -> int:
    """Measure with processes of our own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--lease", type=int, default=None, help="LEASE_SECONDS, if not its default")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    began = time.monotonic()
    told = {} if given.lease is None else {"LEASE_SECONDS": str(given.lease)}
    worker = (*INSTANT, "--seconds", str(STAGE_SECONDS))
    with (
        scratch() as folder,
        fleet(folder, told, workers=0, worker=worker) as workers,
    ):
        waits, unfinished = asyncio.run(go_through(workers, given.kills, given.seed))
    figures = {
        "kills": len(waits),
        "failover_p50_s": round(percentile(waits, 0.5), 2),
        "failover_max_s": round(max(waits), 2),
        "unfinished": unfinished,
    }
    report({**machine(), **figures, "seconds": round(time.monotonic() - began, 1)})
    return 1 if unfinished else 0


if __name__ == "__main__":
    sys.exit(main())
