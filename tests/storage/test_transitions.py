import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from pipeline.domain import (
    Facts,
    Failure,
    GenerationId,
    GenerationStatus,
    Run,
    StageName,
    StageStatus,
    Viewer,
)
from pipeline.errors import ClaimLost
from pipeline.events import StageChanged, StageProgress, StatusChanged
from storage.claims import Claims
from storage.codec import encode
from storage.events import Bell
from storage.stages import stage_of
from storage.sweeping import hand_over
from storage.transitions import Ending, Over, begin, end, note

STAGE = StageName.ROUTING
DONE = Ending(StageStatus.COMPLETED, "It was done", {"made": [1, 2.5, None]})
NO_PAPER = Failure(code="NO_PAPER", message="Häh? \u2603", stage=STAGE)
FAILED = Ending(StageStatus.FAILED, "No", failure=NO_PAPER)
SKIPPED = Ending(StageStatus.SKIPPED, "Not asked for", facts=Facts(warnings=("a",)))
WAITS = """
select count(*) from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock'
"""
JOB = """
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
select 0, 'generation', convert_to($1, 'UTF8'), $1 || ':1', 'picked'
on conflict (dedupe_key)
  where status in ('queued', 'picked') and dedupe_key is not null
do update set status = 'picked'
"""
TOLD = "select payload from generation_events order by seq desc limit 1"
FACTS = "select pipeline_data from generations"
NUMBERS = "select seq, workspace_seq from generation_events order by seq"


@pytest.fixture
async def run(
    pool: asyncpg.Pool,
    bell: Bell,
    viewer: Viewer,
    start: Callable[[Viewer], Awaitable[GenerationId]],
) -> Run:
    taken = await Claims(pool, bell, timedelta(seconds=60)).take(await start(viewer))
    assert taken is not None
    return taken


async def test_a_claim_is_told_like_any_change(pool: asyncpg.Pool, run: Run) -> None:
    processing = StatusChanged(status=GenerationStatus.PROCESSING, attempt=run.attempt)
    assert await pool.fetchval(TOLD) == encode(processing)


async def test_a_claim_holds_no_job_while_it_waits_for_the_run(
    pool: asyncpg.Pool, bell: Bell, run: Run
) -> None:
    await pool.execute("update generations set leased_until = now() - interval '1 s'")
    job = await pool.fetchval("select id from pgqueuer")
    taken = await taken_while_handed_over(pool, bell, run, job)
    assert taken is not None
    assert taken.claim == run.claim + 2
    assert await pool.fetchval("select count(*) from pgqueuer") == 0


async def test_a_claim_that_came_before_the_handing_over_takes_the_run_all_the_same(
    pool: asyncpg.Pool, bell: Bell, run: Run
) -> None:
    await pool.execute(JOB, str(run.id))
    job = await pool.fetchval("select id from pgqueuer where status = 'picked'")
    taken = await taken_while_handed_over(pool, bell, run, job)
    assert taken is not None
    assert await pool.fetchval("select count(*) from pgqueuer where id = $1", job) == 0


@pytest.mark.parametrize("ending", [DONE, FAILED, SKIPPED])
async def test_what_is_told_is_the_stage_as_it_is(
    pool: asyncpg.Pool, run: Run, ending: Ending
) -> None:
    async def shown() -> object:
        row = await connection.fetchrow("select * from generation_stages where name = $1", STAGE)
        assert row is not None
        return encode(StageChanged(stage_of(row)))

    async with pool.acquire() as connection:
        await connection.execute("set timezone = 'Asia/Tokyo'")
        await begin(connection, run, STAGE)
        assert await connection.fetchval(TOLD) == await shown()
        await end(connection, run, STAGE, ending)
        assert await connection.fetchval(TOLD) == await shown()


async def test_what_ends_while_it_is_waited_for_is_not_begun_again(
    pool: asyncpg.Pool, run: Run
) -> None:
    await begin(pool, run, STAGE)
    async with pool.acquire() as connection:
        async with connection.transaction():
            await end(connection, run, STAGE, DONE)
            again = asyncio.create_task(begin(pool, run, STAGE))
            async with asyncio.timeout(10):
                while not await pool.fetchval(WAITS):
                    await asyncio.sleep(0.01)
        assert await again == Over(StageStatus.COMPLETED, DONE.summary, DONE.output)
    assert await numbers(pool) == [(number, number) for number in range(1, 5)]


async def test_a_note_whose_answer_was_lost_is_told_once(pool: asyncpg.Pool, run: Run) -> None:
    progress = StageProgress(StageName.GENERATION, None, "sketch is asked instead", 0)

    assert await note(pool, run, "replicate failed", progress) == 3
    assert await note(pool, run, "replicate failed", progress) is None
    assert await note(pool, run, "replicate failed", replace(progress, slot=1)) == 4


async def test_an_end_is_told_once(pool: asyncpg.Pool, run: Run) -> None:
    await begin(pool, run, STAGE)

    assert await end(pool, run, STAGE, DONE) == 4
    assert await end(pool, run, STAGE, DONE) is None
    assert await numbers(pool) == [(number, number) for number in range(1, 5)]


async def test_who_lost_the_claim_while_waiting_writes_nothing(
    pool: asyncpg.Pool, run: Run
) -> None:
    await begin(pool, run, STAGE)
    before, facts = await numbers(pool), await pool.fetchval(FACTS)
    progress = StageProgress(STAGE, None, "on it goes")
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute("update generations set claim = claim + 1")
            late: list[asyncio.Task[object]] = [
                asyncio.create_task(begin(pool, run, StageName.DELIVERY)),
                asyncio.create_task(end(pool, run, STAGE, SKIPPED)),
                asyncio.create_task(note(pool, run, "a warning", progress)),
            ]
            async with asyncio.timeout(10):
                while await pool.fetchval(WAITS) < len(late):
                    await asyncio.sleep(0.01)
        outcomes = await asyncio.gather(*late, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ClaimLost] * len(late)
    assert await numbers(pool) == before
    assert await pool.fetchval(FACTS) == facts


async def taken_while_handed_over(pool: asyncpg.Pool, bell: Bell, run: Run, job: int) -> Run | None:
    """Claim the run while who hands it over holds its row."""
    claims = Claims(pool, bell, timedelta(seconds=60))
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute("select from generations for update")
            taking = asyncio.create_task(claims.take(run.id, job))
            async with asyncio.timeout(10):
                while not await pool.fetchval(WAITS):
                    await asyncio.sleep(0.01)
            await hand_over(connection, run.id, run.claim)
        return await taking


async def numbers(pool: asyncpg.Pool) -> list[tuple[int, int]]:
    return [(row["seq"], row["workspace_seq"]) for row in await pool.fetch(NUMBERS)]
