"""The one reader of a process, which reads the log for all who follow it live."""

import asyncio
import contextlib
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from itertools import islice

from pipeline.domain import WorkspaceId
from storage.blips import patiently
from storage.log import BATCH, Log
from storage.tail import Tail

_MOST_AT_ONCE = 100


class Reader:
    """Reads what is new in the workspaces that are followed, all of them in one statement.

    It looks where it was nudged, and every `poll` seconds everywhere.
    """

    def __init__(self, log: Log, poll: float) -> None:
        self._log = log
        self._poll = poll
        self.tails: dict[WorkspaceId, Tail] = {}
        self._unread = dict[WorkspaceId, None]()
        self._nudged = asyncio.Event()

    @contextmanager
    def tail(self, workspace: WorkspaceId) -> Generator[Tail]:
        """Give the tail of a workspace, which is read on until nobody follows it."""
        tail = self.tails.setdefault(workspace, Tail())
        try:
            yield tail
        finally:
            if not tail.followed and self.tails.get(workspace) is tail:
                del self.tails[workspace]

    def nudge(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        """Look there soon, unless it is followed by nobody, or known that far."""
        tail = self.tails.get(workspace)
        if tail is not None and tail.last is not None and tail.last < workspace_seq:
            self._unread[workspace] = None
            self._nudged.set()

    def nudge_all(self) -> None:
        """Look everywhere soon."""
        self._unread.update(dict.fromkeys(self.tails))
        self._nudged.set()

    def close(self) -> None:
        """End what is still followed."""
        for tail in self.tails.values():
            tail.close()

    async def read(self) -> None:
        """Read what is new, for ever."""
        clock = asyncio.get_running_loop().time
        polling = clock() + self._poll
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(polling):
                    await self._nudged.wait()
            if clock() >= polling:
                self.nudge_all()
                polling = clock() + self._poll
            await self._read()
            if not self._unread:
                self._nudged.clear()

    async def _read(self) -> None:
        places: dict[WorkspaceId, int] = {}
        for workspace in list(islice(self._unread, _MOST_AT_ONCE)):
            del self._unread[workspace]
            tail = self.tails.get(workspace)
            if tail is not None and tail.last is not None:
                places[workspace] = tail.last
        if not places:
            return
        found = await patiently(partial(self._log.read_several, places))
        for workspace, entries in found.items():
            if len(entries) == BATCH:
                self._unread[workspace] = None
            tail = self.tails.get(workspace)
            # It may have been left and followed anew while this was read, from another place on.
            if tail is None or tail.last != places[workspace]:
                continue
            if tail.continued_by(entries):
                tail.add(entries)
            else:
                # Whoever follows it comes back with a cursor, and is told what that is good for.
                del self.tails[workspace]
                tail.close()
