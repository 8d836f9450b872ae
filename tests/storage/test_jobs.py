import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from pgqueuer.models import Job
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pgqueuer.queries import Queries
from pgqueuer.types import QueueEntrypoint, QueueManagerId

from pipeline.domain import Brief, GenerationId, GenerationMode, Viewer
from pipeline.repositories import Submission
from storage import jobs
from storage.claims import Claims
from storage.generations import Generations

GENERATION = {QueueEntrypoint(jobs.ENTRYPOINT): EntrypointExecutionParameter(0)}
BRIEF = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a silk gown")

CROWD = """
insert into generations (id, workspace_id, user_id, mode, settings)
  select md5('g' || n)::uuid, $1, $2, 'FROM_PROMPT', '{}' from generate_series(1, 20000) n
"""
CROWD_JOBS = """
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
  select -n, 'generation', convert_to(md5('g' || n)::uuid::text, 'UTF8'),
         md5('g' || n)::uuid || ':1', 'queued' from generate_series(1, 20000) n
"""


@dataclass
class Line:
    """The real queue, of which runs are started one at a time."""

    db: asyncpg.Pool
    queue: Queries
    generations: Generations
    claims: Claims
    owners: dict[GenerationId, str] = field(default_factory=dict[GenerationId, str])
    runs: dict[str, list[GenerationId]] = field(default_factory=dict[str, list[GenerationId]])

    async def submit(self, viewer: Viewer, number: int) -> list[GenerationId]:
        made = [
            (await self.generations.submit(viewer, Submission(brief=BRIEF))).id
            for _ in range(number)
        ]
        self.owners |= dict.fromkeys(made, viewer.name)
        self.runs.setdefault(viewer.name, []).extend(made)
        return made

    async def picked(self) -> list[Job]:
        return await self.queue.dequeue(
            1, GENERATION, QueueManagerId(uuid4()), None, timedelta(seconds=30)
        )

    async def next(self) -> GenerationId | None:
        """Start the run that is next and let go of its job; None where nothing waits."""
        for job in await self.picked():
            generation = GenerationId(UUID((job.payload or b"").decode()))
            assert await self.claims.take(generation) is not None
            await self.queue.log_jobs([(job, "successful", None)])
            return generation
        return None

    async def starts(self, number: int = 1000) -> str:
        """Start up to so many runs; return the first letters of whose they were."""
        started = ""
        while len(started) < number and (generation := await self.next()) is not None:
            started += self.owners[generation][0]
        return started


@pytest.fixture
async def line(
    pool: asyncpg.Pool, generations: Generations, database_url: str
) -> AsyncGenerator[Line]:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=2) as plain:
        claims = Claims(pool, generations.bell, timedelta(seconds=60))
        yield Line(pool, Queries.from_asyncpg_pool(plain), generations, claims)


async def test_a_hundred_runs_delay_another_users_first_by_one_slot(
    line: Line, viewer: Viewer, stranger: Viewer
) -> None:
    await line.submit(viewer, 100)
    assert await line.starts(7) == "A" * 7
    await line.submit(stranger, 1)

    assert "B" in await line.starts(2)


async def test_three_users_take_turns(
    line: Line, new_viewer: Callable[[str], Awaitable[Viewer]]
) -> None:
    ada, bo, cy = [await new_viewer(name) for name in ("Ada", "Bo", "Cy")]
    await line.submit(ada, 30)
    await line.submit(bo, 10)
    await line.submit(cy, 5)

    assert await line.starts() == "ABC" * 5 + "AB" * 5 + "A" * 20


async def test_who_keeps_submitting_holds_up_nobody_and_nothing_of_theirs_is_overtaken(
    line: Line, viewer: Viewer, stranger: Viewer
) -> None:
    await line.submit(viewer, 20)
    waiting = await line.submit(stranger, 5)
    started = ""
    while not set(waiting) <= set(line.owners) or started.replace("A", "") != "B" * 5:
        started += await line.starts(1)
        await line.submit(viewer, 1)
    assert started == "AB" * 5

    mine = iter(line.runs["Ada"][5:])
    while (run := await line.next()) is not None:
        assert run == next(mine)


async def test_who_submits_one_at_a_time_does_not_keep_others_waiting(
    line: Line, viewer: Viewer, stranger: Viewer
) -> None:
    await line.submit(viewer, 10)
    await line.submit(stranger, 1)
    started = ""
    for _ in range(12):
        run = await line.starts(1)
        started += run
        if run == "B":
            await line.submit(stranger, 1)
    assert started == "AB" * 6


async def test_a_queue_that_ran_empty_forgets_who_had_more(
    line: Line, viewer: Viewer, stranger: Viewer
) -> None:
    await line.submit(viewer, 20)
    await line.starts()
    await line.submit(stranger, 10)
    await line.submit(viewer, 3)

    assert await line.starts(6) == "BABABA"


async def test_cancelled_runs_take_no_turns(line: Line, viewer: Viewer, stranger: Viewer) -> None:
    mine = await line.submit(viewer, 30)
    await line.submit(stranger, 10)
    await asyncio.gather(*(line.generations.cancel(viewer, run) for run in mine[1:-2]))
    await line.generations.cancel(viewer, mine[0])
    await line.submit(viewer, 1)

    order = [await line.next() for _ in range(6)]
    assert "".join(line.owners[run][0] for run in order if run) == "ABABBA"
    assert [run for run in order if run in mine] == mine[-2:]


async def test_the_newest_run_that_is_cancelled_gives_its_turn_back(
    line: Line, viewer: Viewer, stranger: Viewer
) -> None:
    for _ in range(5):
        (run,) = await line.submit(viewer, 1)
        await line.generations.cancel(viewer, run)
    await line.submit(stranger, 3)
    await line.submit(viewer, 2)

    assert await line.starts() == "BABAB"


async def test_a_retry_goes_behind_what_its_user_has_waiting(
    line: Line, viewer: Viewer, stranger: Viewer
) -> None:
    first, *_ = await line.submit(viewer, 5)
    await line.generations.cancel(viewer, first)
    await line.submit(stranger, 5)
    await line.generations.retry(viewer, first, None, None)

    order = [await line.next() for _ in range(10)]
    assert "".join(line.owners[run][0] for run in order if run) == "ABABABABBA"
    assert [run for run in order if run and line.owners[run] == "Ada"][-1] == first


async def test_what_was_lost_takes_its_turn_and_what_had_begun_goes_first(
    line: Line, viewer: Viewer, stranger: Viewer
) -> None:
    begun, *_ = await line.submit(viewer, 10)
    assert await line.next() == begun
    theirs = await line.submit(stranger, 3)
    await line.db.execute("delete from pgqueuer")
    await line.db.execute(
        "update generations set leased_until = now() - interval '1 s' where id = $1", begun
    )
    assert await line.claims.sweep_all() == 13
    assert await line.claims.sweep() == 0
    (late,) = await line.submit(stranger, 1)

    order = [await line.next() for _ in range(9)]
    assert order[0] == begun
    assert "".join(line.owners[run][0] for run in order[1:] if run) in ("ABABABAB", "BABABABA")
    assert [run for run in order if run and line.owners[run] == "Bo"] == [*theirs, late]


async def test_an_enqueue_among_many_reads_a_few_pages(
    line: Line, viewer: Viewer, stranger: Viewer
) -> None:
    await line.db.execute(CROWD, viewer.workspace, viewer.user)
    await line.db.execute(CROWD_JOBS)
    await line.db.execute("insert into queue_turns values ($1, 20000)", viewer.user)
    await line.db.execute("analyze")
    for user in (viewer, stranger):
        async with line.db.acquire() as connection:
            found = await connection.fetchval(
                f"explain (analyze, buffers, format json) {jobs.ENQUEUE}", uuid4(), user.user, 1
            )
        plan = json.loads(found)[0]["Plan"]
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 100

    assert [row[0] for row in await line.db.fetch("select last from queue_turns order by 1")] == [
        1,
        20001,
    ]
