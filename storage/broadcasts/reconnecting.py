"""A backend on one connection that hears, opened again whenever it is lost."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from storage.broadcasts.inbox import Backend
from storage.pauses import pauses

_PATIENCE = 2.0

_logger = logging.getLogger(__name__)


class Line(Protocol):
    """A connection that hears channels."""

    async def change(self, add: frozenset[str], drop: frozenset[str]) -> None:
        """Return when the server has taken `add` and `drop` on; raise if it can't be asked."""
        ...


Dial = Callable[[Callable[[str, str], None], Callable[[], None]], AbstractAsyncContextManager[Line]]
"""Opens a line that tells of each (channel, message) heard, and when it is lost."""

Send = Callable[[str, str], Awaitable[object]]
"""Publishes (channel, message); what it raises is for the caller."""


class Reconnecting(Backend):
    """Hears through a line of its own, which is there while there are subscribers.

    After each dial a resync says that messages may have been missed. `heartbeat` is for how many
    seconds the line may be dead unnoticed, and again how long the server may take to answer;
    a message that can't be sent within two seconds raises.
    """

    def __init__(self, kind: str, dial: Dial, send: Send, *, heartbeat: float) -> None:
        super().__init__(kind)
        self._dial = dial
        self._send = send
        self._heartbeat = heartbeat
        self._changed = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._left = set[asyncio.Future[object]]()

    async def connect(self) -> None:
        self._keeping = asyncio.create_task(self._keep())

    async def disconnect(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        self.pulse.note(connected=None)

    async def subscribe(self, group: str) -> None:
        await super().subscribe(group)
        self._changed.set()

    async def unsubscribe(self, group: str) -> None:
        await super().unsubscribe(group)
        self._changed.set()

    async def publish(self, channel: str, message: Any) -> None:
        sending = asyncio.ensure_future(self._send(channel, message))
        try:
            # A pool waits for what was cancelled on a dead connection: nobody waits for the pool.
            await asyncio.wait([sending], timeout=_PATIENCE)
        finally:
            self._leave(sending)
        if not sending.done() or sending.exception() is not None:
            self.pulse.failed += 1
        if not sending.done():
            raise TimeoutError(f"{self.pulse.kind} did not take a message in time")
        sending.result()

    def _leave(self, sending: asyncio.Future[object]) -> None:
        if not sending.done():
            sending.cancel()
            self._left.add(sending)
            sending.add_done_callback(self._forget)

    def _forget(self, sent: asyncio.Future[object]) -> None:
        self._left.discard(sent)
        if not sent.cancelled() and (error := sent.exception()) is not None:
            _logger.debug("a message was given up: %r", error)

    async def _keep(self) -> None:
        waits = pauses()
        while True:
            await self._wanted()
            before = self.pulse.connections
            try:
                async with self._dial(self._inbox.put, self._changed.set) as line:
                    await self._follow(line)
            except Exception as error:  # noqa: BLE001 - a driver in mid-command raises anything
                self._lose(error)
            if self.pulse.connections > before:
                waits = pauses()
            await asyncio.sleep(next(waits))

    async def _wanted(self) -> None:
        while not self._inbox.channels:
            self._changed.clear()
            await self._changed.wait()

    async def _follow(self, line: Line) -> None:
        """Keep the line to what is subscribed, while anything is; raise where it is lost."""
        heard = frozenset[str]()
        while wanted := frozenset(self._inbox.channels):
            self._changed.clear()
            async with asyncio.timeout(self._heartbeat):
                await line.change(wanted - heard, heard - wanted)
            if self.pulse.connected is False:
                _logger.info("the doorbell is connected again")
            self.pulse.note(connected=True)
            if new := wanted - heard:
                self._inbox.resync(new)
            heard = wanted
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._heartbeat):
                    await self._changed.wait()
        self.pulse.note(connected=None)

    def _lose(self, error: Exception) -> None:
        # Once is enough: while the server is away each try ends the same.
        level = logging.DEBUG if self.pulse.connected is False else logging.WARNING
        pulse = self.pulse
        pulse.reason = str(error) or "it did not answer in time"
        _logger.log(level, "the doorbell has no connection to %s: %s", pulse.kind, pulse.reason)
        self.pulse.note(connected=False)
