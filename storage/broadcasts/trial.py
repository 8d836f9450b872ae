"""Trying out an address of Redis or PostgreSQL that rings are to go through."""

import asyncio
from typing import Final
from urllib.parse import urlsplit

from broadcaster import Broadcast

from storage.broadcasts.inbox import RESYNC
from storage.broadcasts.postgres import PostgresBackend
from storage.broadcasts.redis import RedisBackend
from storage.database import DatabaseUnreachable, connected

_CHANNEL: Final = "designer_bff_trial"


async def trial(url: str, dsn: str, *, seconds: float = 3.0) -> str | None:
    """Ring, to PostgreSQL at the `dsn` of the database, and listen; return what is wrong, if so."""
    if urlsplit(url).scheme in ("redis", "rediss"):
        return await _echo(RedisBackend(url), seconds)
    try:
        async with connected(dsn) as connection:
            return await _echo(PostgresBackend(url, connection), seconds)
    except DatabaseUnreachable as error:
        return str(error)


async def _echo(backend: RedisBackend | PostgresBackend, seconds: float) -> str | None:
    try:
        async with (
            asyncio.timeout(seconds),
            Broadcast(backend=backend) as broadcast,
            broadcast.subscribe(_CHANNEL) as subscriber,
        ):
            while (await subscriber.get()).message == RESYNC:
                await broadcast.publish(_CHANNEL, "hello")
    except Exception as error:  # noqa: BLE001 - it is told, whatever it is
        return backend.pulse.reason or str(error) or "nothing is heard of what is said"
    return None
