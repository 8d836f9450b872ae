"""What the product adds to the time and the price of the providers, on a twin of them.

    ./dev bench overhead

Prints overhead_ratio: how long a FROM_IMAGE run takes over the sum of what its providers take,
one run at a time, the median of them; wall_over_ideal and rss_mb: so many runs at once in one
worker process, over what it would take if each image were there as soon as its provider has made
it, and the worker's memory at its most; and
quote_error: by how much the quote of the worst of several models and modes is off what was
settled, with what reading the photo and writing the prompt cost.
Targets: 1.02; 1.10 with 300 runs; 0.02. With --scale the providers are quicker, and what is
added weighs more.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from benchmarks.harness.client import Client, client, ended
from benchmarks.harness.figures import machine, percentile, report
from benchmarks.harness.fleet import Fleet, fleet, scratch, twin
from benchmarks.harness.latency import Latencies

PHOTO = Path(__file__).parent.parent / "tests" / "photos" / "red-turtleneck.jpg"
SLOW_MODEL = "nano-banana-pro"
CROWD_MODEL = "flux-schnell"
QUOTED = ("flux-1.1-pro", "flux-schnell", "nano-banana-pro", "gpt-image-2", "gpt-image-2.5-flare")
WORDS = {"prompt": "a red silk dress"}
ASKED: dict[str, dict[str, Any]] = {
    "FROM_PROMPT": WORDS,
    "FROM_SPEC": {"spec": {"garmentType": "dress", "fabric": "silk", "colors": ["red"]}},
    "FROM_IMAGE": WORDS,
}
MEGABYTE = 1024 * 1024
LOOK_SECONDS = 0.5

QUOTE = "query ($input: QuoteInput!) { quote(input: $input) { __typename ... on Quote { cost } } }"
COST = "query ($id: ID!) { generation(id: $id) { cost } }"
TOOK = """
select extract(epoch from completed_at - created_at)::double precision
  from generations order by created_at desc limit 1
"""
CROWD = """
select c.external_id, extract(epoch from g.created_at - $1)::double precision as created,
       extract(epoch from g.completed_at - $1)::double precision as completed
  from generations g join charges c on c.generation_id = g.id
 where g.created_at > $1
"""
NOT_COMPLETED = "select count(*) from generations where status <> 'COMPLETED'"
UNFINISHED = "select count(*) from generations where status in ('PENDING', 'PROCESSING')"

Figures = dict[str, float | int | str | None]


@asynccontextmanager
async def reached(workers: Fleet) -> AsyncGenerator[tuple[Client, asyncpg.Connection]]:
    """Give a client of the server, and its database."""
    database = await asyncpg.connect(workers.database)
    try:
        async with client(workers.url) as bff:
            yield bff, database
    finally:
        await database.close()


async def alone(workers: Fleet, latencies: Latencies, runs: int) -> Figures:
    """Time runs one after the other."""
    ratios: list[float] = []
    given = {"settings": {"model": SLOW_MODEL}}
    async with reached(workers) as (bff, database), bff.events() as events:
        for number in range(runs + 1):
            latencies.forget()
            generation = await bff.start("FROM_IMAGE", given, PHOTO)
            if await ended(events, generation) != "COMPLETED":
                raise RuntimeError(f"{generation} did not complete")
            # The first one finds everything cold.
            if number:
                ratios.append(await database.fetchval(TOOK) / sum(latencies.new().values()))
    return {"overhead_runs": runs, "overhead_ratio": round(percentile(ratios, 0.5), 4)}


async def crowd(workers: Fleet, latencies: Latencies, runs: int) -> Figures:
    """Submit so many runs at once to one worker, after one that finds everything cold."""
    given = {"prompt": "a red silk dress", "settings": {"model": CROWD_MODEL}}
    worker = psutil.Process(workers.workers[0].pid)
    most = 0
    async with reached(workers) as (bff, database), bff.events() as events:
        await ended(events, await bff.start("FROM_PROMPT", given))
        latencies.forget()
        began = await database.fetchval("select clock_timestamp()")
        await asyncio.gather(*(bff.start("FROM_PROMPT", given) for _ in range(runs)))
        while await database.fetchval(UNFINISHED):
            most = max(most, worker.memory_info().rss)
            await asyncio.sleep(LOOK_SECONDS)
        if failed := await database.fetchval(NOT_COMPLETED):
            raise RuntimeError(f"{failed} runs did not complete")
        rows = await database.fetch(CROWD, began)
    took = latencies.new()
    ideal = max(row["created"] + took[row["external_id"]] for row in rows)
    wall = max(row["completed"] for row in rows)
    first = min(row["created"] for row in rows)
    return {
        "crowd_runs": len(rows),
        "submitted_in_s": round(max(row["created"] for row in rows) - first, 1),
        "wall_s": round(wall - first, 1),
        "wall_over_ideal": round((wall - first) / (ideal - first), 3),
        "rss_mb": round(most / MEGABYTE, 1),
    }


async def quotes(workers: Fleet) -> Figures:
    """Compare what was quoted with what was settled, hosted words included."""
    errors: dict[str, float] = {}
    async with reached(workers) as (bff, _), bff.events() as events:
        for model, mode in product(QUOTED, ASKED):
            given = {**ASKED[mode], "settings": {"model": model, "count": 1 + len(errors) % 3}}
            quoted = await asked(bff, QUOTE, {"input": {"mode": mode, **given}})
            photo = PHOTO if mode == "FROM_IMAGE" else None
            generation = await bff.start(mode, given, photo)
            if await ended(events, generation) != "COMPLETED":
                raise RuntimeError(f"{model} made no image")
            settled = await asked(bff, COST, {"id": generation})
            cost = Decimal(settled["generation"]["cost"])
            errors[f"{model} {mode}"] = abs(float(Decimal(quoted["quote"]["cost"]) / cost) - 1)
    worst = max(errors, key=lambda model: errors[model])
    return {"quote_error": round(errors[worst], 4), "quote_worst": worst}


async def asked(bff: Client, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a query; raises RuntimeError with the errors."""
    answer = await bff.http.post("/graphql", json={"query": query, "variables": variables})
    told = answer.json()
    if told.get("errors"):
        raise RuntimeError(json.dumps(told["errors"]))
    data: dict[str, Any] = told["data"]
    return data


@contextmanager
def _fleet(scale: float, *, workers: int) -> Generator[tuple[Fleet, Latencies]]:
    with (
        scratch() as folder,
        twin(folder, "--scale", str(scale), "--variety", "1") as named,
        fleet(folder, environment(named), workers=workers) as running,
    ):
        yield running, Latencies(folder / "bill.jsonl", scale)


def environment(named: dict[str, str]) -> dict[str, str]:
    """Return settings with which no limit of ours is in the way, and none of the twin's is met."""
    limits = ("REPLICATE_PER_MINUTE", "REPLICATE_AT_ONCE", "OPENAI_PER_MINUTE", "OPENAI_AT_ONCE")
    return {**named, "WORKER_SLOTS": "300", **dict.fromkeys(limits, "500")}


def measure(parts: Sequence[str], scale: float, runs: int, many: int) -> Figures:
    """Measure the wished-for parts, each on processes of its own."""
    figures: Figures = {**machine(), "scale": scale}
    if "alone" in parts:
        with _fleet(scale, workers=1) as (workers, latencies):
            figures |= asyncio.run(alone(workers, latencies, runs))
    if "crowd" in parts:
        with _fleet(scale, workers=1) as (workers, latencies):
            figures |= asyncio.run(crowd(workers, latencies, many))
    if "quotes" in parts:
        with _fleet(0.0, workers=1) as (workers, _):
            figures |= asyncio.run(quotes(workers))
    return figures


def main() -> None:
    """Measure with processes of our own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ("alone", "crowd", "quotes")
    parser.add_argument("--part", choices=parts, action="append", help="only this; may be repeated")
    parser.add_argument("--scale", type=float, default=1.0, help="of the providers' latency")
    parser.add_argument("--runs", type=int, default=5, help="one at a time")
    parser.add_argument("--crowd", type=int, default=300, help="at once")
    given = parser.parse_args()
    began = time.monotonic()
    figures = measure(given.part or parts, given.scale, given.runs, given.crowd)
    report({**figures, "seconds": round(time.monotonic() - began, 1)})


if __name__ == "__main__":
    main()
