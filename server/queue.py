"""PgQueuer hands jobs to the worker; its rows are wake-ups, never the truth."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import asyncpg
from pgqueuer.core.qm import QueueManager
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from pipeline.domain import GenerationId
from server.worker import Worker
from storage.jobs import ENTRYPOINT, WORKER

BACKOFF = 1.0

logger = logging.getLogger(__name__)


@asynccontextmanager
async def working(
    dsn: str, worker: Worker, *, slots: int, lease: timedelta, grace: float
) -> AsyncGenerator[None]:
    """Work on the queue while the body runs; on the way out hand over within `grace` seconds."""
    # A pool of its own: PgQueuer wants its jsonb as text, and one connection to listen on.
    naming = {"application_name": WORKER}
    async with asyncpg.create_pool(dsn, min_size=2, max_size=4, server_settings=naming) as pool:
        managers: list[QueueManager] = []
        tasks = [
            asyncio.create_task(worker.keep()),
            asyncio.create_task(worker.sweep()),
            asyncio.create_task(_dispatch(pool, worker, managers, slots, lease)),
        ]
        try:
            yield
        finally:
            for manager in managers:
                manager.shutdown.set()
            await worker.hand_over(grace)
            await _drained(tasks)


async def _dispatch(
    pool: asyncpg.Pool,
    worker: Worker,
    managers: list[QueueManager],
    slots: int,
    lease: timedelta,
) -> None:
    while True:
        manager = QueueManager(Queries(AsyncpgPoolDriver(pool)))

        @manager.entrypoint(ENTRYPOINT)
        async def generation(job: Job) -> None:
            await worker.take_on(GenerationId(UUID((job.payload or b"").decode())))

        managers[:] = [manager]
        try:
            await manager.run(
                dequeue_timeout=min(lease, timedelta(seconds=2)),
                batch_size=max(1, slots // 2),
                max_concurrent_tasks=max(2, slots),
                heartbeat_timeout=lease,
            )
        except Exception:
            logger.exception("the queue stopped, starting it again")
            await asyncio.sleep(BACKOFF)
        else:
            return


async def _drained(tasks: list[asyncio.Task[None]]) -> None:
    *loops, dispatch = tasks
    for task in loops:
        task.cancel()
    await asyncio.wait([dispatch], timeout=5)
    dispatch.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
