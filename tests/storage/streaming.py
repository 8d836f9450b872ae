"""A live stream on a doorbell, and changes that are told to it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
from broadcaster import BroadcastBackend

from pipeline.domain import GenerationId, GenerationStatus, StageName, Viewer
from pipeline.events import Change, Event, StageProgress, StatusChanged
from storage import bell, events, stream
from storage.bell import Doorbell
from storage.broadcasts import MemoryBackend
from storage.database import transaction
from storage.seats import Seats
from storage.stream import LiveStream

Start = Callable[[Viewer], Awaitable[GenerationId]]


PROGRESS = StageProgress(StageName.ANALYSIS, 0.5, None)


DONE = StatusChanged(status=GenerationStatus.COMPLETED, attempt=1)


@asynccontextmanager
async def served(
    pool: asyncpg.Pool,
    backend: BroadcastBackend | None = None,
    *,
    poll: float = 60.0,
    seats: int = 100,
) -> AsyncGenerator[tuple[LiveStream, Doorbell]]:
    async with (
        asyncio.timeout(40),
        bell.opened(backend or MemoryBackend()) as doorbell,
        stream.opened(pool, doorbell, poll=poll, seats=Seats(each=seats)) as live,
    ):
        yield live, doorbell


async def append(
    pool: asyncpg.Pool,
    doorbell: events.Bell,
    viewer: Viewer,
    generation: GenerationId,
    *changes: Change,
) -> int:
    async with transaction(pool) as connection:
        position = await events.append(connection, viewer.workspace, generation, changes)
    doorbell.ring(viewer.workspace, position)
    return position


async def take(source: AsyncIterator[Event], number: int) -> list[Event]:
    return [await anext(source) for _ in range(number)]


async def begun(live: LiveStream, viewer: Viewer) -> None:
    """Wait until somebody follows the viewer's workspace."""
    while not (tail := live.reader.tails.get(viewer.workspace)) or tail.last is None:
        await asyncio.sleep(0.01)
