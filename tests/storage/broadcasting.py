"""The two backends that go between processes, and what can be done to their servers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import asyncpg
from broadcaster import BroadcastBackend
from redis.asyncio import Redis

from storage import bell
from storage.bell import Doorbell, Ring
from storage.broadcasts import Backend, PostgresBackend
from storage.broadcasts.redis import RedisBackend
from tests.storage.redis_server import RedisServer

HANG_UP = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
 where application_name = 'designer-bff doorbell' and datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Between:
    """A way between processes: a backend for each, and how to cut them all off."""

    backend: Callable[[], Backend]
    hang_up: Callable[[], Awaitable[int]]


def through_postgres(database_url: str, pool: asyncpg.Pool) -> Between:
    async def hang_up() -> int:
        found: int = await pool.fetchval(HANG_UP)
        return found

    return Between(lambda: PostgresBackend(database_url, pool), hang_up)


def through_redis(server: RedisServer) -> Between:
    async def hang_up() -> int:
        driver: Any = Redis
        async with driver.from_url(server.url) as client:
            found: int = await client.client_kill_filter(_type="pubsub")
            return found

    return Between(lambda: RedisBackend(server.url), hang_up)


async def heard(
    stack: AsyncExitStack, backend: BroadcastBackend
) -> tuple[Doorbell, AsyncIterator[Ring | None]]:
    doorbell = await stack.enter_async_context(bell.opened(backend))
    return doorbell, await stack.enter_async_context(doorbell.heard())


async def soon(rings: AsyncIterator[Ring | None]) -> Ring | None:
    """Return what is heard next, which must not take long."""
    async with asyncio.timeout(10):
        return await anext(rings)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)
