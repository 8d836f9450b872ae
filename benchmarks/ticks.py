"""How long a change of state takes to commit while many runs of its workspace report progress.

    ./dev bench ticks

Runs report twice a second each, as stages do at most, while others change state one after the
other, on a PostgreSQL that writes to its disk.
Prints change_p50_ms and change_p99_ms, and the same with nobody reporting (quiet_) and with a
transaction for each report (one_by_one_).
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import product
from time import perf_counter

import asyncpg

from benchmarks.harness.figures import machine, percentile, report
from benchmarks.harness.fleet import scratch
from pipeline.domain import Brief, GenerationMode, Run, StageName, WorkspaceId
from pipeline.events import StageProgress
from pipeline.repositories import Submission
from pipeline.results import Delivery
from server.postgres import EmbeddedPostgres
from storage import events, verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.claims import Claims, fence
from storage.database import open_pool, transaction
from storage.journal import RunJournal
from storage.migrate import migrate
from storage.objects import LocalObjects
from storage.tasks import running
from storage.ticks import Ticks

EVERY = 0.5
TOLD = "select count(*) from generation_events where kind = 'StageProgress'"

Tell = Callable[[Run, StageProgress], Awaitable[None]]


class Silent:
    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        pass


async def taken(pool: asyncpg.Pool, objects: LocalObjects, number: int) -> list[RunJournal]:
    """Submit runs and take them on."""
    claims = Claims(pool, Silent(), timedelta(hours=1))
    brief = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a red dress")
    found: list[RunJournal] = []
    for _ in range(number):
        generation = await verbs.submit(pool, Silent(), objects, LOCAL, Submission(brief=brief))
        run = await claims.take(generation)
        if run is None:
            raise RuntimeError("somebody else works here")
        found.append(RunJournal(pool, Silent(), run, str, str))
    return found


async def reporting(journal: RunJournal, tell: Tell, begun: asyncio.Semaphore) -> None:
    """Run a stage that reports for ever."""

    async def work(_: object) -> Delivery:
        begun.release()
        await asyncio.sleep(random.uniform(0, EVERY))
        while True:
            await tell(journal.run, StageProgress(StageName.GENERATION, 0.5, "1 of 2 images"))
            await asyncio.sleep(EVERY)

    await journal.step(StageName.GENERATION, Delivery, work)


async def changed(journals: Sequence[RunJournal]) -> list[float]:
    """Return how many milliseconds each change of state took, twenty a second."""
    took: list[float] = []
    for name, journal in product(StageName, journals):
        began = perf_counter()
        await journal.skip(name, "Not wanted")
        took.append(1000 * (perf_counter() - began))
        await asyncio.sleep(max(0.0, 0.05 - took[-1] / 1000))
    return took


async def measure(
    pool: asyncpg.Pool, objects: LocalObjects, runs: int, tell: Tell
) -> tuple[list[float], float]:
    """Return what changes took, and how many ticks a second were told meanwhile."""
    journals, begun = await taken(pool, objects, runs), asyncio.Semaphore(0)
    async with AsyncExitStack() as stack:
        for journal in journals:
            await stack.enter_async_context(running(reporting(journal, tell, begun)))
        for _ in journals:
            await begun.acquire()
        changing = await taken(pool, objects, 40)
        before, began = await pool.fetchval(TOLD), perf_counter()
        took = await changed(changing)
        told = (await pool.fetchval(TOLD) - before) / (perf_counter() - began)
    return took, told


async def compare(dsn: str, objects: LocalObjects, runs: int) -> dict[str, float]:
    """Return the figures."""
    await migrate(dsn)
    async with open_pool(dsn) as pool:
        await ensure_local_viewer(pool)
        ticks = Ticks(pool, Silent())

        async def together(run: Run, progress: StageProgress) -> None:
            ticks.note(run, progress)

        async def alone(run: Run, progress: StageProgress) -> None:
            async with transaction(pool) as connection:
                await fence(connection, run)
                await events.append(connection, run.workspace, run.id, [progress])

        figures: dict[str, float] = {}
        async with running(ticks.keep_telling()):
            for name, number, tell in (
                ("quiet_", 0, together),
                ("one_by_one_", runs, alone),
                ("", runs, together),
            ):
                took, told = await measure(pool, objects, number, tell)
                figures[f"{name}change_p50_ms"] = round(percentile(took, 0.5), 2)
                figures[f"{name}change_p99_ms"] = round(percentile(took, 0.99), 2)
                figures[f"{name}ticks_per_second"] = round(told, 1)
    return figures


def main() -> int:
    """Measure in this process, on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    given = parser.parse_args()
    with scratch() as folder, EmbeddedPostgres(folder / "postgres") as postgres:
        figures = asyncio.run(compare(postgres.dsn, LocalObjects(folder, ""), given.runs))
    report({"runs": given.runs, **figures, **machine()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
