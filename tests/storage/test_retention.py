from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta

import asyncpg
import pytest

from pipeline.domain import GenerationId, StageName, Viewer
from pipeline.errors import StreamRefused
from pipeline.ports import Report
from pipeline.results import Delivery
from storage import bell, stream
from storage.broadcasts import MemoryBackend
from storage.claims import Claims
from storage.generations import Generations
from storage.journal import RunJournal
from storage.retention import BATCH, Keep, prunable, prune
from storage.stream import LiveStream

Start = Callable[[Viewer], Awaitable[GenerationId]]

KEEP = Keep(
    events=timedelta(days=30),
    checkpoints=timedelta(days=90),
    jobs=timedelta(days=7),
    keys=timedelta(days=7),
)
AGE = """
with aged as (
  update generations set completed_at = completed_at - $2::interval where id = $1 returning id),
stages as (
  update generation_stages set finished_at = finished_at - $2::interval where generation_id = $1)
update generation_events set at = at - $2::interval where generation_id = $1
"""


@pytest.fixture
async def live(pool: asyncpg.Pool) -> AsyncGenerator[LiveStream]:
    async with bell.opened(MemoryBackend()) as doorbell, stream.opened(pool, doorbell) as opened:
        yield opened


async def age(pool: asyncpg.Pool, generation: GenerationId, days: int) -> None:
    await pool.execute(AGE, generation, timedelta(days=days))


async def kept(pool: asyncpg.Pool, viewer: Viewer) -> list[int]:
    rows = await pool.fetch(
        "select workspace_seq from generation_events where workspace_id = $1 order by 1",
        viewer.workspace,
    )
    return [row["workspace_seq"] for row in rows]


async def ended(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, start: Start, days: int
) -> GenerationId:
    generation = await start(viewer)
    await generations.cancel(viewer, generation)
    await age(pool, generation, days)
    return generation


async def refusal(
    live: LiveStream, viewer: Viewer, generation: GenerationId | None, after: int | None
) -> StreamRefused:
    with pytest.raises(StreamRefused) as refused:
        async with aclosing(live.follow(viewer, generation, after)) as events:
            await anext(events)
    return refused.value


async def test_the_log_goes_from_its_beginning_up_to_what_is_not_over_for_long(
    *,
    pool: asyncpg.Pool,
    generations: Generations,
    viewer: Viewer,
    stranger: Viewer,
    start: Start,
    live: LiveStream,
) -> None:
    old = await ended(pool, generations, viewer, start, 31)
    reached = len(await kept(pool, viewer))
    recent = await ended(pool, generations, viewer, start, 29)
    behind = await ended(pool, generations, viewer, start, 31)
    unfinished = await start(stranger)
    await age(pool, unfinished, 31)
    head = len(await kept(pool, viewer))

    assert (await prunable(pool, KEEP))["events"] == reached
    assert (await prune(pool, KEEP))["events"] == reached
    assert (await prune(pool, KEEP))["events"] == 0
    assert await kept(pool, viewer) == list(range(reached + 1, head + 1))
    assert await kept(pool, stranger) == [1]

    for generation, after in ((None, 0), (None, reached - 1), (old, None), (old, 1)):
        refused = await refusal(live, viewer, generation, after)
        assert (refused.code, refused.resume_at) == ("CURSOR_EXPIRED", reached)
    for over in (old, recent, behind):
        resumed = [event.generation_id async for event in live.follow(viewer, over, reached)]
        assert set(resumed) == ({over} if over != old else set())
    async with aclosing(live.follow(viewer, None, reached)) as events:
        assert (await anext(events)).workspace_seq == reached + 1


async def test_what_is_retried_after_its_events_have_gone_goes_on_with_its_numbers(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, start: Start, live: LiveStream
) -> None:
    old = await ended(pool, generations, viewer, start, 31)
    gone = (await prune(pool, KEEP))["events"]
    shown = await generations.get(viewer, old)
    assert shown is not None
    assert shown.head == gone
    await generations.retry(viewer, old, None, None)
    await generations.cancel(viewer, old)

    refused = await refusal(live, viewer, old, None)
    assert (refused.code, refused.resume_at) == ("CURSOR_EXPIRED", gone)
    resumed = [event.seq async for event in live.follow(viewer, old, shown.head)]
    assert resumed == list(range(gone + 1, gone + len(resumed) + 1))


async def test_events_of_what_was_deleted_go_by_their_own_age(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, start: Start
) -> None:
    deleted = await start(viewer)
    await generations.cancel(viewer, deleted)
    await generations.delete(viewer, deleted)
    assert (await prune(pool, KEEP))["events"] == 0
    await age(pool, deleted, 31)
    assert (await prune(pool, KEEP))["events"] > 0
    assert await kept(pool, viewer) == []


async def test_much_goes_in_batches(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, start: Start
) -> None:
    old = await ended(pool, generations, viewer, start, 31)
    await pool.execute(
        "insert into generation_events select workspace_id, workspace_seq + n, generation_id,"
        " seq + n, kind, payload, at from generation_events, generate_series(1, $2) n"
        " where generation_id = $1 and seq = 9",
        old,
        2 * BATCH,
    )
    number = len(await kept(pool, viewer))
    assert number > 2 * BATCH

    assert (await prunable(pool, KEEP))["events"] == number
    assert (await prune(pool, KEEP))["events"] == number


async def test_a_checkpoint_that_has_gone_is_made_anew_by_a_retry(
    *,
    pool: asyncpg.Pool,
    generations: Generations,
    viewer: Viewer,
    start: Start,
) -> None:
    claims = Claims(pool, generations.bell, timedelta(seconds=60))

    async def through(generation: GenerationId) -> None:
        run = await claims.take(generation)
        assert run is not None
        journal = RunJournal(pool, generations.bell, run, str, str)
        await journal.step(StageName.ENHANCEMENT, Delivery, work)
        await journal.skip(StageName.PERSONA, "Nobody fits")

    async def work(_report: Report) -> Delivery:
        done.append(1)
        return Delivery(1, 1, "done")

    done: list[int] = []
    old, recent, running = [await start(viewer) for _ in range(3)]
    for generation in (old, recent, running):
        await through(generation)
    for generation, days in ((old, 91), (recent, 89)):
        await generations.cancel(viewer, generation)
        await age(pool, generation, days)
    await age(pool, running, 91)

    assert (await prunable(pool, KEEP))["checkpoints"] == 1
    assert (await prune(pool, KEEP))["checkpoints"] == 1
    shown = {stage.name: stage for stage in (await generations.stages(viewer, [old]))[old]}
    enhancement = shown[StageName.ENHANCEMENT]
    assert (enhancement.status, enhancement.summary, enhancement.output) == (
        "COMPLETED",
        "done",
        None,
    )
    assert enhancement.finished_at is not None

    for generation, times in ((recent, 3), (old, 4)):
        await generations.retry(viewer, generation, None, None)
        await through(generation)
        assert len(done) == times
    assert shown[StageName.PERSONA].status == "SKIPPED"


OLD_AND_NEW = {
    "idempotency keys": (
        (
            "insert into idempotency_keys (user_id, mutation, key, request_hash, created_at)"
            " select gen_random_uuid(), 'generate', 'k', '', now() - $1::interval"
        ),
        timedelta(days=7),
    ),
    "job log": (
        (
            "insert into pgqueuer_log (job_id, status, priority, entrypoint, created)"
            " select 1, 'picked', 0, 'generation', now() - $1::interval"
        ),
        timedelta(days=7),
    ),
    "job statistics": (
        (
            "insert into pgqueuer_statistics (count, priority, status, entrypoint, created)"
            " select 1, 0, 'picked', 'generation', now() - $1::interval"
        ),
        timedelta(days=7),
    ),
    "webhooks": (
        (
            "insert into webhook_deliveries (provider, id, received_at)"
            " select 'replicate', gen_random_uuid()::text, now() - $1::interval"
        ),
        timedelta(hours=1),
    ),
    "workers": (
        (
            "insert into workers (id, slots, seen_at)"
            " select gen_random_uuid(), 1, now() - $1::interval"
        ),
        timedelta(hours=1),
    ),
}


@pytest.mark.parametrize("name", OLD_AND_NEW)
async def test_old_records_go_and_new_ones_stay(pool: asyncpg.Pool, name: str) -> None:
    insert, limit = OLD_AND_NEW[name]
    for old in (limit + timedelta(minutes=1), limit - timedelta(minutes=1)):
        await pool.execute(insert, old)

    assert {part: number for part, number in (await prunable(pool, KEEP)).items() if number} == {
        name: 1
    }
    assert (await prune(pool, KEEP))[name] == 1
    assert (await prunable(pool, KEEP))[name] == 0
