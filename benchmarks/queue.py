"""How fast runs are taken from the queue, by workers whose stages do nothing.

    ./dev bench queue

idle: one run at a time through the API, to a worker that waits for it. Prints start_p50_ms and
start_p99_ms, from the mutation's commit to the start of the first stage.
rate: runs that are there at once, to 1, 2 and 4 worker processes. Prints runs_per_s_1, _2 and _4
from the first claim to the last end, and cpu_ms_per_run of the worker where there is one.
claim: a worker with one slot, on a queue of few runs and on one of 100,000 of 100 users, in turns.
Prints claim_ms, from the end of a run to the claim of the next on the short queue, and
claim_waiting_ms on the long one; claim_growth, the one over the other; and enqueue_ms, what it
took to add one of the 100,000.
All are read from the database's own clock, as the stages start and the events are written.
Targets: start_p50_ms 25; claim_growth 2.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from statistics import median

import asyncpg

from benchmarks.harness.client import client
from benchmarks.harness.figures import machine, percentile, report
from benchmarks.harness.filling import filled
from benchmarks.harness.fleet import INSTANT, Fleet, fleet, scratch
from benchmarks.harness.patience import found
from benchmarks.harness.pinning import cpu_seconds

Figures = dict[str, float | int | str | None]

PARTS = ("idle", "rate", "claim")
PATIENCE_SECONDS = 300.0

STARTS = """
select extract(epoch from s.started_at - e.at)::float8 * 1000 as waited
  from generations g
  join generation_events e on e.generation_id = g.id and e.seq = 1
 cross join lateral (select min(started_at) as started_at from generation_stages
                      where generation_id = g.id) as s
 order by g.created_at
"""
ALL_ENDED = """
select not exists (select from generations where status in ('PENDING', 'PROCESSING'))
"""
CLAIMED = "select count(*) >= $1 from generations where claim > 0"
HAS_CLAIMED = "select count(*) from generations where claim > 0"
RATE = """
select count(*) / extract(epoch from max(completed_at) - min(begun.at))::float8
  from generations g
  join generation_events begun on begun.generation_id = g.id and begun.seq = 1
 where g.created_at > $1
"""
"""Of runs that were put in at once: their first event tells of their claim."""

# Of one slot, so that an end and the claim after it follow each other.
GAPS = """
select extract(epoch from lead(begun.at) over (order by begun.at) - ended.at)::float8 * 1000 as gap
  from generations g
  join generation_events begun on begun.generation_id = g.id and begun.seq = 1
  join generation_events ended on ended.generation_id = g.id and ended.seq = g.last_seq
 where g.status = 'COMPLETED' and g.completed_at > $1
 order by begun.at
"""


@contextmanager
def served() -> Generator[Fleet]:
    """Give a server, for workers whose stages do nothing."""
    with scratch() as folder, fleet(folder, {}, workers=0, worker=INSTANT) as running:
        yield running


async def idle(running: Fleet, runs: int) -> Figures:
    chance = random.Random(0)
    await asyncio.to_thread(running.hire)
    database = await asyncpg.connect(running.database)
    async with client(running.url) as bff:
        for _ in range(runs + 3):
            await bff.start("FROM_PROMPT", {"prompt": "a red silk dress"})
            await found(partial(database.fetchval, ALL_ENDED), PATIENCE_SECONDS)
            await asyncio.sleep(chance.uniform(0.0, 0.1))
    # The first ones find everything cold.
    waits = [row["waited"] for row in (await database.fetch(STARTS))[3:]]
    await database.close()
    await asyncio.to_thread(running.dismiss)
    return {
        "starts": len(waits),
        "start_p50_ms": round(percentile(waits, 0.5), 1),
        "start_p99_ms": round(percentile(waits, 0.99), 1),
    }


async def rate(running: Fleet, workers: int, runs: int) -> Figures:
    """Let so many workers loose on runs that come at once."""
    database = await asyncpg.connect(running.database)
    for _ in range(workers):
        await asyncio.to_thread(running.hire, WORKER_SLOTS="20")
    await filled(running.database, 1, 20)
    await found(partial(database.fetchval, ALL_ENDED), PATIENCE_SECONDS)
    began = await database.fetchval("select clock_timestamp()")
    before = sum(cpu_seconds(one.pid) for one in running.workers)
    await filled(running.database, 5, runs // 5)
    await found(partial(database.fetchval, ALL_ENDED), PATIENCE_SECONDS)
    cpu = sum(cpu_seconds(one.pid) for one in running.workers) - before
    per_second = await database.fetchval(RATE, began)
    await database.close()
    await asyncio.to_thread(running.dismiss)
    figures: Figures = {f"runs_per_s_{workers}": round(per_second, 1)}
    if workers == 1:
        figures["cpu_ms_per_run"] = round(cpu / runs * 1000, 2)
    return figures


async def gap(running: Fleet, claims: int) -> float:
    """Return the median time between an end and the next claim while runs wait, in ms."""
    database = await asyncpg.connect(running.database)
    began = await database.fetchval("select clock_timestamp()")
    claimed = await database.fetchval(HAS_CLAIMED)
    await asyncio.to_thread(running.hire, WORKER_SLOTS="1")
    await found(partial(database.fetchval, CLAIMED, claimed + claims), PATIENCE_SECONDS)
    await asyncio.to_thread(running.dismiss)
    gaps = [row["gap"] for row in await database.fetch(GAPS, began) if row["gap"] is not None]
    await database.close()
    return percentile(gaps, 0.5)


async def claim(short: Fleet, long: Fleet, waiting: int, claims: int, rounds: int) -> Figures:
    """Compare a queue of few with one of many, in turns."""
    await filled(short.database, 2, claims * rounds)
    took = await filled(long.database, 100, waiting // 100)
    gaps = [(await gap(short, claims), await gap(long, claims)) for _ in range(rounds)]
    return {
        "waiting": waiting,
        "enqueue_ms": took,
        "claim_ms": round(median(few for few, _ in gaps), 2),
        "claim_waiting_ms": round(median(many for _, many in gaps), 2),
        "claim_growth": round(median(many / few for few, many in gaps), 2),
    }


def measure(parts: Sequence[str], given: argparse.Namespace) -> Figures:
    """Measure the wished-for parts, one after the other on the same server."""
    figures: Figures = {}
    with served() as running:
        if "idle" in parts:
            figures |= asyncio.run(idle(running, given.starts))
        if "rate" in parts:
            for workers in given.workers or (1, 2, 4):
                figures |= asyncio.run(rate(running, workers, given.runs))
        if "claim" in parts:
            with served() as long:
                work = claim(running, long, given.waiting, given.claims, given.rounds)
                figures |= asyncio.run(work)
    return figures


def main() -> None:
    """Measure with processes of our own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may be repeated")
    parser.add_argument("--starts", type=int, default=200, help="of idle")
    parser.add_argument("--runs", type=int, default=500, help="of rate")
    parser.add_argument("--workers", type=int, action="append", help="of rate; may be repeated")
    parser.add_argument("--waiting", type=int, default=100_000, help="of claim")
    parser.add_argument("--claims", type=int, default=100, help="of a round of claim")
    parser.add_argument("--rounds", type=int, default=3, help="of claim")
    given = parser.parse_args()
    began = time.monotonic()
    figures = measure(given.part or PARTS, given)
    report({**machine(), **figures, "seconds": round(time.monotonic() - began, 1)})


if __name__ == "__main__":
    main()
