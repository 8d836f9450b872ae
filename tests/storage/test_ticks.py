import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest

from pipeline.domain import GenerationId, Run, StageName, Viewer, WorkspaceId
from pipeline.events import StageProgress
from pipeline.ports import Report
from pipeline.results import Delivery
from pipeline.waits import waits
from storage.claims import Claims
from storage.generations import Generations
from storage.journal import RunJournal
from storage.tasks import running
from storage.ticks import Ticks

Start = Callable[[Viewer], Awaitable[GenerationId]]
Taken = Callable[[Viewer], Awaitable[tuple[Run, RunJournal]]]

STAGE = StageName.GENERATION
LOG = """
select generation_id, seq, workspace_seq, kind, payload from generation_events
 where workspace_id = $1 order by workspace_seq
"""


class Rung:
    def __init__(self) -> None:
        self.heads: dict[WorkspaceId, int] = {}

    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        self.heads[workspace] = workspace_seq


@pytest.fixture
def rung() -> Rung:
    return Rung()


@pytest.fixture
def ticks(pool: asyncpg.Pool, rung: Rung) -> Ticks:
    return Ticks(pool, rung, interval=0.01)


@pytest.fixture
def claims(pool: asyncpg.Pool, generations: Generations) -> Claims:
    return Claims(pool, generations.bell, timedelta(seconds=60))


@pytest.fixture
def taken(pool: asyncpg.Pool, claims: Claims, ticks: Ticks, start: Start) -> Taken:
    """Give a function that submits a run and takes it on."""

    async def take(viewer: Viewer) -> tuple[Run, RunJournal]:
        run = await claims.take(await start(viewer))
        assert run is not None
        return run, RunJournal(pool, claims.bell, run, str, str, tell=ticks.note)

    return take


async def log(pool: asyncpg.Pool, viewer: Viewer) -> list[asyncpg.Record]:
    return await pool.fetch(LOG, viewer.workspace)


async def told(pool: asyncpg.Pool, viewer: Viewer) -> list[float]:
    rows = await log(pool, viewer)
    return [row["payload"]["fraction"] for row in rows if row["kind"] == "StageProgress"]


async def test_the_latest_of_each_stage_is_told_and_numbered_like_everything(
    *,
    pool: asyncpg.Pool,
    ticks: Ticks,
    rung: Rung,
    taken: Taken,
    viewer: Viewer,
    stranger: Viewer,
) -> None:
    async def chatty(report: Report) -> Delivery:
        for step in range(20):
            await report(step / 20, None)
        await ticks.tell()
        return Delivery(1, 1, "done")

    async def beside(stage: StageName, journal: RunJournal) -> None:
        await journal.step(stage, Delivery, chatty)

    both = [await taken(viewer), await taken(viewer), await taken(stranger)]
    await asyncio.gather(*(beside(STAGE, journal) for _, journal in both))

    assert set(await told(pool, viewer)) == {0.95}
    assert await told(pool, stranger) == [0.95]
    rows = await log(pool, viewer)
    assert [row["workspace_seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert rung.heads.keys() == {viewer.workspace, stranger.workspace}
    assert rows[rung.heads[viewer.workspace] - 1]["kind"] == "StageProgress"


async def test_what_a_stage_waits_for_is_told(
    pool: asyncpg.Pool, ticks: Ticks, taken: Taken, viewer: Viewer
) -> None:
    _, journal = await taken(viewer)

    async def waiting(_report: Report) -> Delivery:
        waits("replicate", 12.0)
        await ticks.tell()
        return Delivery(1, 1, "done")

    await journal.step(STAGE, Delivery, waiting)
    (told,) = [row["payload"] for row in await log(pool, viewer) if "message" in row["payload"]]
    assert told["message"] == "Waiting for a place at Replicate, about 12 s"


async def test_stages_that_run_side_by_side_are_told_together(
    pool: asyncpg.Pool, ticks: Ticks, taken: Taken, viewer: Viewer
) -> None:
    _, journal = await taken(viewer)
    begun, may = [asyncio.Event(), asyncio.Event()], asyncio.Event()

    async def reporting(report: Report) -> Delivery:
        await report(0.5, "halfway")
        next(event for event in begun if not event.is_set()).set()
        await may.wait()
        return Delivery(1, 1, "done")

    async with asyncio.TaskGroup() as group:
        for stage in (StageName.PERSONA, StageName.ROUTING):
            group.create_task(journal.step(stage, Delivery, reporting))
        await asyncio.gather(*(event.wait() for event in begun))
        await ticks.tell()
        may.set()

    assert await told(pool, viewer) == [0.5, 0.5]
    assert [row["seq"] for row in await log(pool, viewer)] == list(range(1, 9))


async def test_what_is_over_is_told_no_more(
    *,
    pool: asyncpg.Pool,
    ticks: Ticks,
    generations: Generations,
    claims: Claims,
    taken: Taken,
    viewer: Viewer,
) -> None:
    async def reporting(report: Report) -> Delivery:
        await report(0.5, None)
        return Delivery(1, 1, "done")

    async def cancelled(report: Report) -> Delivery:
        await report(0.5, None)
        await generations.cancel(viewer, lost.id)
        await ticks.tell()
        return Delivery(1, 1, "done")

    async def taken_over(report: Report) -> Delivery:
        await report(0.5, None)
        await pool.execute("update generations set leased_until = null")
        assert await claims.take(stale.id) is not None
        await ticks.tell()
        return Delivery(1, 1, "done")

    run, journal = await taken(viewer)
    await journal.step(STAGE, Delivery, reporting)
    await ticks.tell()
    await claims.finish(run, None)
    ticks.note(run, StageProgress(STAGE, 1.0, None))
    await ticks.tell()
    lost, losing = await taken(viewer)
    with pytest.raises(Exception, match=str(lost.id)):
        await losing.step(STAGE, Delivery, cancelled)
    stale, zombie = await taken(viewer)
    with pytest.raises(Exception, match=str(stale.id)):
        await zombie.step(STAGE, Delivery, taken_over)

    assert await told(pool, viewer) == []


async def test_the_first_is_told_at_once_and_what_can_not_be_told_holds_nothing_up(
    pool: asyncpg.Pool,
    ticks: Ticks,
    taken: Taken,
    viewer: Viewer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    _, journal = await taken(viewer)

    async def work(report: Report) -> Delivery:
        await pool.execute("alter table generation_events rename to away")
        await report(0.25, None)
        while "how far stages are" not in caplog.text:
            await asyncio.sleep(0.01)
        await pool.execute("alter table away rename to generation_events")
        await report(0.5, None)
        while await told(pool, viewer) != [0.5]:
            await asyncio.sleep(0.01)
        return Delivery(1, 1, "done")

    async with asyncio.timeout(10), running(ticks.keep_telling()):
        await journal.step(STAGE, Delivery, work)


async def test_a_run_that_is_being_changed_is_left_out_and_not_waited_for(
    pool: asyncpg.Pool, ticks: Ticks, taken: Taken, viewer: Viewer
) -> None:
    run, journal = await taken(viewer)
    other, beside = await taken(viewer)

    async def work(_report: Report) -> Delivery:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("select from generations where id = $1 for update", run.id)
            for one, fraction in ((run, 0.1), (other, 0.2)):
                ticks.note(one, StageProgress(STAGE, fraction, None))
            async with asyncio.timeout(5):
                await ticks.tell()
        return Delivery(1, 1, "done")

    async def around(_report: Report) -> Delivery:
        return await beside.step(STAGE, Delivery, work)

    await journal.step(STAGE, Delivery, around)
    assert await told(pool, viewer) == [0.2]


@pytest.mark.parametrize("seed", [1])
async def test_ticks_come_while_their_stage_runs_and_numbers_have_no_gaps(
    *, pool: asyncpg.Pool, ticks: Ticks, taken: Taken, viewer: Viewer, stranger: Viewer, seed: int
) -> None:
    chance = random.Random(seed)
    journals = [(await taken(who))[1] for who in (viewer, stranger) for _ in range(15)]

    async def reporting(report: Report) -> Delivery:
        for step in range(chance.randrange(1, 12)):
            await report(step / 12, None)
            await asyncio.sleep(chance.uniform(0, 0.01))
        return Delivery(1, 1, "done")

    async def through(journal: RunJournal) -> None:
        for stage in StageName:
            await journal.step(stage, Delivery, reporting)

    async def hurry() -> None:
        while True:
            await ticks.tell()
            await asyncio.sleep(0)

    async with running(hurry()), running(hurry()):
        await asyncio.gather(*map(through, journals))

    for who in (viewer, stranger):
        rows = await log(pool, who)
        assert [row["workspace_seq"] for row in rows] == list(range(1, len(rows) + 1))
        runs: dict[GenerationId, list[asyncpg.Record]] = {}
        for row in rows:
            runs.setdefault(row["generation_id"], []).append(row)
        for events in runs.values():
            assert [row["seq"] for row in events] == list(range(1, len(events) + 1))
            status: dict[str, str] = {}
            for row in events:
                match row["kind"]:
                    case "StageChanged":
                        stage = row["payload"]["stage"]
                        status[stage["name"]] = stage["status"]
                    case "StageProgress":
                        assert status[row["payload"]["name"]] == "RUNNING"
        assert len(await told(pool, who)) > 50
