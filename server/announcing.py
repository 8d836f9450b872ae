"""A worker says that it is there, so that those who wait can be told how long."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from storage import workers
from storage.blips import spared
from storage.database import Executor
from storage.tasks import running

# It counts for ten seconds (storage/workers.py): two words of it may get lost.
INTERVAL = 3.0


@asynccontextmanager
async def announced(
    db: Executor, slots: int, *, interval: float = INTERVAL
) -> AsyncGenerator[None]:
    """Count as a worker of so many slots while the body runs."""
    worker = uuid4()
    try:
        async with running(_announce(db, worker, slots, interval)):
            yield
    finally:
        with spared("saying that a worker goes"):
            await workers.leave(db, worker)


async def _announce(db: Executor, worker: UUID, slots: int, interval: float) -> None:
    while True:
        with spared("saying that a worker is there"):
            await workers.announce(db, worker, slots)
        await asyncio.sleep(interval)
