from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg

from pipeline.domain import GenerationId, Viewer
from pipeline.repositories import QueuePlace
from storage import workers
from storage.generations import Generations

Start = Callable[[Viewer], Awaitable[GenerationId]]

TOOK_TEN_SECONDS = """
with ended as (
  update generations set status = 'COMPLETED', completed_at = now() where id = any($1) returning id)
update generation_stages s set started_at = now() - interval '10 seconds'
  from ended where s.generation_id = ended.id and s.name = 'ROUTING'
"""
BEGAN_FOUR_SECONDS_AGO = """
with begun as (
  update generations set status = 'PROCESSING', leased_until = now() + interval '1 minute'
   where id = $1 returning id)
update generation_stages s set started_at = now() - interval '4 seconds'
  from begun where s.generation_id = begun.id and s.name = 'ROUTING'
"""
NO_JOB = "delete from pgqueuer where split_part(dedupe_key, ':', 1) = any($1::text[])"


def seconds(place: QueuePlace) -> float:
    assert place.expected_start_at is not None
    return (place.expected_start_at - datetime.now(UTC)).total_seconds()


async def ended(pool: asyncpg.Pool, runs: list[GenerationId]) -> None:
    await pool.execute(TOOK_TEN_SECONDS, runs)
    await pool.execute(NO_JOB, list(map(str, runs)))


async def test_a_place_is_how_many_start_before(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, stranger: Viewer, start: Start
) -> None:
    first, second, third = [await start(viewer) for _ in range(3)]
    other = await start(stranger)
    asked = [first, second, third, other]
    places = await generations.queue_places(viewer, asked)
    assert {run: place.position for run, place in places.items()} == {first: 0, second: 2, third: 3}
    assert places[second].expected_start_at is None

    await pool.execute(
        "update pgqueuer set status = 'picked' where dedupe_key like $1", f"{first}%"
    )
    places = await generations.queue_places(viewer, asked)
    assert {run: place.position for run, place in places.items()} == {second: 1, third: 2}
    assert await generations.queue_places(viewer, []) == {}


async def test_a_start_is_expected_by_the_slots_that_there_are_and_what_runs_took(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, start: Start
) -> None:
    await ended(pool, [await start(viewer) for _ in range(6)])
    begun = await start(viewer)
    await pool.execute(BEGAN_FOUR_SECONDS_AGO, begun)
    await pool.execute(NO_JOB, [str(begun)])
    waiting = [await start(viewer) for _ in range(4)]

    await workers.announce(pool, one := uuid4(), 1)
    places = await generations.queue_places(viewer, waiting)
    assert [round(seconds(places[run])) for run in waiting] == [6, 16, 26, 36]

    await workers.announce(pool, uuid4(), 1)
    places = await generations.queue_places(viewer, waiting)
    assert [round(seconds(places[run])) for run in waiting] == [0, 6, 10, 16]

    await workers.leave(pool, one)
    await pool.execute("update workers set seen_at = now() - interval '1 minute'")
    places = await generations.queue_places(viewer, waiting)
    assert [places[run].expected_start_at for run in waiting] == [None] * 4


async def test_a_worker_that_speaks_again_is_counted_once(pool: asyncpg.Pool) -> None:
    worker = uuid4()
    for slots in (4, 8):
        await workers.announce(pool, worker, slots)
    assert await workers.slots(pool) == 8


async def test_who_submits_much_is_reckoned_with(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, stranger: Viewer, start: Start
) -> None:
    await ended(pool, [await start(viewer) for _ in range(6)])
    await workers.announce(pool, uuid4(), 1)
    runs = [await start(viewer) for _ in range(10)]
    alone = seconds((await generations.queue_places(viewer, runs))[runs[-1]])
    assert round(alone) == 90

    for _ in range(30):
        await generations.cancel(stranger, await start(stranger))
    beside = await generations.queue_places(viewer, runs)
    assert beside[runs[-1]].position == 9
    assert round(seconds(beside[runs[0]])) == 0
    assert alone * 1.5 < seconds(beside[runs[-1]]) < alone * 2 + 1

    await pool.execute("update queue_turns set submitted_at = now() - interval '21 minutes'")
    later = await generations.queue_places(viewer, runs)
    assert round(seconds(later[runs[-1]])) == 90


CROWD = """
with many as (
  insert into generations (id, workspace_id, user_id, mode, settings)
    select gen_random_uuid(), $1, $2, 'FROM_PROMPT', '{}' from generate_series(1, 5000)
  returning id)
insert into pgqueuer (priority, entrypoint, dedupe_key, status)
  select -row_number() over () - 1, 'generation', id || ':1', 'queued' from many
"""


async def test_far_behind_in_the_queue_the_average_tells(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer, stranger: Viewer, start: Start
) -> None:
    await ended(pool, [await start(viewer) for _ in range(6)])
    await pool.execute(CROWD, stranger.workspace, stranger.user)
    await pool.execute("update queue_turns set last = 9000 where user_id = $1", viewer.user)
    await workers.announce(pool, uuid4(), 5)
    last = await start(viewer)

    place = (await generations.queue_places(viewer, [last]))[last]
    assert place.position == 5000
    assert timedelta(seconds=seconds(place)) > timedelta(seconds=9_000)
    assert timedelta(seconds=seconds(place)) < timedelta(seconds=10_050)
