"""The doorbell: tells every process, cheaply and without a promise, whose log grew."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from broadcaster import Broadcast, BroadcastBackend, Event

from pipeline.domain import WorkspaceId
from storage.broadcasts import RESYNC
from storage.codec import decode, encode
from storage.pauses import pauses
from storage.tasks import running

CHANNEL = "designer_bff_log"

_MOST_WAITING = 10_000
# PostgreSQL takes messages below 8,000 bytes, and a ring has up to 89.
_MOST_AT_ONCE = 64

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ring:
    """The workspace's log reaches to `workspace_seq`."""

    workspace: WorkspaceId
    workspace_seq: int


class Rings:
    """What was rung and is not yet taken: of each workspace the latest.

    Beyond `most` workspaces, and after `miss`, it is no more than that anything may have been.
    """

    def __init__(self, most: int = _MOST_WAITING) -> None:
        self._most = most
        self._latest = dict[WorkspaceId, int]()
        self._missed = False
        self._some = asyncio.Event()

    def put(self, ring: Ring) -> None:
        latest = max(ring.workspace_seq, self._latest.get(ring.workspace, 0))
        self._latest[ring.workspace] = latest
        if len(self._latest) > self._most:
            self.miss()
        self._some.set()

    def miss(self) -> None:
        """Have whoever takes look at everything."""
        self._latest.clear()
        self._missed = True
        self._some.set()

    async def take(self, most: int) -> list[Ring] | None:
        """Wait for some and take `most` at most, the eldest first; None stands for them all."""
        while not (self._missed or self._latest):
            self._some.clear()
            await self._some.wait()
        if self._missed:
            self._missed = False
            return None
        eldest = list(self._latest)[:most]
        return [Ring(workspace, self._latest.pop(workspace)) for workspace in eldest]


class Doorbell:
    """Rings in every process that hears the same broadcast; made by `opened`."""

    def __init__(self, broadcast: Broadcast) -> None:
        self.broadcast = broadcast
        self._waiting = Rings()

    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        """Say it soon; of one workspace only the latest is said."""
        self._waiting.put(Ring(workspace, workspace_seq))

    @asynccontextmanager
    async def heard(self) -> AsyncGenerator[AsyncIterator[Ring | None]]:
        """Give the rings from now on; None says that some may have been missed."""
        rings = Rings()

        async def taken() -> AsyncIterator[Ring | None]:
            while True:
                some = await rings.take(1)
                yield some[0] if some else None

        async with (
            self.broadcast.subscribe(CHANNEL) as subscriber,
            running(_collect(subscriber.get, rings)),
        ):
            yield taken()

    async def publish(self) -> None:
        """Say what was rung, for ever; what can't be said is said later, or that it was not."""
        waits = pauses(most=1.0)
        while True:
            rings = await self._waiting.take(_MOST_AT_ONCE)
            try:
                await self.broadcast.publish(CHANNEL, _encoded(rings))
            except Exception as error:  # noqa: BLE001 - a driver in mid-command raises anything
                _logger.debug("rings could not be published, trying again: %r", error)
                self._put_back(rings)
                await asyncio.sleep(next(waits))
            else:
                waits = pauses(most=1.0)

    def _put_back(self, rings: list[Ring] | None) -> None:
        if rings is None:
            self._waiting.miss()
        for ring in rings or ():
            self._waiting.put(ring)


@asynccontextmanager
async def opened(backend: BroadcastBackend) -> AsyncGenerator[Doorbell]:
    """Give a doorbell that works while the body runs."""
    async with Broadcast(backend=backend) as broadcast:
        doorbell = Doorbell(broadcast)
        async with running(doorbell.publish()):
            yield doorbell


async def _collect(get: Callable[[], Awaitable[Event]], rings: Rings) -> None:
    # Broadcaster's own queue has no bound, so that it has to be read as fast as it is filled.
    while True:
        heard = _decoded(await get())
        if heard is None:
            rings.miss()
        for ring in heard or ():
            rings.put(ring)


def _encoded(rings: list[Ring] | None) -> str:
    if rings is None:
        return RESYNC
    return json.dumps([encode(ring) for ring in rings], separators=(",", ":"))


def _decoded(event: Event) -> list[Ring] | None:
    if event.message == RESYNC:
        return None
    try:
        return decode(list[Ring], json.loads(event.message))
    except ValueError:
        _logger.warning("not a ring of ours on channel %s", CHANNEL)
        return None
