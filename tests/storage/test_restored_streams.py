"""After a restore: cursors of what is undone lead to no other events, and nobody waits in vain."""

from contextlib import aclosing

import asyncpg
import pytest

from pipeline.domain import GenerationId, Viewer
from pipeline.errors import StreamRefused
from pipeline.events import StatusChanged
from storage.restoring import Plan, carry_out, plan
from storage.stream import LiveStream
from tests.shut import SilentBell
from tests.storage.streaming import DONE, PROGRESS, Start, append, served, take

ROLL_BACK = (
    "delete from generation_events where workspace_seq > 2",
    "update generations set last_seq = 2",
    "update event_heads set seq = 2",
)


async def put_back(pool: asyncpg.Pool) -> None:
    """Undo what came after the second event of the one run."""
    for statement in ROLL_BACK:
        await pool.execute(statement)


async def refused(
    live: LiveStream, viewer: Viewer, generation: GenerationId | None, after: int
) -> StreamRefused:
    with pytest.raises(StreamRefused) as refusal:
        await anext(live.follow(viewer, generation, after))
    return refusal.value


async def test_cursors_of_what_is_undone_are_refused_and_say_where_to_go_on(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    await append(pool, SilentBell(), viewer, generation, *[PROGRESS] * 4)
    await put_back(pool)
    await carry_out(pool, await plan(pool, paying=True), whatever_timeline=False)

    async with served(pool) as (live, doorbell):
        again = await start(viewer)
        head = await append(pool, doorbell, viewer, again, PROGRESS, DONE)
        places = set[int | None]()
        for followed in (None, generation):
            for after in (3, 5):
                refusal = await refused(live, viewer, followed, after)
                assert refusal.code == "CURSOR_EXPIRED"
                places.add(refusal.resume_at)
        (place,) = places
        assert place is not None

        async with aclosing(live.follow(viewer, None, place)) as since:
            ended, *others = await take(since, 4)
        assert isinstance(ended.change, StatusChanged)
        assert (ended.generation_id, ended.change.status) == (generation, "FAILED")
        assert {event.generation_id for event in others} == {again}
        assert others[-1].workspace_seq == head

        whole = [event async for event in live.follow(viewer, generation, None)]
        assert [event.seq for event in whole] == [1, 2, 3]
        refusal = await refused(live, viewer, generation, head + 1)
        assert refusal.code == "INVALID_CURSOR"


async def test_cursors_of_what_was_kept_stay_good_but_for_the_last(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    await append(pool, SilentBell(), viewer, generation, PROGRESS)
    await carry_out(pool, await plan(pool, paying=True), whatever_timeline=False)

    async with served(pool) as (live, _):
        async with aclosing(live.follow(viewer, None, 1)) as since:
            assert [event.seq for event in await take(since, 2)] == [2, 3]
        assert [event.seq async for event in live.follow(viewer, generation, 1)] == [2, 3]
        for followed in (None, generation):
            refusal = await refused(live, viewer, followed, 2)
            assert refusal.code == "CURSOR_EXPIRED"
            async with aclosing(live.follow(viewer, followed, refusal.resume_at)) as rest:
                assert (await anext(rest)).seq == 3


async def test_a_second_restore_gives_numbers_of_its_own(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    await append(pool, SilentBell(), viewer, generation, PROGRESS)
    held = list[int]()
    for _ in range(2):
        await put_back(pool)
        await carry_out(pool, Plan(ending=(), going_on=()), whatever_timeline=False)
        held.append(await append(pool, SilentBell(), viewer, generation, *[PROGRESS] * 3))

    async with served(pool) as (live, _):
        refusal = await refused(live, viewer, generation, held[0])
    assert (refusal.code, refusal.resume_at) == ("CURSOR_EXPIRED", held[1] - 3)


async def test_who_follows_through_a_restore_is_sent_on(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    """A server that was not ended: what it knows of the log holds no more."""
    generation = await start(viewer)
    async with served(pool) as (live, doorbell):
        head = await append(pool, doorbell, viewer, generation, *[PROGRESS] * 4)
        sources = [live.follow(viewer, followed, head - 1) for followed in (None, generation)]
        for source in sources:
            assert (await anext(source)).workspace_seq == head
        await put_back(pool)
        await carry_out(pool, Plan(ending=(), going_on=()), whatever_timeline=False)
        await append(pool, doorbell, viewer, generation, PROGRESS)
        for source in sources:
            with pytest.raises(StreamRefused) as refusal:
                await anext(source)
            assert refusal.value.code == "SERVER_CLOSING"
        assert (await refused(live, viewer, None, head)).code == "CURSOR_EXPIRED"
