"""An event that is committed while the first watcher of a workspace is coming in."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import asyncpg

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


async def test_it_comes_at_once(
    pool: asyncpg.Pool, viewer: Viewer, start: Callable[[Viewer], Awaitable[GenerationId]]
) -> None:
    generation = await start(viewer)

    async with bell.opened(MemoryBackend()) as doorbell:

        async def happen() -> None:
            async with transaction(pool) as connection:
                place = await events.append(connection, viewer.workspace, generation, [PROGRESS])
            doorbell.ring(viewer.workspace, place)
            # Long enough for the ring to come before anybody is there to hear it.
            await asyncio.sleep(0.2)

        late = Late(pool, happen)
        async with (
            stream.opened(late, doorbell, poll=60) as live,
            asyncio.timeout(5),
            aclosing(live.follow(viewer, None, None)) as source,
        ):
            assert (await anext(source)).change == PROGRESS
