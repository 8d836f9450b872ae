import asyncio
import re

import asyncpg
import pytest

from storage.database import connected
from storage.migrate import Migration, MigrationRefused, bundled, migrate, pending

TABLE = Migration("0001_table.sql", "CREATE TABLE things (id integer); SELECT pg_sleep(0.2)")
INDEX = Migration(
    "0002_index.sql",
    "-- no transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS things_id ON things (id)",
)
BOTH = (TABLE, INDEX)


async def applied(dsn: str) -> list[str]:
    async with connected(dsn) as connection:
        return [row["name"] for row in await connection.fetch("SELECT name FROM migrations")]


async def test_migrations_run_once_and_in_order(empty_database_url: str) -> None:
    assert await migrate(empty_database_url, BOTH) == [TABLE.name, INDEX.name]
    assert await migrate(empty_database_url, BOTH) == []
    assert await applied(empty_database_url) == [TABLE.name, INDEX.name]


async def test_pending_says_what_migrate_would_do(empty_database_url: str) -> None:
    async with connected(empty_database_url) as connection:
        assert await pending(connection, BOTH) == [TABLE.name, INDEX.name]
        await migrate(empty_database_url, [TABLE])
        assert await pending(connection, BOTH) == [INDEX.name]
        await migrate(empty_database_url, BOTH)
        assert await pending(connection, BOTH) == []


async def test_four_starters_at_once_share_the_work(empty_database_url: str) -> None:
    done = await asyncio.gather(*(migrate(empty_database_url, BOTH) for _ in range(4)))
    assert sorted(name for names in done for name in names) == [TABLE.name, INDEX.name]


async def test_an_edited_file_is_noticed(empty_database_url: str) -> None:
    await migrate(empty_database_url, [TABLE])
    edited = Migration(TABLE.name, "CREATE TABLE things (id bigint)")
    with pytest.raises(MigrationRefused, match=r"0001_table\.sql was edited"):
        await migrate(empty_database_url, [edited])


async def test_a_newer_database_is_left_alone(empty_database_url: str) -> None:
    await migrate(empty_database_url, BOTH)
    with pytest.raises(MigrationRefused, match=r"newer than this code \(0002_index\.sql"):
        await migrate(empty_database_url, [TABLE])


async def test_a_failing_migration_leaves_nothing(empty_database_url: str) -> None:
    failing = Migration("0002_bad.sql", "CREATE TABLE more (id integer); SELECT 1 / 0")
    with pytest.raises(MigrationRefused, match=r"0002_bad\.sql failed .*division by zero"):
        await migrate(empty_database_url, [TABLE, failing])
    assert await applied(empty_database_url) == [TABLE.name]
    async with connected(empty_database_url) as connection:
        assert await connection.fetchval("SELECT to_regclass('more')") is None


def test_the_files_are_numbered_without_gaps() -> None:
    assert [migration.number for migration in bundled()] == list(range(1, len(bundled()) + 1))


async def test_the_files_make_what_the_tests_use(pool: asyncpg.Pool) -> None:
    names = [row["name"] for row in await pool.fetch("SELECT name FROM migrations ORDER BY number")]
    assert names == [migration.name for migration in bundled()]


# What code of the release before still reads or writes while it is being replaced.
BREAKING = re.compile(
    r"\bdrop\s+(table|column|function|type)\b|\brename\b|\balter\s+column\b"
    r"|\badd\s+column\s+\w+\s+[^,;]*\bnot\s+null\b(?![^,;]*\bdefault\b)",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "sql",
    [
        "alter table things drop column size",
        "alter table things rename to stuff",
        "alter table things alter column size type bigint",
        "alter table things add column size integer not null",
    ],
)
def test_what_would_break_the_release_before_is_known(sql: str) -> None:
    assert BREAKING.search(sql)


@pytest.mark.parametrize("migration", bundled()[8:], ids=lambda one: one.name)
def test_migrations_break_nothing_of_the_release_before(migration: Migration) -> None:
    found = BREAKING.search(re.sub(r"--.*", "", migration.sql))
    assert found is None, found
