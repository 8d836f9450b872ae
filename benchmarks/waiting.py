"""How far off the expected start of a waiting run is, with a real worker and a twin.

    ./dev bench waiting

Three users submit runs of several kinds in bursts, by chance with a printed seed, and ask at once
where each stands and when it is expected to start.
Prints start_error, the median of how far off that was over how long the run did wait, for runs
that were submitted after 20 had ended and had to wait; start_bias is that with its sign, below 0
where they started later.
Target: 0.25.
"""

import argparse
import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from benchmarks.harness.client import Client
from benchmarks.harness.figures import machine, percentile, report
from benchmarks.harness.fleet import PROGRAM, Fleet, fleet, scratch, twin
from schema.ids import parsed

PHOTO = Path(__file__).parent.parent / "tests" / "photos" / "red-turtleneck.jpg"
WORDS = {"prompt": "a red silk dress"}
SPEC = {"spec": {"garmentType": "dress", "fabric": "silk", "colors": ["red"]}}
KINDS: Sequence[tuple[str, dict[str, Any]]] = (
    ("FROM_PROMPT", {**WORDS, "settings": {"model": "flux-schnell", "enhance": False}}),
    ("FROM_PROMPT", {**WORDS, "settings": {"model": "gpt-image-2", "count": 2}}),
    ("FROM_SPEC", {**SPEC, "settings": {"model": "flux-1.1-pro", "count": 3}}),
    ("FROM_IMAGE", {"settings": {"model": "nano-banana-pro"}}),
)
BURSTS = (1, 1, 3, 8)
WARM = 20

PLACE = "query ($id: ID!) { generation(id: $id) { queue { position expectedStartAt } } }"
ENDED = "select count(*) from generations where completed_at is not null"
UNFINISHED = "select count(*) from generations where completed_at is null"
STARTED = """
select g.id, min(s.started_at) as at
  from generations g join generation_stages s on s.generation_id = g.id
 group by g.id
"""


@dataclass(frozen=True, slots=True)
class Guess:
    """What was said of a run that had just been submitted."""

    generation: UUID
    asked: datetime
    position: int
    expected: datetime


@asynccontextmanager
async def users(workers: Fleet, names: Sequence[str]) -> AsyncGenerator[list[Client]]:
    """Give a client for each user."""
    async with AsyncExitStack() as stack:
        clients: list[Client] = []
        for name in names:
            told = {**workers.environ, "DATABASE_URL": workers.database}
            making = await asyncio.create_subprocess_exec(
                PROGRAM, "keys", "create", "--user", name, env=told, stdout=subprocess.PIPE
            )
            made, _ = await making.communicate()
            key = {"Authorization": f"Bearer {made.decode().split()[0]}"}
            http = httpx.AsyncClient(base_url=workers.url, timeout=30, headers=key, trust_env=False)
            clients.append(Client(workers.url, await stack.enter_async_context(http)))
        yield clients


async def guess(user: Client, generation: str) -> Guess | None:
    """Ask where the run stands; None where it does not wait."""
    asked = datetime.now(UTC)
    answer = await user.http.post(
        "/graphql", json={"query": PLACE, "variables": {"id": generation}}
    )
    place = answer.json()["data"]["generation"]["queue"]
    if place is None or place["expectedStartAt"] is None:
        return None
    expected = datetime.fromisoformat(place["expectedStartAt"])
    named = parsed(generation)
    return Guess(named[1], asked, place["position"], expected) if named else None


async def submitted(
    workers: Fleet, database: asyncpg.Connection, chance: random.Random, runs: int, pause: float
) -> list[Guess]:
    """Submit all in bursts; return what was said of those after the first 20 had ended."""
    guesses: list[Guess] = []
    number = 0
    async with users(workers, ("ada", "bo", "cy")) as clients:
        while number < runs:
            user, burst = chance.choice(clients), chance.choice(BURSTS)
            for _ in range(burst):
                mode, given = chance.choice(KINDS)
                generation = await user.start(mode, given, PHOTO if mode == "FROM_IMAGE" else None)
                said = await guess(user, generation)
                if said is not None and await database.fetchval(ENDED) >= WARM:
                    guesses.append(said)
            number += burst
            await asyncio.sleep(chance.expovariate(1 / pause))
    left = runs
    while left:
        await asyncio.sleep(0.5)
        left = await database.fetchval(UNFINISHED)
    return guesses


async def compare(workers: Fleet, seed: int, runs: int, pause: float) -> dict[str, float | int]:
    """Return the figures."""
    database = await asyncpg.connect(workers.database)
    try:
        guesses = await submitted(workers, database, random.Random(seed), runs, pause)
        rows = await database.fetch(STARTED)
    finally:
        await database.close()
    started: dict[UUID, datetime] = {row["id"]: row["at"] for row in rows}
    errors: list[float] = []
    waits: list[float] = []
    for one in guesses:
        at = started[one.generation]
        waits.append((at - one.asked).total_seconds())
        errors.append((one.expected - at).total_seconds() / waits[-1])
    return {
        "asked": len(errors),
        "waited_p50_s": round(percentile(waits, 0.5), 2),
        "start_error": round(percentile([abs(one) for one in errors], 0.5), 3),
        "start_error_p90": round(percentile([abs(one) for one in errors], 0.9), 3),
        "start_bias": round(percentile(errors, 0.5), 3),
    }


def main() -> int:
    """Measure with processes of our own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=150)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--scale", type=float, default=0.2, help="of what providers take")
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr)
    with (
        scratch() as folder,
        twin(folder, "--scale", str(given.scale)) as named,
        fleet(folder, {**named, "WORKER_SLOTS": "4"}, workers=1) as workers,
    ):
        # Four slots end somewhat less than they get.
        figures = asyncio.run(compare(workers, given.seed, given.runs, 30 * given.scale))
    report({"seed": given.seed, "runs": given.runs, "scale": given.scale, **figures, **machine()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
