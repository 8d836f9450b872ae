"""The live stream: the log from a cursor on, without loss, repetition or disorder."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager

from pipeline.domain import GenerationId, UserId, Viewer, WorkspaceId
from pipeline.errors import StreamRefused
from pipeline.events import Event
from storage.bell import Doorbell, Ring
from storage.database import Executor
from storage.followers import GenerationFollower, WorkspaceFollower, ends
from storage.log import Extent, Log, expired
from storage.tail import Tail
from storage.tasks import running


class LiveStream:
    """`repositories.Stream` on PostgreSQL; made by `opened`.

    Whoever follows holds a place in the log and no queue: a slow one reads on at its own pace.
    """

    def __init__(self, db: Executor, *, poll: float, seats: int) -> None:
        self._log = Log(db)
        self._poll = poll
        self._seats = seats
        self._taken = Counter[UserId]()
        self._tails: dict[WorkspaceId, Tail] = {}
        self._ending = set[asyncio.Task[None]]()

    async def head(self, viewer: Viewer) -> int:
        return await self._log.head(viewer.workspace)

    async def follow(
        self, viewer: Viewer, generation: GenerationId | None, after: int | None
    ) -> AsyncGenerator[Event]:
        with self._seat(viewer.user), self._tail(viewer.workspace) as tail:
            follower = await self._follower(tail, viewer.workspace, generation, after)
            while events := await follower.more():
                for event in events:
                    yield event

    async def hear(self, rings: AsyncIterator[Ring | None]) -> None:
        """Pass on what the doorbell says, for ever."""
        async for ring in rings:
            if ring is None:
                for tail in self._tails.values():
                    tail.nudge()
            elif ring.workspace in self._tails:
                self._tails[ring.workspace].nudge(ring.workspace_seq)

    async def close(self) -> None:
        """End what is still followed."""
        for tail in self._tails.values():
            self._end(tail)
        if self._ending:
            await asyncio.wait(self._ending)

    async def _follower(
        self, tail: Tail, workspace: WorkspaceId, generation: GenerationId | None, after: int | None
    ) -> WorkspaceFollower | GenerationFollower:
        extent = await self._log.extent(workspace)
        tail.begin(extent.head)
        tail.nudge(extent.head)
        if after is not None:
            _check(after, extent)
        if generation is None:
            cursor = extent.head if after is None else after
            return WorkspaceFollower(self._log, tail, workspace, cursor)
        if not await self._log.knows(workspace, generation):
            raise StreamRefused("NOT_FOUND", "There is no such generation.")
        latest = await self._log.latest(workspace, generation, after or 0)
        unread = 0 if after is None else None
        return GenerationFollower(
            self._log,
            tail,
            workspace,
            generation,
            cursor=after or 0,
            head=extent.head,
            seq=unread if latest is None else latest.seq,
            ended=latest is not None and ends(latest),
        )

    @contextmanager
    def _seat(self, user: UserId) -> Generator[None]:
        if self._taken[user] >= self._seats:
            raise StreamRefused(
                "TOO_MANY_SUBSCRIPTIONS", f"At most {self._seats} subscriptions at a time."
            )
        self._taken[user] += 1
        try:
            yield
        finally:
            self._taken[user] -= 1
            if not self._taken[user]:
                del self._taken[user]

    @contextmanager
    def _tail(self, workspace: WorkspaceId) -> Generator[Tail]:
        tail = self._tails.setdefault(workspace, Tail(self._log, workspace, self._poll))
        tail.followers += 1
        try:
            yield tail
        finally:
            tail.followers -= 1
            if not tail.followers:
                del self._tails[workspace]
                self._end(tail)

    def _end(self, tail: Tail) -> None:
        task = tail.stop()
        if task is not None and not task.done():
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


@asynccontextmanager
async def opened(
    db: Executor, doorbell: Doorbell, *, poll: float = 5.0, seats: int = 100
) -> AsyncGenerator[LiveStream]:
    """Give the stream of this process, which follows the doorbell while the body runs.

    Without a ring it looks every `poll` seconds; a user has at most `seats` subscriptions here.
    """
    stream = LiveStream(db, poll=poll, seats=seats)
    async with doorbell.heard() as rings, running(stream.hear(rings)):
        try:
            yield stream
        finally:
            await stream.close()


def _check(after: int, extent: Extent) -> None:
    if not 0 <= after <= extent.head:
        raise StreamRefused("INVALID_CURSOR", "This cursor is not one of this stream.")
    if after < extent.oldest - 1:
        raise expired(extent.oldest)
