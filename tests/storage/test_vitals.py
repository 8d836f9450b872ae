"""What the health of a server rests on."""

from uuid import UUID

import asyncpg
import pytest

from storage.accounts import LOCAL, ensure_local_viewer
from storage.vitals import Backlog, Vitals
from storage.workers import announce, leave

WAITING = """
insert into generations (id, workspace_id, user_id, mode, settings, updated_at)
values (gen_random_uuid(), $1, $2, 'FROM_PROMPT', '{}', now() - interval '2 minutes')
"""


async def test_a_healthy_database_has_no_problem(pool: asyncpg.Pool, database_url: str) -> None:
    vitals = Vitals(database_url, pool)
    assert await vitals.database() is None
    assert await vitals.queue() is None


async def test_a_database_without_tables_is_named(empty_database_url: str) -> None:
    async with asyncpg.create_pool(empty_database_url, min_size=1) as pool:
        vitals = Vitals(empty_database_url, pool)
        assert (await vitals.database() or "").startswith("Migrations are missing: 0001")
        assert await vitals.queue() is None


@pytest.mark.parametrize("dsn", ["postgresql://127.0.0.1:1/none", "postgresql:///?host=/nowhere"])
async def test_an_unreachable_database_tells_no_details(pool: asyncpg.Pool, dsn: str) -> None:
    assert await Vitals(dsn, pool).database() == "PostgreSQL is out of reach."


async def test_work_that_nobody_takes_on_is_noticed(pool: asyncpg.Pool, database_url: str) -> None:
    vitals = Vitals(database_url, pool)
    await ensure_local_viewer(pool)
    await pool.execute(WAITING, LOCAL.workspace, LOCAL.user)
    assert await vitals.queue() == "1 generations wait, and no worker takes them on."
    await pool.execute("update generations set status = 'PROCESSING', leased_until = now() + '5 s'")
    assert await vitals.queue() is None
    await pool.execute("update generations set leased_until = null")
    assert await vitals.queue() == "1 generations wait, and no worker takes them on."


async def test_what_waits_and_who_works_is_counted(pool: asyncpg.Pool, database_url: str) -> None:
    vitals = Vitals(database_url, pool)
    assert await vitals.backlog() == Backlog(waiting=0, oldest=0.0, workers=0)
    await ensure_local_viewer(pool)
    await pool.execute(WAITING, LOCAL.workspace, LOCAL.user)
    await announce(pool, UUID(int=1), 4)
    await announce(pool, UUID(int=2), 4)
    await leave(pool, UUID(int=2))
    found = await vitals.backlog()
    assert found is not None
    assert (found.waiting, found.workers) == (1, 1)
    assert 120 <= found.oldest < 180
    await pool.execute("update generations set status = 'PROCESSING'")
    await pool.execute("update workers set seen_at = now() - interval '1 minute'")
    assert await vitals.backlog() == Backlog(waiting=0, oldest=0.0, workers=0)


async def test_without_tables_nothing_is_counted(empty_database_url: str) -> None:
    async with asyncpg.create_pool(empty_database_url, min_size=1) as pool:
        assert await Vitals(empty_database_url, pool).backlog() is None
