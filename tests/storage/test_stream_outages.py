"""Following where rings are lost, and where servers hang up."""

import asyncio
import contextlib

import asyncpg
import pytest

from pipeline.domain import Viewer
from pipeline.errors import StreamRefused
from storage import events
from storage.broadcasts import PostgresBackend
from tests.storage.streaming import PROGRESS, Start, append, begun, served

HANG_UP_ALL = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
 where pid <> pg_backend_pid() and datname = current_database()
"""


async def test_closing_ends_who_still_waits(pool: asyncpg.Pool, viewer: Viewer) -> None:
    async with served(pool) as (live, _):
        waiting = asyncio.ensure_future(anext(live.follow(viewer, None, None)))
        await begun(live, viewer)
    with pytest.raises(StreamRefused, match="closing"):
        await waiting


async def test_lost_rings_cost_no_more_than_the_poll(
    pool: asyncpg.Pool, bell: events.Bell, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    async with served(pool, poll=0.1) as (live, _):
        source = aiter(live.follow(viewer, generation, None))
        await anext(source)
        for _ in range(3):
            await append(pool, bell, viewer, generation, PROGRESS)
            assert (await anext(source)).change == PROGRESS


async def test_a_run_in_one_process_is_followed_in_another(
    pool: asyncpg.Pool, database_url: str, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    async with (
        served(pool, PostgresBackend(database_url, pool)) as (_, worker),
        served(pool, PostgresBackend(database_url, pool)) as (live, _),
    ):
        source = aiter(live.follow(viewer, generation, None))
        await anext(source)
        for _ in range(5):
            await append(pool, worker, viewer, generation, PROGRESS)
            assert (await anext(source)).change == PROGRESS


async def test_a_database_that_hangs_up_on_everybody_is_read_on(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    generation = await start(viewer)
    async with served(pool, poll=0.1) as (live, doorbell):
        source = aiter(live.follow(viewer, generation, None))
        await anext(source)
        for _ in range(3):
            waiting = asyncio.ensure_future(anext(source))
            with contextlib.suppress(asyncpg.PostgresError):
                await pool.execute(HANG_UP_ALL)
            await pool.expire_connections()
            await append(pool, doorbell, viewer, generation, PROGRESS)
            assert (await waiting).change == PROGRESS
