"""The doorbell: tells every process, cheaply and without a promise, whose log grew."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from broadcaster import Broadcast, BroadcastBackend, Event

from pipeline.domain import WorkspaceId
from storage.broadcasts import RESYNC
from storage.codec import decode, encode
from storage.tasks import running

CHANNEL = "designer_bff_log"

_MOST_WAITING = 10_000

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ring:
    """The workspace's log reaches to `workspace_seq`."""

    workspace: WorkspaceId
    workspace_seq: int


class Doorbell:
    """Rings in every process that hears the same broadcast; made by `opened`."""

    def __init__(self, broadcast: Broadcast) -> None:
        self.broadcast = broadcast
        self._waiting: dict[WorkspaceId, int] = {}
        self._rung = asyncio.Event()

    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        """Say it soon; of one workspace only the latest is said."""
        if workspace not in self._waiting and len(self._waiting) >= _MOST_WAITING:
            return
        self._waiting[workspace] = max(workspace_seq, self._waiting.get(workspace, 0))
        self._rung.set()

    @asynccontextmanager
    async def heard(self) -> AsyncGenerator[AsyncIterator[Ring | None]]:
        """Give the rings from now on; None says that some may have been missed."""
        async with self.broadcast.subscribe(CHANNEL) as subscriber:

            async def rings() -> AsyncIterator[Ring | None]:
                while True:
                    yield _decoded(await subscriber.get())

            yield rings()

    async def publish(self) -> None:
        """Say what was rung, for ever."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            while self._waiting:
                workspace = next(iter(self._waiting))
                await self._publish(Ring(workspace, self._waiting.pop(workspace)))

    async def _publish(self, ring: Ring) -> None:
        try:
            await self.broadcast.publish(CHANNEL, json.dumps(encode(ring)))
        except Exception:
            _logger.warning("a ring was lost, subscriptions catch up by polling", exc_info=True)


@asynccontextmanager
async def opened(backend: BroadcastBackend) -> AsyncGenerator[Doorbell]:
    """Give a doorbell that works while the body runs."""
    async with Broadcast(backend=backend) as broadcast:
        doorbell = Doorbell(broadcast)
        async with running(doorbell.publish()):
            yield doorbell


def _decoded(event: Event) -> Ring | None:
    if event.message == RESYNC:
        return None
    try:
        return decode(Ring, json.loads(event.message))
    except ValueError:
        _logger.warning("not a ring of ours on channel %s", CHANNEL)
        return None
