import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from storage.database import DatabaseUnreachable, connected, open_pool, transaction


async def test_jsonb_columns_take_and_give_python_values(pool: asyncpg.Pool) -> None:
    value = {"colours": ["burgundy", "écru"], "share": 0.25, "none": None}
    assert await pool.fetchval("SELECT $1::jsonb", value) == value


async def insert_and_fail(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as connection:
        await connection.execute("INSERT INTO things VALUES (1)")
        await connection.execute("SELECT 1 / 0")


async def test_a_transaction_that_raises_leaves_nothing(pool: asyncpg.Pool) -> None:
    await pool.execute("CREATE TABLE things (id integer)")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await insert_and_fail(pool)
    assert await pool.fetchval("SELECT count(*) FROM things") == 0


async def test_a_transaction_that_ends_is_kept(pool: asyncpg.Pool) -> None:
    await pool.execute("CREATE TABLE things (id integer)")
    async with transaction(pool) as connection:
        await connection.execute("INSERT INTO things VALUES (1)")
    assert await pool.fetchval("SELECT count(*) FROM things") == 1


async def test_a_pooled_session_bounds_its_statements(pool: asyncpg.Pool) -> None:
    assert await pool.fetchval("SHOW statement_timeout") == "30s"
    assert await pool.fetchval("SHOW application_name") == "designer-bff"


async def test_behind_a_pooler_nothing_belongs_to_a_session(database_url: str) -> None:
    async with open_pool(database_url, pooled=True) as pool, pool.acquire() as connection:
        assert await connection.fetchval("SELECT $1::jsonb", {"a": 1}) == {"a": 1}
        assert await connection.fetchval("SHOW statement_timeout") == "0"
        named = "SELECT count(*) FROM pg_prepared_statements WHERE name <> ''"
        assert await connection.fetchval(named) == 0


@pytest.mark.parametrize("dsn", ["postgresql://nobody@127.0.0.1:1/none", "no address at all"])
async def test_an_unreachable_server_is_one_sentence(dsn: str) -> None:
    with pytest.raises(DatabaseUnreachable, match="check DATABASE_URL"):
        async with connected(dsn):
            pass


async def test_a_connection_comes_back_without_a_word_and_without_a_transaction(
    database_url: str,
) -> None:
    said: list[str] = []

    def note(record: LoggedQuery) -> None:
        said.append(record.query)

    async with open_pool(database_url, max_size=1) as pool:
        async with pool.acquire() as connection:
            connection.add_query_logger(note)
        assert await pool.fetchval("SELECT 1") == 1
        assert said == ["SELECT 1"]
        async with pool.acquire() as connection:
            await connection.execute("BEGIN")
            await connection.execute("CREATE TABLE things (id integer)")
        assert await pool.fetchval("SELECT to_regclass('things')") is None
