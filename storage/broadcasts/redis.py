"""Rings between processes by SUBSCRIBE on a connection of its own, and PUBLISH through a pool."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.connection import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from storage.broadcasts.reconnecting import Reconnecting
from storage.tasks import running

_CONNECTIONS: Final = 4
_SECONDS: Final = 2.0


class RedisBackend(Reconnecting):
    """The broadcast of the Redis at `url`; raises `ValueError` where that is none."""

    def __init__(self, url: str, *, heartbeat: float = 2.0) -> None:
        self._client = _client(url)
        super().__init__(
            "redis",
            partial(_dialled, self._client),
            self._client.publish,
            heartbeat=heartbeat,
        )

    async def disconnect(self) -> None:
        await super().disconnect()
        await self._client.aclose()


class _Subscribed:
    """A pub/sub connection and who reads it."""

    def __init__(
        self, pubsub: Any, hear: Callable[[str, str], None], lost: Callable[[], None]
    ) -> None:
        self._pubsub = pubsub
        self._hear = hear
        self._lost = lost
        self._answered = asyncio.Event()
        self._failure: Exception | None = None

    async def change(self, add: frozenset[str], drop: frozenset[str]) -> None:
        """Return with the answer to a ping, for Redis answers in the order that it is asked."""
        self._check()
        self._answered.clear()
        if add:
            await self._pubsub.subscribe(*add)
        if drop:
            await self._pubsub.unsubscribe(*drop)
        await self._pubsub.ping()
        await self._answered.wait()
        self._check()

    async def read(self) -> None:
        """Read until the connection is lost."""
        try:
            while True:
                self._take(await self._pubsub.get_message(timeout=None))
        except Exception as failure:  # noqa: BLE001 - it is raised where the line is kept
            self._failure = failure
            self._answered.set()
            self._lost()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _take(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        if message["type"] == "message":
            self._hear(message["channel"], message["data"])
        elif message["type"] == "pong":
            self._answered.set()


@asynccontextmanager
async def _dialled(
    client: Any, hear: Callable[[str, str], None], lost: Callable[[], None]
) -> AsyncGenerator[_Subscribed]:
    async with client.pubsub() as pubsub:
        await pubsub.connect()
        line = _Subscribed(pubsub, hear, lost)
        async with running(line.read()):
            yield line


def _client(url: str) -> Any:
    # The driver's annotations are incomplete; what is untyped stays in this module.
    pools: Any = BlockingConnectionPool
    pool = pools.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_SECONDS,
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
        socket_keepalive=True,
        client_name="designer-bff",
        decode_responses=True,
        protocol=2,
        # The driver would connect and subscribe again by itself, and nobody knew of the gap.
        retry=Retry(NoBackoff(), 0, supported_errors=()),
    )
    return Redis.from_pool(pool)
