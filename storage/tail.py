"""The newest events of a workspace, read once for all who follow it in this process."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from itertools import islice

import asyncpg

from pipeline.domain import WorkspaceId
from pipeline.errors import StreamRefused
from pipeline.events import Event
from storage.log import BATCH, Log

_KEPT = 256
_OUT_OF_REACH = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

_logger = logging.getLogger(__name__)


class Tail:
    """Follows one workspace's log from where it began, when nudged and every `poll` seconds.

    It holds the last 256 events at most; who needs older ones reads them from the log.
    """

    def __init__(self, log: Log, workspace: WorkspaceId, poll: float) -> None:
        self._log = log
        self._workspace = workspace
        self._poll = poll
        self._recent = deque[Event](maxlen=_KEPT)
        self._nudged = asyncio.Event()
        self._grown = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self.last = 0
        self.followers = 0

    def begin(self, head: int) -> None:
        """Follow from `head` on; the first call counts."""
        if self._following is None:
            self.last = head
            self._following = asyncio.create_task(self._follow())
            self._following.add_done_callback(lambda _: self._grown.set())

    def stop(self) -> asyncio.Task[None] | None:
        """Follow no more; return the task that ends."""
        if self._following is not None:
            self._following.cancel()
        return self._following

    def nudge(self, workspace_seq: int | None = None) -> None:
        """Look soon, unless the log is known up to `workspace_seq`."""
        if workspace_seq is None or workspace_seq > self.last:
            self._nudged.set()

    def after(self, workspace_seq: int) -> Sequence[Event] | None:
        """Return what is known to come after; None where some of it is held no longer."""
        missing = self.last - workspace_seq
        if missing > len(self._recent):
            return None
        return list(islice(self._recent, len(self._recent) - max(missing, 0), None))

    async def grown(self) -> None:
        """Wait until `last` has grown; raise `StreamRefused` where it never will."""
        await self._grown.wait()
        if self._following is not None and self._following.done():
            if not self._following.cancelled():
                self._following.result()
            raise StreamRefused("SERVER_CLOSING", "The server is closing; subscribe again.")

    async def _follow(self) -> None:
        while True:
            self._nudged.clear()
            try:
                await self._catch_up()
            except _OUT_OF_REACH as error:
                _logger.warning("the log can't be read, trying again soon: %s", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll):
                    await self._nudged.wait()

    async def _catch_up(self) -> None:
        more = True
        while more:
            events = await self._log.read(self._workspace, self.last)
            more = len(events) == BATCH
            if events:
                self._add(events)

    def _add(self, events: Sequence[Event]) -> None:
        if events[0].workspace_seq != self.last + 1:
            self._recent.clear()
        self._recent.extend(events)
        self.last = events[-1].workspace_seq
        self._grown.set()
        self._grown = asyncio.Event()
