"""Rings between processes by LISTEN on a connection of its own, and NOTIFY through the pool."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import asyncpg

from storage.broadcasts.inbox import RESYNC
from storage.broadcasts.reconnecting import Reconnecting
from storage.database import Executor

NOTIFY = "select pg_notify($1, $2)"

# What LISTEN and NOTIFY take, in bytes.
_LONGEST_MESSAGE = 7999
_LONGEST_CHANNEL = 63


class PostgresBackend(Reconnecting):
    """The broadcast of the database at `dsn`, which `pool` has to reach as well.

    A message too long for PostgreSQL is published as a resync.
    """

    def __init__(self, dsn: str, pool: Executor, *, heartbeat: float = 2.0) -> None:
        super().__init__(
            "postgres", partial(_dialled, dsn), partial(_notify, pool), heartbeat=heartbeat
        )

    async def subscribe(self, group: str) -> None:
        if len(group.encode()) > _LONGEST_CHANNEL:
            raise ValueError(f"PostgreSQL hears no channel of more than {_LONGEST_CHANNEL} bytes")
        await super().subscribe(group)


@dataclass(frozen=True, slots=True)
class _Listening:
    connection: asyncpg.Connection
    hear: Callable[[object, int, str, object], None]

    async def change(self, add: frozenset[str], drop: frozenset[str]) -> None:
        for channel in add:
            await self.connection.add_listener(channel, self.hear)
        for channel in drop:
            await self.connection.remove_listener(channel, self.hear)
        # Also where nothing changes: the answer shows that the connection lives.
        await self.connection.execute("select 1")


@asynccontextmanager
async def _dialled(
    dsn: str, hear: Callable[[str, str], None], lost: Callable[[], None]
) -> AsyncGenerator[_Listening]:
    def heard(_connection: object, _pid: int, channel: str, payload: object) -> None:
        hear(channel, str(payload))

    connection = await asyncpg.connect(
        dsn, timeout=10, server_settings={"application_name": "designer-bff doorbell"}
    )
    connection.add_termination_listener(lambda _: lost())
    try:
        yield _Listening(connection, heard)
    finally:
        connection.terminate()


async def _notify(pool: Executor, channel: str, message: str) -> None:
    short = len(message.encode()) <= _LONGEST_MESSAGE
    await pool.execute(NOTIFY, channel, message if short else RESYNC)
