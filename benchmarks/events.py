"""How long it takes from the commit of an event to its arrival at a client.

    ./dev bench events

A server, and one worker with 200 runs live, whose stages do nothing but report twice a second in
GENERATION; as many runs wait, and start as others end. A client holds a socket for each run. From
the moment that 200 runs are live, until no more wait, events are timed from their `at`, taken just
before their commit, to their arrival. Once with the doorbell on PostgreSQL, once on Redis.
Prints event_p50_ms and event_p95_ms of each, and of both the worse; changed_p95_ms, of events that
are no progress alone; and lost, the events that did not arrive.
Targets: 30, 100; 0.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from base64 import urlsafe_b64decode
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import asyncpg
import uvloop

from benchmarks.harness.client import client
from benchmarks.harness.contenders import CAPS
from benchmarks.harness.figures import machine, percentile, report
from benchmarks.harness.fleet import INSTANT, Fleet, fleet, scratch
from benchmarks.harness.patience import found
from benchmarks.harness.watchers import Watcher, arrived, watching
from tests.storage.redis_server import serving as redis

Figures = dict[str, float | int | str | None]

BACKENDS = ("postgres", "redis")
AT_ONCE = 20

LIVE = "select count(*) >= $1 from generations where status = 'PROCESSING'"
NONE_WAITS = "select not exists (select from generations where status = 'PENDING')"
EVENTS = """
select generation_id::text as run, seq, kind, extract(epoch from at)::float8 as at
  from generation_events where at between to_timestamp($1) and to_timestamp($2)
"""
LAST = "select id::text as run, last_seq from generations"


@contextmanager
def broadcasting(backend: str) -> Generator[str]:
    """Give the address of a doorbell of that kind."""
    if backend == "postgres":
        yield "postgres://"
        return
    with tempfile.TemporaryDirectory() as folder, redis(Path(folder)) as server:
        yield server.url


async def measured(running: Fleet, live: int) -> tuple[list[float], list[float], int]:
    """Return the milliseconds of all events and of changes alone, and how many got lost."""
    database = await asyncpg.connect(running.database)
    async with client(running.url) as bff:
        runs: list[str] = []
        for _ in range(0, 2 * live, AT_ONCE):
            starting = (bff.start("FROM_PROMPT", {"prompt": "a dress"}) for _ in range(AT_ONCE))
            runs += await asyncio.gather(*starting)
    async with watching(running.url, runs) as watchers:
        await arrived(watchers, 1, 60)
        await asyncio.to_thread(running.hire)
        await found(partial(database.fetchval, LIVE, live), 120)
        began = time.time()
        await found(partial(database.fetchval, NONE_WAITS), 120)
        ended = time.time()
        # What was committed at the last moment is on its way.
        await asyncio.sleep(2)
        rows = await database.fetch(EVENTS, began, ended)
    await database.close()
    heard = arrivals(watchers)
    waits = [(row["kind"], heard.get((row["run"], row["seq"])), row["at"]) for row in rows]
    every = [(moment - at) * 1000 for _, moment, at in waits if moment]
    changes = [(moment - at) * 1000 for kind, moment, at in waits if moment and kind != PROGRESS]
    return every, changes, len(waits) - len(every)


PROGRESS = "StageProgress"


def arrivals(watchers: Sequence[Watcher]) -> dict[tuple[str, int], float]:
    """Return when each event came, in seconds since 1970, by its run and number."""
    since = time.time() - time.monotonic()
    return {
        (_run(one.generation), seq): since + moment
        for one in watchers
        for seq, moment in one.arrivals
    }


def _run(global_id: str) -> str:
    return urlsafe_b64decode(global_id + "==").decode().partition(":")[2]


def measure(backend: str, live: int, seconds: float) -> tuple[Figures, int]:
    """Measure with that doorbell; return how many events got lost beside the figures."""
    worker = (*INSTANT, "--seconds", str(seconds), "--vary", "0.5")
    with broadcasting(backend) as address, scratch() as folder:
        told = {**CAPS, "BROADCAST_URL": address, "WORKER_SLOTS": str(live)}
        with (
            fleet(folder, told, workers=0, worker=worker) as running,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            every, changes, lost = runner.run(measured(running, live))
            for one in tuple(running.workers):
                running.kill(one)
    figures: Figures = {
        f"{backend}_events": len(every),
        f"{backend}_event_p50_ms": round(percentile(every, 0.5), 1),
        f"{backend}_event_p95_ms": round(percentile(every, 0.95), 1),
        f"{backend}_changed_p95_ms": round(percentile(changes or [0.0], 0.95), 1),
    }
    return figures, lost


def main() -> int:
    """Measure with processes of our own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--backend", choices=BACKENDS, action="append", help="only this")
    parser.add_argument("--live", type=int, default=200, help="runs at a time")
    parser.add_argument("--seconds", type=float, default=20.0, help="of a run, half more or less")
    given = parser.parse_args()
    began = time.monotonic()
    figures: Figures = {}
    lost = 0
    backends: Sequence[str] = given.backend or BACKENDS
    for backend in backends:
        more, missing = measure(backend, given.live, given.seconds)
        figures |= more
        lost += missing
    for name in ("event_p50_ms", "event_p95_ms"):
        figures[name] = max(float(figures[f"{one}_{name}"] or 0) for one in backends)
    took = round(time.monotonic() - began, 1)
    report({**machine(), "live": given.live, **figures, "lost": lost, "seconds": took})
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
