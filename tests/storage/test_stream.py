"""Following the log live: all of it, in order, whatever reader comes and goes."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from itertools import groupby
from typing import Any, LiteralString

import asyncpg
import pytest

from pipeline.domain import GenerationId, GenerationStatus, Viewer
from pipeline.errors import StreamRefused
from pipeline.events import Event, GenerationDeleted, StatusChanged
from storage import bell, events, stream
from storage.bell import Doorbell
from storage.broadcasts import MemoryBackend, PostgresBackend
from storage.generations import Generations
from storage.stream import LiveStream
from tests.storage.broadcasting import HANG_UP
from tests.storage.streaming import DONE, PROGRESS, Start, append, begun, served, take


async def test_a_run_is_replayed_and_then_followed_to_its_end(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    generation, other = await start(viewer), await start(viewer)
    async with served(pool) as (live, doorbell):
        source = aiter(live.follow(viewer, generation, None))
        first = await anext(source)
        assert (first.seq, first.workspace_seq) == (1, 1)
        await append(pool, doorbell, viewer, other, PROGRESS)
        await append(pool, doorbell, viewer, generation, PROGRESS, DONE)
        rest = [event async for event in source]
    assert [(event.seq, event.workspace_seq) for event in rest] == [(2, 4), (3, 5)]
    assert [event.change for event in rest] == [PROGRESS, DONE]


async def test_a_finished_run_is_replayed_from_any_cursor_and_ends(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    async with served(pool) as (live, doorbell):
        head = await append(pool, doorbell, viewer, generation, PROGRESS, DONE)
        for after in (None, 0, 1, 2, 3):
            seen = [event.seq async for event in live.follow(viewer, generation, after)]
            assert seen == list(range((after or 0) + 1, head + 1))


async def test_a_retry_continues_the_numbering(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    await generations.cancel(viewer, generation)
    cancelled = await generations.get(viewer, generation)
    assert cancelled is not None
    await generations.retry(viewer, generation, None, None)
    async with served(pool) as (live, doorbell):
        await append(pool, doorbell, viewer, generation, DONE)
        whole = [event async for event in live.follow(viewer, generation, None)]
        rest = [event async for event in live.follow(viewer, generation, cancelled.head)]
    assert [event.seq for event in whole] == list(range(1, len(whole) + 1))
    statuses = [event.change.status for event in whole if isinstance(event.change, StatusChanged)]
    assert statuses == ["PENDING", "CANCELLED", "PENDING", "COMPLETED"]
    assert rest == whole[cancelled.head :]


async def test_an_end_that_a_lagging_process_sees_is_not_believed(
    pool: asyncpg.Pool, bell: events.Bell, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    async with (
        served(pool) as (live, doorbell),
        aclosing(live.follow(viewer, None, 1)) as other,
    ):
        failed = StatusChanged(status=GenerationStatus.FAILED, attempt=1)
        await append(pool, doorbell, viewer, generation, failed)
        await anext(other)
        pending = StatusChanged(status=GenerationStatus.PENDING, attempt=2)
        await append(pool, bell, viewer, generation, pending)
        source = aiter(live.follow(viewer, generation, 1))
        assert [event.seq for event in await take(source, 2)] == [2, 3]


async def test_a_deleted_run_is_replayed_to_its_deletion(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, stranger: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    await generations.cancel(viewer, generation)
    async with served(pool) as (live, _):
        await generations.delete(viewer, generation)
        seen = [event async for event in live.follow(viewer, generation, None)]
        assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
        assert seen[-1].change == GenerationDeleted()
        with pytest.raises(StreamRefused) as refused:
            await anext(live.follow(stranger, generation, None))
    assert refused.value.code == "NOT_FOUND"


async def test_a_workspace_is_followed_from_now_on_and_alone(
    pool: asyncpg.Pool, viewer: Viewer, stranger: Viewer, start: Start
) -> None:
    mine, foreign = await start(viewer), await start(stranger)
    async with served(pool) as (live, doorbell):
        assert await live.head(viewer) == 1
        source = aiter(live.follow(viewer, None, None))
        waiting = asyncio.ensure_future(anext(source))
        await begun(live, viewer)
        again = aiter(live.follow(viewer, None, 0))
        assert (await anext(again)).workspace_seq == 1
        await append(pool, doorbell, stranger, foreign, PROGRESS)
        await append(pool, doorbell, viewer, mine, DONE)
        event = await waiting
        assert (event.generation_id, event.workspace_seq, event.seq) == (mine, 2, 2)
        assert await anext(again) == event


@pytest.mark.parametrize(
    ("after", "code", "resume_at"),
    [
        (-1, "INVALID_CURSOR", None),
        (7, "INVALID_CURSOR", None),
        (1, "CURSOR_EXPIRED", 2),
        (0, "CURSOR_EXPIRED", 2),
    ],
)
async def test_a_cursor_that_leads_nowhere_is_refused(
    *,
    pool: asyncpg.Pool,
    viewer: Viewer,
    start: Start,
    after: int,
    code: str,
    resume_at: int | None,
) -> None:
    generation = await start(viewer)
    async with served(pool) as (live, doorbell):
        await append(pool, doorbell, viewer, generation, *[PROGRESS] * 4, DONE)
        await pool.execute("delete from generation_events where workspace_seq <= 2")
        for followed in (None, generation):
            with pytest.raises(StreamRefused) as refused:
                await anext(live.follow(viewer, followed, after))
            assert (refused.value.code, refused.value.resume_at) == (code, resume_at)
        kept = [event.seq async for event in live.follow(viewer, generation, 2)]
        assert kept == [3, 4, 5, 6]
        with pytest.raises(StreamRefused) as refused:
            await anext(live.follow(viewer, generation, None))
        assert refused.value.code == "CURSOR_EXPIRED"


async def test_seats_are_bounded_and_come_free_at_once(
    pool: asyncpg.Pool, viewer: Viewer, stranger: Viewer
) -> None:
    async with served(pool, seats=2) as (live, _):
        waiting = [asyncio.ensure_future(anext(live.follow(viewer, None, None))) for _ in "ab"]
        await asyncio.sleep(0)
        with pytest.raises(StreamRefused) as refused:
            await anext(live.follow(viewer, None, None))
        assert refused.value.code == "TOO_MANY_SUBSCRIPTIONS"
        other = asyncio.ensure_future(anext(live.follow(stranger, None, None)))
        for future in (*waiting, other):
            future.cancel()
        await asyncio.wait([*waiting, other])
        assert not live.reader.tails
        assert not live.seats.taken
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(live.follow(viewer, None, None)), 0.2)


async def test_who_is_slow_reads_on_from_the_log(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    async with served(pool) as (live, doorbell):
        sources = [aiter(live.follow(viewer, followed, 0)) for followed in (None, generation)]
        seen = [await take(source, 1) for source in sources]
        for _ in range(7):
            await append(pool, doorbell, viewer, generation, *[PROGRESS] * 100)
        await append(pool, doorbell, viewer, generation, DONE)
        rest = [await take(source, 701) for source in sources]
    assert [event.workspace_seq for event in seen[0] + rest[0]] == list(range(1, 703))
    assert rest[0] == rest[1]


class Counting:
    """A database that counts how often it is read."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.reads = 0

    async def fetch(self, query: LiteralString, /, *args: object) -> list[asyncpg.Record]:
        self.reads += 1
        return await self.pool.fetch(query, *args)

    async def fetchrow(self, query: LiteralString, /, *args: object) -> asyncpg.Record | None:
        return await self.pool.fetchrow(query, *args)

    async def fetchval(self, query: LiteralString, /, *args: object) -> Any:
        return await self.pool.fetchval(query, *args)

    async def execute(self, query: LiteralString, /, *args: object) -> str:
        return await self.pool.execute(query, *args)

    async def executemany(
        self, command: LiteralString, /, args: Iterable[Sequence[object]]
    ) -> None:
        await self.pool.executemany(command, args)


async def test_who_follows_live_shares_one_read(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    counting = Counting(pool)
    async with (
        bell.opened(MemoryBackend()) as doorbell,
        stream.opened(counting, doorbell, poll=60) as live,
    ):
        sources = [aiter(live.follow(viewer, None, 0)) for _ in range(50)]
        await asyncio.gather(*(anext(source) for source in sources))
        before = counting.reads
        for _ in range(10):
            await append(pool, doorbell, viewer, generation, PROGRESS)
            await asyncio.gather(*(anext(source) for source in sources))
        assert counting.reads - before <= 20


class Writing:
    """Writers that append to their run at the same time, with rings."""

    def __init__(self, pool: asyncpg.Pool, viewer: Viewer, runs: list[GenerationId]) -> None:
        self.pool = pool
        self.viewer = viewer
        self.runs = runs

    async def write(self, doorbell: Doorbell, dice: random.Random) -> None:
        sizes = {run: [dice.randint(1, 3) for _ in range(25)] for run in self.runs}
        async with asyncio.TaskGroup() as group:
            for run, counts in sizes.items():
                group.create_task(self._write(doorbell, run, counts))

    async def _write(self, doorbell: Doorbell, run: GenerationId, counts: list[int]) -> None:
        for count in counts:
            await append(self.pool, doorbell, self.viewer, run, *[PROGRESS] * count)
        await append(self.pool, doorbell, self.viewer, run, DONE)


async def stop_and_go(
    live: LiveStream,
    viewer: Viewer,
    run: GenerationId | None,
    dice: random.Random,
    runs: int,
) -> list[Event]:
    """Follow to the end of all runs, or of one, leaving at random and coming back by cursor."""
    seen: list[Event] = []
    ended = 0
    while ended < runs:
        patience = dice.randint(1, 30)
        after = seen[-1].workspace_seq if seen else 0
        async with aclosing(live.follow(viewer, run, after)) as source:
            async for event in source:
                seen.append(event)
                ended += event.change == DONE
                patience -= 1
                if not patience or ended == runs:
                    break
                if dice.random() < 0.02:
                    await asyncio.sleep(0.02)
    return seen


@pytest.mark.parametrize("broadcast", ["memory", "postgres", "postgres, hanging up"])
async def test_nothing_is_lost_repeated_or_out_of_order(
    pool: asyncpg.Pool, database_url: str, viewer: Viewer, start: Start, broadcast: str
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it when the test fails
    runs = [await start(viewer) for _ in range(4)]
    backend = MemoryBackend() if broadcast == "memory" else PostgresBackend(database_url, pool)
    hang_ups = 0
    async with served(pool, backend) as (live, doorbell), asyncio.TaskGroup() as group:
        followed = [None] * 12 + runs * 2
        followers = [
            group.create_task(
                stop_and_go(live, viewer, run, random.Random(seed + index), 1 if run else len(runs))
            )
            for index, run in enumerate(followed)
        ]
        writing = Writing(pool, viewer, runs).write(doorbell, random.Random(seed))
        writers = group.create_task(writing)
        while broadcast == "postgres, hanging up" and not writers.done():
            hang_ups += await pool.fetchval(HANG_UP)
            await asyncio.sleep(0.2)
    log = followers[0].result()
    assert [event.workspace_seq for event in log] == list(range(1, len(log) + 1))
    per_run = {
        run: list(group)
        for run, group in groupby(
            sorted(log, key=lambda event: (event.generation_id, event.seq)),
            key=lambda event: event.generation_id,
        )
    }
    for run, follower in zip(followed, followers, strict=True):
        assert follower.result() == (log if run is None else per_run[run])
    for run in runs:
        assert [event.seq for event in per_run[run]] == list(range(1, len(per_run[run]) + 1))
    assert len(log) == await pool.fetchval("select count(*) from generation_events")
    assert hang_ups > 0 or "hanging" not in broadcast
