"""The live stream: the log from a cursor on, without loss, repetition or disorder."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import TypeVar

from pipeline.domain import GenerationId, Viewer, WorkspaceId
from pipeline.errors import StreamRefused
from pipeline.events import Event
from storage.bell import Doorbell, Ring
from storage.blips import patiently
from storage.database import Executor
from storage.entries import Entry
from storage.feeds import Feed
from storage.followers import Follower, Gone
from storage.log import Extent, Log, expired
from storage.reader import Reader
from storage.seats import Seats
from storage.tail import Tail
from storage.tasks import running

T = TypeVar("T")

Offer = Callable[[Sequence[Entry]], bool]


def _no(_: Sequence[object]) -> bool:
    return False


class LiveStream:
    """`repositories.Stream` on PostgreSQL; made by `opened`.

    Whoever follows holds a place in the log and no queue: a slow one reads on at its own pace.
    """

    def __init__(self, db: Executor, reader: Reader, seats: Seats) -> None:
        self._log = Log(db)
        self.reader = reader
        self.seats = seats

    async def head(self, viewer: Viewer) -> int:
        return await self._log.head(viewer.workspace)

    async def follow(
        self, viewer: Viewer, generation: GenerationId | None, after: int | None
    ) -> AsyncGenerator[Event]:
        async with aclosing(self.watch(viewer, generation, after, _as_it_is)) as batches:
            async for events in batches:
                for event in events:
                    yield event

    async def watch(
        self,
        viewer: Viewer,
        generation: GenerationId | None,
        after: int | None,
        make: Callable[[Event], T],
        offer: Callable[[Sequence[T]], bool] = _no,
    ) -> AsyncGenerator[Sequence[T]]:
        workspace = viewer.workspace
        with (
            self.seats.one(viewer.user),
            self.reader.tail(workspace) as tail,
            tail.feed(generation) as feed,
        ):
            # Only now, as it is followed already: what comes after this look is heard of.
            extent = await patiently(partial(self._log.extent, workspace, after or 0))
            self._begin(tail, workspace, extent)
            if after is not None:
                _check(after, extent)

            def offered(entries: Sequence[Entry]) -> bool:
                return offer([entry.made(make) for entry in entries])

            if generation is None:
                follower = self._of_workspace(feed, offered, workspace, extent, after)
            else:
                begin = partial(self._of_generation, feed, offered, workspace, generation, after)
                follower = await patiently(begin)
            try:
                with feed.followed(follower.look):
                    while entries := await follower.more():
                        yield [entry.made(make) for entry in entries]
            except Gone:
                left = await patiently(partial(self._log.extent, workspace, follower.cursor))
                raise expired(left.next) from None

    async def hear(self, rings: AsyncIterator[Ring | None]) -> None:
        """Pass on what the doorbell says, for ever."""
        async for ring in rings:
            if ring is None:
                self.reader.nudge_all()
            else:
                self.reader.nudge(ring.workspace, ring.workspace_seq)

    def _begin(self, tail: Tail, workspace: WorkspaceId, extent: Extent) -> None:
        # Of what was committed since `extent`, a ring may have come while nobody followed.
        unheard = tail.last is None
        tail.begin(extent.head)
        self.reader.nudge(workspace, extent.head + unheard)

    def _of_workspace(
        self, feed: Feed, offer: Offer, workspace: WorkspaceId, extent: Extent, after: int | None
    ) -> Follower:
        feed.known(extent.head)
        cursor = extent.head if after is None else after
        return Follower(
            feed, partial(self._log.read, workspace), offer, cursor, cursor, finite=False
        )

    async def _of_generation(
        self,
        feed: Feed,
        offer: Offer,
        workspace: WorkspaceId,
        generation: GenerationId,
        after: int | None,
    ) -> Follower:
        standing = await self._log.standing(workspace, generation)
        if standing is None:
            raise StreamRefused("NOT_FOUND", "There is no such generation.")
        read = partial(self._log.read_generation, workspace, generation)
        latest = await self._log.latest(workspace, generation, after) if after else None
        feed.known(standing.last)
        if latest is not None:
            return Follower(feed, read, offer, latest.workspace_seq, latest.seq, latest.ends)
        place = 0 if after is None else None
        return Follower(feed, read, offer, after or 0, place, standing.over)


@asynccontextmanager
async def opened(
    db: Executor, doorbell: Doorbell, *, poll: float = 5.0, seats: Seats | None = None
) -> AsyncGenerator[LiveStream]:
    """Give the stream of this process, which follows the doorbell while the body runs.

    Without a ring it looks every `poll` seconds.
    """
    reader = Reader(Log(db), poll)
    stream = LiveStream(db, reader, seats or Seats())
    async with (
        doorbell.heard() as rings,
        running(stream.hear(rings)),
        running(reader.read()),
    ):
        try:
            yield stream
        finally:
            reader.close()


def _as_it_is(event: Event) -> Event:
    return event


def _check(after: int, extent: Extent) -> None:
    if not 0 <= after <= extent.head:
        raise StreamRefused("INVALID_CURSOR", "This cursor is not one of this stream.")
    if after + 1 != extent.next:
        raise expired(extent.next)
