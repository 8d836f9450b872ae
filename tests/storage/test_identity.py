from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import pytest

from pipeline.domain import GenerationId, Viewer
from storage.claims import Claims
from storage.database import open_pool
from storage.events import Bell
from storage.identity import DatabaseRestored, is_known, note_anew, require_known
from storage.vitals import Vitals
from tests.conftest import Server

PARTS = "select parts from database_identity"


async def noted(db: asyncpg.Pool) -> dict[str, object]:
    found: dict[str, object] = await db.fetchval(PARTS)
    return found


async def test_a_database_is_known_from_its_first_start(pool: asyncpg.Pool) -> None:
    assert await is_known(pool)
    await require_known(pool)
    await require_known(pool)

    assert set(await noted(pool)) == {"cluster", "timeline", "database", "table"}
    assert await is_known(pool)


async def test_a_copy_is_another_database(postgres: Server, database_url: str) -> None:
    async with open_pool(database_url) as pool:
        await require_known(pool)
    name = await postgres.create(urlsplit(database_url).path[1:])
    try:
        async with open_pool(postgres.address(name)) as copy:
            with pytest.raises(DatabaseRestored, match="designer-bff restored"):
                await require_known(copy)
            said = await Vitals(postgres.address(name), copy).database()
            assert said is not None
            assert "designer-bff restored" in said

            await note_anew(copy, whatever_timeline=False)
            await require_known(copy)
            assert await Vitals(postgres.address(name), copy).database() is None
    finally:
        await postgres.drop(name)


@pytest.mark.parametrize("part", ["cluster", "timeline", "table"])
async def test_each_part_tells(pool: asyncpg.Pool, part: str) -> None:
    """As after a dump that is loaded elsewhere, a recovery, and a dump that replaces tables."""
    await require_known(pool)
    await pool.execute(
        "update database_identity set parts = parts || jsonb_build_object($1::text, 'other')", part
    )
    assert not await is_known(pool)


async def test_no_worker_takes_on_or_keeps_a_run_of_another_database(
    pool: asyncpg.Pool,
    bell: Bell,
    viewer: Viewer,
    start: Callable[[Viewer], Awaitable[GenerationId]],
) -> None:
    """Also one that lived through the restore, and came back by itself."""
    claims = Claims(pool, bell, timedelta(seconds=10))
    await require_known(pool)
    run, other = await claims.take(await start(viewer)), await start(viewer)
    assert run is not None
    assert await claims.extend([(run, 60.0)])
    await pool.execute('update database_identity set parts = parts || \'{"cluster": "other"}\'')

    assert await claims.take(other) is None
    assert not await claims.extend([(run, 60.0)])


async def test_what_could_not_be_read_is_not_compared(pool: asyncpg.Pool) -> None:
    await require_known(pool)
    await pool.execute("update database_identity set parts = parts - 'cluster'")
    assert await is_known(pool)


async def test_promotions_that_lose_nothing_are_let_pass(pool: asyncpg.Pool) -> None:
    await note_anew(pool, whatever_timeline=True)
    assert "timeline" not in await noted(pool)
    assert await is_known(pool)


async def test_a_plain_role_sees_the_same(pool: asyncpg.Pool) -> None:
    await require_known(pool)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("create role plain_of_a_test")
        await connection.execute("grant usage on schema public to plain_of_a_test")
        await connection.execute("grant select on database_identity to plain_of_a_test")
        await connection.execute("set local role plain_of_a_test")
        parts = await connection.fetchval("select database_parts()")
        assert set(parts) == {"cluster", "timeline", "database", "table"}
        assert await connection.fetchval("select database_is_known()")
        await connection.execute("reset role")
        await connection.execute("drop owned by plain_of_a_test")
        await connection.execute("drop role plain_of_a_test")
