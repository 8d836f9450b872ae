"""Backends for encode/broadcaster that outlive a lost connection and never grow without bound."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg
from broadcaster import BroadcastBackend, Event

from pipeline.errors import DesignerError
from storage.database import Executor

RESYNC: Final = "resync"
"""The message that says: some may have been missed, look for yourself."""

NOTIFY = "select pg_notify($1, $2)"

_LONGEST_PAUSE = 5.0

_logger = logging.getLogger(__name__)


class BroadcastUnsupported(DesignerError):
    """No backend of ours speaks this address."""


def backend_for(url: str, dsn: str, pool: Executor) -> BroadcastBackend:
    """Return what BROADCAST_URL asks for.

    A bare `postgres://` is the application's own database at `dsn`; with a host it has to lead
    to that same database, past a pooler that can't LISTEN. Raises `BroadcastUnsupported`.
    """
    address = urlsplit(url)
    if address.scheme in ("", "memory"):
        return MemoryBackend()
    if address.scheme in ("postgres", "postgresql"):
        return PostgresBackend(url if address.netloc else dsn, pool)
    raise BroadcastUnsupported(
        f"BROADCAST_URL can't be {address.scheme}:// yet: use postgres://, or leave it empty"
    )


class Inbox:
    """What was published and not yet read; when it overflows, a resync takes its place."""

    def __init__(self, size: int = 1000) -> None:
        self._queue = asyncio.Queue[Event](size)
        self.channels: set[str] = set()

    def put(self, channel: str, message: str) -> None:
        if channel not in self.channels:
            return
        if self._queue.full():
            self.resync()
        else:
            self._queue.put_nowait(Event(channel, message))

    def resync(self) -> None:
        """Tell every channel that messages may have been missed."""
        while not self._queue.empty():
            self._queue.get_nowait()
        for channel in self.channels:
            self._queue.put_nowait(Event(channel, RESYNC))

    async def get(self) -> Event:
        return await self._queue.get()


class MemoryBackend(BroadcastBackend):
    """Rings within one process."""

    def __init__(self) -> None:
        self._inbox = Inbox()

    async def connect(self) -> None:
        pass

    async def disconnect(self) -> None:
        pass

    async def subscribe(self, group: str) -> None:
        self._inbox.channels.add(group)

    async def unsubscribe(self, group: str) -> None:
        self._inbox.channels.discard(group)

    async def publish(self, channel: str, message: Any) -> None:
        self._inbox.put(channel, message)

    async def next_published(self) -> Event:
        return await self._inbox.get()


class PostgresBackend(BroadcastBackend):
    """Rings between processes by LISTEN on a connection of its own, and NOTIFY through the pool.

    A lost connection is opened again, and a resync says that rings may have been missed.
    `heartbeat` is how many seconds it may be lost unnoticed.
    """

    def __init__(self, dsn: str, pool: Executor, *, heartbeat: float = 5.0) -> None:
        self._dsn = dsn
        self._pool = pool
        self._heartbeat = heartbeat
        self._inbox = Inbox()
        self._changed = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self._keeping = asyncio.create_task(self._keep_listening())

    async def disconnect(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])

    async def subscribe(self, group: str) -> None:
        """Listen to it soon; a resync tells when."""
        self._inbox.channels.add(group)
        self._changed.set()

    async def unsubscribe(self, group: str) -> None:
        """Hear nothing of it any more; the server forgets it with the connection."""
        self._inbox.channels.discard(group)

    async def publish(self, channel: str, message: Any) -> None:
        await self._pool.execute(NOTIFY, channel, message)

    async def next_published(self) -> Event:
        return await self._inbox.get()

    async def _keep_listening(self) -> None:
        pause = 0.1
        while True:
            try:
                async with self._connected() as connection:
                    pause = 0.1
                    await self._listen(connection)
            except Exception:
                # Not only what drivers document: one that dies in mid-command raises anything.
                _logger.warning("the doorbell's connection is lost", exc_info=True)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[asyncpg.Connection]:
        connection = await asyncpg.connect(
            self._dsn, timeout=10, server_settings={"application_name": "designer-bff doorbell"}
        )
        try:
            yield connection
        finally:
            connection.terminate()

    async def _listen(self, connection: asyncpg.Connection) -> None:
        """Hear the subscribed channels until the connection is lost, which raises or returns."""
        lost = False

        def lose(_: object) -> None:
            nonlocal lost
            lost = True
            self._changed.set()

        connection.add_termination_listener(lose)
        self._changed.set()
        while not lost:
            async with asyncio.timeout(self._heartbeat):
                await self._refresh(connection)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._heartbeat):
                    await self._changed.wait()

    async def _refresh(self, connection: asyncpg.Connection) -> None:
        if not self._changed.is_set():
            await connection.execute("select 1")
            return
        self._changed.clear()
        for channel in tuple(self._inbox.channels):
            await connection.add_listener(channel, self._hear)
        self._inbox.resync()

    def _hear(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        self._inbox.put(channel, str(payload))
