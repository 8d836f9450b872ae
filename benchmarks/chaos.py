"""Runs on several API processes and workers that fall, stall and lose their servers, all watched.

    ./dev bench chaos

Workers and API processes are killed, and stopped for longer than a lease; connections to
PostgreSQL are cut; PostgreSQL and Redis are started anew. Meanwhile clients hang up at random and
come back by cursor, over WebSocket and server-sent events, to any API process. In the end every
run has to be over, no stage done twice, nothing after a run's end, and what each client saw has to
be what the log says, in both numberings.
Prints the seed, what was done, and every line that does not fit, of which there have to be none:
problems 0.
"""

import argparse
import asyncio
import json
import random
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import asyncpg
import httpx

from benchmarks.harness import books, histories
from benchmarks.harness.cluster import Cluster, clustered, standing
from benchmarks.harness.demand import Demand, people
from benchmarks.harness.figures import machine, report
from benchmarks.harness.fleet import INSTANT, WORKER, scratch
from benchmarks.harness.roaming import Roamer, User
from benchmarks.harness.storm import LEASE_SECONDS, Storm
from pipeline.domain import WorkspaceId

USERS = 4
FEED_SHARE = 0.2
CATCH_UP_SECONDS = 60.0
UNFINISHED = "select count(*) from generations where status in ('PENDING', 'PROCESSING')"
HEADS = "select workspace_id, seq from event_heads"
LASTS = "select id::text, last_seq from generations"
UNLIMITED = httpx.Limits(max_connections=None, max_keepalive_connections=8)

Figures = Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done: runs come and faults happen over `span` seconds, `seconds` bound it all."""

    runs: int
    clients: int
    apis: int
    workers: int
    doubt: float
    """The share of runs that are cancelled."""
    faults: int
    span: float
    seconds: float
    seed: int

    def chance(self, of: str) -> random.Random:
        """Return a sequence of its own for each that throws dice."""
        return random.Random(f"{self.seed} {of}")


@dataclass(frozen=True, slots=True)
class Ends:
    """The last number of each workspace and of each run, once `known`."""

    heads: dict[WorkspaceId, int] = field(default_factory=dict[WorkspaceId, int])
    runs: dict[str, int] = field(default_factory=dict[str, int])
    known: asyncio.Event = field(default_factory=asyncio.Event)

    async def find(self, dsn: str) -> None:
        """Wait until every run has ended, and tell."""
        while True:
            database = await asyncpg.connect(dsn)
            try:
                if not await database.fetchval(UNFINISHED):
                    self.heads.update([(row[0], row[1]) for row in await database.fetch(HEADS)])
                    self.runs.update([(row[0], row[1]) for row in await database.fetch(LASTS)])
                    self.known.set()
                    return
            finally:
                await database.close()
            await asyncio.sleep(0.25)


@dataclass(frozen=True, slots=True)
class Watching:
    """A client, and the runs that it is to follow one after the other; None: all of them."""

    roamer: Roamer
    runs: asyncio.Queue[str | None] | None

    async def follow(self, ends: Ends) -> None:
        """Follow them until all is over."""
        if self.runs is None:
            await self.roamer.follow_all(ends.heads)
            return
        while (run := await self.runs.get()) is not None:
            await self.roamer.follow(run)
        await ends.known.wait()
        await self.roamer.catch_up(ends.runs)


def audience(
    plan: Plan, users: Sequence[User], urls: Sequence[str], http: httpx.AsyncClient
) -> list[Watching]:
    """Return the clients; each user has some of both kinds."""
    feeds = max(USERS, int(plan.clients * FEED_SHARE))
    names = [f"client {number}" for number in range(plan.clients)]
    return [
        Watching(
            Roamer(name, urls, http, users[number % USERS], plan.chance(name)),
            None if number < feeds else asyncio.Queue(),
        )
        for number, name in enumerate(names)
    ]


async def ask(plan: Plan, demand: Demand, watching: Sequence[Watching]) -> None:
    """Start the runs over the span of time; each is followed by one client of its user."""
    followed = [(one.roamer.user, one.runs) for one in watching if one.runs is not None]
    chance = plan.chance("asking")
    async with asyncio.TaskGroup() as group:
        for number in range(plan.runs):
            user, runs = followed[number % len(followed)]
            run = await demand.start(user, f"run {number}")
            runs.put_nowait(run)
            if chance.random() < plan.doubt:
                group.create_task(demand.change_mind(user, run, plan.span / 4))
            await asyncio.sleep(chance.uniform(0, 2 * plan.span / plan.runs))
    for _, runs in followed:
        runs.put_nowait(None)


async def go_through(
    plan: Plan, cluster: Cluster, demand: Demand, watching: Sequence[Watching]
) -> Counter[str]:
    """Let it all happen; return what did."""
    storm = Storm(cluster, plan.faults, plan.span, plan.chance("storm"))
    ends = Ends()
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(one.follow(ends)) for one in watching]
        blowing = group.create_task(storm.blow())
        await ask(plan, demand, watching)
        await blowing
        await ends.find(cluster.servers.database.dsn)
        _, late = await asyncio.wait(following, timeout=CATCH_UP_SECONDS)
        for task in late:
            task.cancel()
    return storm.done


async def judged(
    dsn: str, plan: Plan, demand: Demand, watching: Sequence[Watching]
) -> tuple[list[str], Figures]:
    """Return what is wrong in the end, and the figures."""
    database = await asyncpg.connect(dsn)
    log, runs = await histories.log_of(database), await books.runs_of(database)
    strays = await histories.strays_of(database)
    await database.close()
    roamers = [one.roamer for one in watching]
    seen = [history for one in roamers for history in one.histories]
    wrong = [
        *books.unended(runs, frozenset(demand.cancelled)),
        *strays,
        *histories.gaps(log),
        *histories.twice(log),
        *histories.afterlives(log),
        *chain.from_iterable(histories.misheard(one, log) for one in seen),
        *(
            f"{one.name}: {times} times {what}"
            for one in roamers
            for what, times in one.strange.items()
        ),
    ]
    if len(runs) != plan.runs:
        wrong.append(f"{len(runs)} runs are there, of {plan.runs}")
    drops = sum((one.drops for one in roamers), Counter[str]())
    ended = Counter(run.status.lower() for run in runs)
    return wrong, {
        "runs": len(runs),
        **ended,
        "retries": demand.retries,
        "reasons": json.dumps(Counter(run.reason for run in runs if run.reason)),
        "events": len(log),
        "told": sum(len(history.seen) for history in seen),
        "connections": sum(one.connections for one in roamers),
        "drops": json.dumps(dict(drops.most_common())),
    }


async def rage(
    plan: Plan, folder: Path, worker: Sequence[str], told: Mapping[str, str]
) -> tuple[list[str], Figures]:
    """Go through it with servers and processes of our own in `folder`."""
    problems: list[str] = []
    done = Counter[str]()
    with standing(folder) as servers:
        users = await people(servers.database.dsn, USERS)
        counts = (plan.apis, plan.workers)
        async with (
            clustered(folder, servers, told, counts, worker) as cluster,
            httpx.AsyncClient(timeout=60, limits=UNLIMITED, trust_env=False) as http,
        ):
            urls = list(cluster.apis)
            demand = Demand(urls, http, plan.chance("demand"))
            watching = audience(plan, users, urls, http)
            try:
                async with asyncio.timeout(plan.seconds):
                    done = await go_through(plan, cluster, demand, watching)
            except TimeoutError:
                problems.append("the time is over")
        problems += cluster.complaints
        wrong, figures = await judged(servers.database.dsn, plan, demand, watching)
        if problems or wrong:
            print(cluster.logs(), file=sys.stderr)
    return [*problems, *wrong], {**done, **figures}


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--apis", type=int, default=2)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--slots", type=int, default=4, help="runs at a time of each worker")
    parser.add_argument("--doubt", type=float, default=0.2, help="share of runs to cancel")
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument(
        "--stage", type=float, help="seconds of a GENERATION that draws nothing; else it sketches"
    )
    parser.add_argument("--span", type=float, default=180.0, help="seconds in which all happens")
    parser.add_argument("--broadcast", help="BROADCAST_URL, in place of a Redis of its own")
    parser.add_argument("--seconds", type=float, default=900.0, help="until it is given up")
    parser.add_argument("--seed", type=int, default=None)
    return parser.parse_args()


def main() -> int:
    """Do it, and say what came of it."""
    given = parsed()
    seed = secrets.randbelow(2**31) if given.seed is None else given.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)
    # Being told to end, it takes its processes along.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plan = Plan(
        runs=given.runs,
        clients=given.clients,
        apis=given.apis,
        workers=given.workers,
        doubt=given.doubt,
        faults=given.faults,
        span=given.span,
        seconds=given.seconds,
        seed=seed,
    )
    instant = (*INSTANT, "--seconds", str(given.stage), "--report", "0.2")
    began = time.monotonic()
    with scratch() as folder:
        worker = (*(WORKER if given.stage is None else instant), "--data", str(folder / "data"))
        told = {"LEASE_SECONDS": str(LEASE_SECONDS), "WORKER_SLOTS": str(given.slots)}
        if given.broadcast:
            told["BROADCAST_URL"] = given.broadcast
        wrong, figures = asyncio.run(rage(plan, folder, worker, told))
    for problem in wrong:
        print(problem, file=sys.stderr)
    took = round(time.monotonic() - began, 1)
    report({**machine(), "seed": seed, **figures, "seconds": took, "problems": len(wrong)})
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
