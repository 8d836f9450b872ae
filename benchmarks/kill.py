"""Runs through a twin of the providers, with faults at random and workers killed all the while.

    ./dev bench kill

Every run has to end COMPLETED, or FAILED with a reason; what was settled may not be more than
what was billed, and what was billed not more than what was settled and what is held; at
Replicate both have to agree entry for entry, and no call may be billed twice.
Prints the seed, how runs ended, settled_usd, billed_usd and held_usd, and every line that does
not fit, of which there have to be none: problems 0.
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.harness import books
from benchmarks.harness.client import Client, client
from benchmarks.harness.figures import machine, report
from benchmarks.harness.fleet import Fleet, fleet, scratch, twin
from benchmarks.harness.trouble import everything

PHOTO = Path(__file__).parent.parent / "tests" / "photos" / "red-turtleneck.jpg"
MODELS = ("flux-1.1-pro", "flux-schnell", "recraft-v3", "gpt-image-2", "gpt-image-2.5-flare")
PROMPTS = ("a red silk dress", "a striped cotton shirt", "black wool trousers")
TROUBLE_SHARE = 0.02
DEADLINE_SECONDS = 6
CANCEL = "mutation ($id: ID!) { cancelGeneration(id: $id) { __typename } }"

UNFINISHED = "select count(*) from generations where status in ('PENDING', 'PROCESSING')"
OPEN_LINES = "select count(*) from charges where state = 'RESERVED'"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done: `seconds` bound the whole of it."""

    runs: int
    cancels: int
    kills: int
    workers: int
    seconds: float
    seed: int


async def submit(bff: Client, plan: Plan, chance: random.Random) -> list[str]:
    """Start the runs and return their ids."""
    started: list[str] = []
    for _ in range(plan.runs + plan.cancels):
        settings = {"model": chance.choice(MODELS), "count": chance.choice((1, 1, 2))}
        if chance.random() < 0.2:
            settings["enhance"] = chance.random() < 0.5
            started.append(await bff.start("FROM_IMAGE", {"settings": settings}, PHOTO))
        else:
            given = {"prompt": chance.choice(PROMPTS), "settings": settings}
            started.append(await bff.start("FROM_PROMPT", given))
    return started


async def cancel(bff: Client, chosen: list[str], chance: random.Random) -> None:
    """Cancel them one after the other, whatever they are at."""
    for generation in chosen:
        await asyncio.sleep(chance.uniform(0.2, 2))
        await bff.http.post("/graphql", json={"query": CANCEL, "variables": {"id": generation}})


async def kill(
    workers: Fleet, database: asyncpg.Connection, plan: Plan, chance: random.Random
) -> int:
    """Kill one worker after the other, each followed by a new one; return how many in the end."""
    for killed in range(plan.kills):
        await asyncio.sleep(chance.uniform(0.5, 3))
        if not await database.fetchval(UNFINISHED):
            return killed
        await asyncio.to_thread(workers.kill_one, chance)
        await asyncio.to_thread(workers.hire)
    return plan.kills


async def settle(database: asyncpg.Connection, until: float) -> None:
    """Wait until every run has ended and every line is closed."""
    while time.monotonic() < until:
        left = await database.fetchval(UNFINISHED), await database.fetchval(OPEN_LINES)
        if left == (0, 0):
            return
        await asyncio.sleep(0.25)
    print("the time is over", file=sys.stderr)


async def go_through(
    workers: Fleet, bill: Path, plan: Plan
) -> tuple[list[str], Mapping[str, float | int | str | None]]:
    """Do it all; return what is wrong in the end, and the figures."""
    chance = random.Random(plan.seed)
    until = time.monotonic() + plan.seconds
    database = await asyncpg.connect(workers.database)
    async with client(workers.url) as bff:
        started = await submit(bff, plan, chance)
        chosen = chance.sample(started, plan.cancels)
        _, killed = await asyncio.gather(
            cancel(bff, chosen, random.Random(plan.seed + 1)),
            kill(workers, database, plan, random.Random(plan.seed + 2)),
        )
    await settle(database, until)
    runs, lines = await books.runs_of(database), await books.ledger_of(database)
    billed = books.bill_of(bill)
    await database.close()
    for message, times in Counter(run.message for run in runs if run.message).most_common():
        print(f"{times:4} failed: {message}", file=sys.stderr)
    cancelled = {run.id for run in runs if run.status == "CANCELLED"}
    wrong = [*books.unended(runs, frozenset(cancelled)), *books.unequal(lines, billed)]
    if len(cancelled) > plan.cancels:
        wrong.append(f"{len(cancelled)} runs are cancelled, of {plan.cancels}")
    if len(runs) != len(started):
        wrong.append(f"{len(runs)} runs are there, of {len(started)}")
    return wrong, {"kills": killed, **figures_of(runs, lines, billed)}


def figures_of(
    runs: list[books.Ended], lines: list[books.Line], bill: list[books.Billed]
) -> dict[str, float | int | str | None]:
    """Return what happened, in figures."""
    ended = Counter(run.status for run in runs)
    reasons = Counter(run.reason for run in runs if run.reason)
    states = Counter(line.state for line in lines)
    return {
        "runs": len(runs),
        **{status.lower(): count for status, count in ended.items()},
        "reasons": json.dumps(reasons),
        "lines": json.dumps(states),
        "billed_entries": len(bill),
        "settled_usd": str(books.settled_of(lines)),
        "billed_usd": str(books.billed_of(bill)),
        "held_usd": str(books.held_of(lines)),
    }


def environment(named: Mapping[str, str], slots: int) -> dict[str, str]:
    """Return what server and workers are told: everything in small."""
    return {
        **named,
        "WORKER_SLOTS": str(slots),
        "LEASE_SECONDS": "2",
        "REPLICATE_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
        "OPENAI_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
        "REPLICATE_PER_MINUTE": "2000",
        "OPENAI_PER_MINUTE": "2000",
    }


def main() -> int:
    """Do it with processes of our own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--cancels", type=int, default=0, help="more runs, which are cancelled")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--slots", type=int, default=4, help="runs at a time of each worker")
    parser.add_argument("--share", type=float, default=TROUBLE_SHARE, help="of each fault")
    parser.add_argument("--scale", type=float, default=0.1, help="of the providers' latency")
    parser.add_argument("--seconds", type=float, default=1200.0, help="until it is given up")
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = secrets.randbelow(2**31) if given.seed is None else given.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)
    plan = Plan(given.runs, given.cancels, given.kills, given.workers, given.seconds, seed)
    began = time.monotonic()
    with scratch() as folder:
        script = folder / "faults.json"
        script.write_text(json.dumps(everything(given.share)))
        options = ("--scale", str(given.scale), "--variety", "1", "--seed", str(seed))
        with (
            twin(folder, *options, "--faults", str(script)) as named,
            fleet(folder, environment(named, given.slots), workers=plan.workers) as workers,
        ):
            wrong, figures = asyncio.run(go_through(workers, folder / "bill.jsonl", plan))
            if wrong:
                print(workers.log(), file=sys.stderr)
    for problem in wrong:
        print(problem, file=sys.stderr)
    took: Any = round(time.monotonic() - began, 1)
    report({**machine(), "seed": seed, **figures, "seconds": took, "problems": len(wrong)})
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
