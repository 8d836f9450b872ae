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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx

from benchmarks.harness import books, histories
from benchmarks.harness.client import START
from benchmarks.harness.cluster import Cluster, clustered, standing
from benchmarks.harness.figures import machine, report
from benchmarks.harness.fleet import INSTANT, WORKER, scratch
from benchmarks.harness.histories import Seen
from benchmarks.harness.roaming import Roamer, User
from benchmarks.harness.storm import LEASE_SECONDS, Storm
from storage.accounts import ApiKeys
from storage.database import open_pool
from storage.migrate import migrate

USERS = 4
FEED_SHARE = 0.2
CATCH_UP_SECONDS = 60.0
PROMPT = "a red silk dress"
UNFINISHED = "select count(*) from generations where status in ('PENDING', 'PROCESSING')"
HEADS = "select workspace_id, seq from event_heads"

Figures = Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done: runs come and faults happen over `span` seconds, `seconds` bound it all."""

    runs: int
    clients: int
    apis: int
    workers: int
    faults: int
    span: float
    seconds: float
    seed: int

    def chance(self, of: str) -> random.Random:
        """Return a sequence of its own for each that throws dice."""
        return random.Random(f"{self.seed} {of}")


@dataclass(frozen=True, slots=True)
class Watching:
    """A client, and the runs that it is to follow one after the other; None: all of them."""

    roamer: Roamer
    runs: asyncio.Queue[str | None] | None

    async def follow(self, heads: Mapping[UUID, int]) -> None:
        """Follow them to the end; for all runs that is when the workspace's head is known."""
        if self.runs is None:
            await self.roamer.follow(None, _reached(heads, self.roamer.user))
            return
        while (run := await self.runs.get()) is not None:
            await self.roamer.follow(run, lambda _: True)


def _reached(heads: Mapping[UUID, int], user: User) -> Callable[[Sequence[Seen]], bool]:
    def over(seen: Sequence[Seen]) -> bool:
        head = heads.get(user.workspace)
        return head is not None and (seen[-1].place if seen else 0) >= head

    return over


async def people(dsn: str) -> list[User]:
    """Make the tables, the users and their keys."""
    await migrate(dsn)
    users: list[User] = []
    async with open_pool(dsn, max_size=1) as pool:
        keys = ApiKeys(pool)
        for number in range(USERS):
            _, text = await keys.create(f"user {number}")
            viewer = await keys.viewer_of(text)
            assert viewer is not None
            users.append(User(text, viewer.workspace))
    return users


def audience(plan: Plan, users: Sequence[User], urls: Sequence[str]) -> list[Watching]:
    """Return the clients; each user has some of both kinds."""
    feeds = max(USERS, int(plan.clients * FEED_SHARE))
    return [
        Watching(
            Roamer(
                f"client {number}", urls, users[number % USERS], plan.chance(f"client {number}")
            ),
            None if number < feeds else asyncio.Queue(),
        )
        for number in range(plan.clients)
    ]


async def submit(plan: Plan, watching: Sequence[Watching], urls: Sequence[str]) -> None:
    """Start the runs over the span of time; each is followed by one client of its user."""
    chance = plan.chance("submitting")
    followers = [one for one in watching if one.runs is not None]
    for number in range(plan.runs):
        one = followers[number % len(followers)]
        run = await submitted(one.roamer.user, urls, f"run {number}", chance)
        if one.runs is not None:
            one.runs.put_nowait(run)
        await asyncio.sleep(chance.uniform(0, 2 * plan.span / plan.runs))
    for one in followers:
        if one.runs is not None:
            one.runs.put_nowait(None)


async def submitted(user: User, urls: Sequence[str], key: str, chance: random.Random) -> str:
    """Start a run, once however often it takes to get an answer; return its id."""
    given = {"prompt": PROMPT, "idempotencyKey": key, "settings": {"model": "sketch"}}
    request = {"query": START["FROM_PROMPT"], "variables": {"input": given}}
    headers = {"Authorization": f"Bearer {user.key}"}
    async with httpx.AsyncClient(timeout=3, trust_env=False, headers=headers) as http:
        while True:
            try:
                answer = await http.post(f"{chance.choice(urls)}/graphql", json=request)
                return str(answer.json()["data"]["started"]["id"])
            except (httpx.HTTPError, ValueError, LookupError, TypeError):
                await asyncio.sleep(chance.uniform(0.1, 0.5))


async def all_over(dsn: str) -> dict[UUID, int]:
    """Wait until every run has ended; return the last place of each workspace."""
    while True:
        database = await asyncpg.connect(dsn)
        try:
            if not await database.fetchval(UNFINISHED):
                return {row["workspace_id"]: row["seq"] for row in await database.fetch(HEADS)}
        finally:
            await database.close()
        await asyncio.sleep(0.25)


async def go_through(plan: Plan, cluster: Cluster, watching: Sequence[Watching]) -> Counter[str]:
    """Let it all happen; return what did."""
    storm = Storm(cluster, plan.faults, plan.span, plan.chance("storm"))
    heads: dict[UUID, int] = {}
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(one.follow(heads)) for one in watching]
        blowing = group.create_task(storm.blow())
        await submit(plan, watching, list(cluster.apis))
        await blowing
        heads |= await all_over(cluster.servers.database.dsn)
        _, late = await asyncio.wait(following, timeout=CATCH_UP_SECONDS)
        for task in late:
            task.cancel()
    return storm.done


async def judged(dsn: str, plan: Plan, watching: Sequence[Watching]) -> tuple[list[str], Figures]:
    """Return what is wrong in the end, and the figures."""
    database = await asyncpg.connect(dsn)
    log, runs = await histories.log_of(database), await books.runs_of(database)
    await database.close()
    roamers = [one.roamer for one in watching]
    seen = [history for one in roamers for history in one.histories]
    wrong = [
        *books.unended(runs),
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
        users = await people(servers.database.dsn)
        counts = (plan.apis, plan.workers)
        async with clustered(folder, servers, told, counts, worker) as cluster:
            watching = audience(plan, users, list(cluster.apis))
            try:
                async with asyncio.timeout(plan.seconds):
                    done = await go_through(plan, cluster, watching)
            except TimeoutError:
                problems.append("the time is over")
        problems += cluster.complaints
        wrong, figures = await judged(servers.database.dsn, plan, watching)
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
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument(
        "--stage", type=float, help="seconds of a GENERATION that draws nothing; else it sketches"
    )
    parser.add_argument("--span", type=float, default=180.0, help="seconds in which all happens")
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
        wrong, figures = asyncio.run(rage(plan, folder, worker, told))
    for problem in wrong:
        print(problem, file=sys.stderr)
    took = round(time.monotonic() - began, 1)
    report({**machine(), "seed": seed, **figures, "seconds": took, "problems": len(wrong)})
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
