"""What time does to a queue: users who come back, runs that nobody held, rows that stay locked."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline.domain import Brief, GenerationId, GenerationMode, StageName, Viewer
from pipeline.events import StageProgress
from pipeline.repositories import Submission
from storage import verbs
from storage.claims import Claims
from storage.database import connected, open_pool
from storage.events import Bell
from storage.generations import Generations
from storage.identity import require_known
from storage.ticks import Ticks

BRIEF = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a silk gown")
LEASE = timedelta(seconds=2)


async def submitted(generations: Generations, viewer: Viewer) -> GenerationId:
    return (await generations.submit(viewer, Submission(brief=BRIEF))).id


@pytest.fixture
async def claims(pool: asyncpg.Pool, database_url: str, bell: Bell) -> AsyncGenerator[Claims]:
    async with open_pool(database_url, max_size=1) as lifeline:
        yield Claims(pool, bell, LEASE, lifeline=lifeline)


@pytest.mark.parametrize("away", [timedelta(hours=61), timedelta(hours=63), timedelta(days=400)])
async def test_who_was_away_for_long_submits_and_sees_a_place(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, away: timedelta
) -> None:
    await submitted(generations, viewer)
    await pool.execute("insert into workers (id, slots) values ($1, 4)", uuid4())
    await pool.execute("update queue_turns set submitted_at = submitted_at - $1::interval", away)
    await pool.execute("update queue_turns set since = since - $1::interval", away)
    second = await submitted(generations, viewer)
    places = await generations.queue_places(viewer, [second])
    assert places[second].position == 1
    assert places[second].expected_start_at is not None


async def test_a_run_s_time_stands_still_while_nobody_holds_it(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, claims: Claims
) -> None:
    waiting = await submitted(generations, viewer)
    run = await claims.take(waiting)
    assert run is not None
    await claims.extend([(run, 1790.0)])
    await claims.hand_over(run)
    await pool.execute(
        "update generations set deadline_at = deadline_at - interval '40 minutes',"
        " updated_at = updated_at - interval '40 minutes'"
    )
    again = await claims.take(waiting)
    assert again is not None
    assert again.seconds_left == pytest.approx(1790, abs=10)


@pytest.mark.parametrize("which", [0, 1])
async def test_a_locked_run_costs_no_other_its_lease(
    database_url: str, generations: Generations, viewer: Viewer, claims: Claims, which: int
) -> None:
    ids = sorted([await submitted(generations, viewer) for _ in range(2)])
    runs = [run for one in ids if (run := await claims.take(one))]
    async with connected(database_url) as holder, holder.transaction():
        await holder.fetchval("select 1 from generations where id = $1 for update", ids[which])
        async with asyncio.timeout(1):
            ours = await claims.extend([(run, 100.0) for run in runs])
    assert ours == {(run.id, run.claim) for run in runs}


async def test_a_locked_workspace_holds_up_no_other_s_runs(
    database_url: str, generations: Generations, viewer: Viewer, stranger: Viewer, claims: Claims
) -> None:
    pool, bell = generations.db, generations.bell
    ids = [await submitted(generations, one) for one in (viewer, stranger)]
    runs = [run for one in ids if (run := await claims.take(one))]
    await pool.execute("update generation_stages set status = 'RUNNING' where name = 'GENERATION'")
    ticks = Ticks(pool, bell)
    for run in runs:
        ticks.note(run, StageProgress(StageName.GENERATION, 0.5, "half"))
    async with connected(database_url) as holder, holder.transaction():
        await holder.fetchval(
            "select 1 from event_heads where workspace_id = $1 for update", viewer.workspace
        )
        async with asyncio.timeout(1):
            await ticks.tell()
            await verbs.cancel(pool, bell, stranger, ids[1])


async def test_cancelling_what_was_handed_over_moves_nobody_ahead(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, stranger: Viewer, claims: Claims
) -> None:
    begun, *mine = [await submitted(generations, viewer) for _ in range(4)]
    await submitted(generations, stranger)
    job = await pool.fetchval("select id from pgqueuer order by id limit 1")
    run = await claims.take(begun, job)
    assert run is not None
    await claims.hand_over(run)
    places = await generations.queue_places(viewer, mine)
    await generations.cancel(viewer, begun)
    after = await generations.queue_places(viewer, mine)
    assert [after[one].position for one in mine] == [places[one].position - 1 for one in mine]


async def test_a_database_that_went_back_loses_no_jobs(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, claims: Claims
) -> None:
    await submitted(generations, viewer)
    await require_known(pool)
    await pool.execute("""update database_identity set parts = parts || '{"cluster": "other"}'""")
    (job,) = await pool.fetch("select id, dedupe_key from pgqueuer")
    assert await claims.take(GenerationId(UUID(job["dedupe_key"][:36])), job["id"]) is None
    assert await pool.fetchval("select count(*) from pgqueuer") == 1
