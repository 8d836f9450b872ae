"""An event that is committed while the first watcher of a workspace is coming in."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import asyncpg
from broadcaster import Broadcast

from pipeline.domain import GenerationId, StageName, Viewer
from pipeline.events import StageProgress
from storage import bell, events, stream
from storage.broadcasts import MemoryBackend
from storage.database import transaction
from storage.log import EXTENT

PROGRESS = StageProgress(StageName.ANALYSIS, 0.5, None)


class Late:
    """A pool whose answer about the log's extent is overtaken by an event."""

    def __init__(self, pool: asyncpg.Pool, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._pool = pool
        self._meanwhile = meanwhile
        self.fetchrow, self.fetchval = pool.fetchrow, pool.fetchval
        self.execute, self.executemany = pool.execute, pool.executemany

    async def fetch(self, query: str, /, *args: object) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = await self._pool.fetch(query, *args)
        if query == EXTENT:
            await self._meanwhile()
        return found


class Listened(bell.Doorbell):
    """A doorbell that knows when whoever hears it has dealt with a ring."""

    def __init__(self, broadcast: Broadcast) -> None:
        super().__init__(broadcast)
        self.dealt = asyncio.Event()

    @asynccontextmanager
    async def heard(self) -> AsyncGenerator[AsyncIterator[bell.Ring | None]]:
        async def told(rings: AsyncIterator[bell.Ring | None]) -> AsyncIterator[bell.Ring | None]:
            async for ring in rings:
                yield ring
                if ring is not None:
                    self.dealt.set()

        async with super().heard() as rings:
            yield told(rings)


async def test_it_comes_at_once(
    pool: asyncpg.Pool, viewer: Viewer, start: Callable[[Viewer], Awaitable[GenerationId]]
) -> None:
    generation = await start(viewer)

    async with bell.opened(MemoryBackend()) as doorbell:
        listened = Listened(doorbell.broadcast)

        async def happen() -> None:
            async with transaction(pool) as connection:
                place = await events.append(connection, viewer.workspace, generation, [PROGRESS])
            doorbell.ring(viewer.workspace, place)
            # The ring comes before the watcher is there to hear it.
            await asyncio.wait_for(listened.dealt.wait(), 10)

        late = Late(pool, happen)
        async with (
            stream.opened(late, listened, poll=60) as live,
            asyncio.timeout(5),
            aclosing(live.follow(viewer, None, None)) as source,
        ):
            assert (await anext(source)).change == PROGRESS
