"""PostgreSQL connections: the pool, the transaction, and what a repository sees of both."""

import json
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString, Protocol

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from pipeline.errors import DesignerError

Connection = asyncpg.Connection | PoolConnectionProxy

_NAMED = {"application_name": "designer-bff"}

_SESSION = {
    "statement_timeout": "30s",
    # Whoever is stopped in a transaction holds its locks: others wait no longer than this for them,
    # which is less than a lease.
    "idle_in_transaction_session_timeout": "5s",
    # Compiling costs more than any of our statements takes.
    "jit": "off",
}


CONNECTION_LOST = (
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    # A server that says goodbye while a statement is on its way to it confuses the driver.
    asyncpg.InternalClientError,
    ConnectionError,
)
"""What a statement raises when PostgreSQL went away: nothing is known to be wrong with the work."""


class DatabaseUnreachable(DesignerError):
    """PostgreSQL does not let us in; the message says what to check."""


class Executor(Protocol):
    """Runs statements: a pool commits each by itself, a connection shares its transaction."""

    async def fetch(self, query: LiteralString, /, *args: object) -> list[asyncpg.Record]: ...
    async def fetchrow(self, query: LiteralString, /, *args: object) -> asyncpg.Record | None: ...
    async def fetchval(self, query: LiteralString, /, *args: object) -> Any: ...
    async def execute(self, query: LiteralString, /, *args: object) -> str: ...
    async def executemany(
        self, command: LiteralString, /, args: Iterable[Sequence[object]]
    ) -> None: ...


def open_pool(
    dsn: str,
    *,
    min_size: int = 1,
    max_size: int = 10,
    pooled: bool = False,
    durable: bool = True,
) -> asyncpg.Pool:
    """Return a pool to enter with `async with`; jsonb columns take and give Python values.

    Behind a pooler of transactions, which is what `pooled` says, no statement has a name, and
    the settings of the sessions are left to the role. What is not `durable` does not wait for
    the disk, and may be lost with the server.
    """
    session = _SESSION if durable else _SESSION | {"synchronous_commit": "off"}
    return asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        server_settings=_NAMED if pooled else _NAMED | session,
        statement_cache_size=0 if pooled else 100,
        init=_prepare,
        connect=_connect,
        reset=_as_it_is,
    )


@asynccontextmanager
async def connected(dsn: str) -> AsyncGenerator[asyncpg.Connection]:
    """Give one connection of its own, without codecs or timeouts; raise `DatabaseUnreachable`."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnreachable(
            f"PostgreSQL does not let us in ({str(error) or type(error).__name__}): "
            "check DATABASE_URL, and that its server is up"
        ) from error
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def transaction(pool: asyncpg.Pool) -> AsyncGenerator[PoolConnectionProxy]:
    """Give a connection whose work is kept if the body ends, and undone if it raises."""
    async with pool.acquire() as connection, connection.transaction():
        yield connection


async def _connect(*args: Any, **options: Any) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(*args, **options)
    except (FileNotFoundError, TimeoutError) as error:
        # The socket of the embedded server is gone while that is.
        raise ConnectionRefusedError(str(error) or "PostgreSQL does not answer") from error


async def _as_it_is(connection: asyncpg.Connection) -> None:
    """Give the connection back without a word: what we send leaves nothing in its session.

    An open transaction is rolled back before this is called.
    """
    del connection


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog"
    )
