"""Jobs from PgQueuer's table to the worker, as its slots get free; they are wake-ups, no more."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import EntrypointExecutionParameter, Queries
from pgqueuer.types import QueueEntrypoint, QueueManagerId

from pipeline.domain import GenerationId
from pipeline.together import unbroken
from server.worker import Worker
from storage.blips import BACK
from storage.database import CONNECTION_LOST
from storage.jobs import ENTRYPOINT, WORKER
from storage.pauses import pauses
from storage.tasks import running

CHANNEL = "ch_pgqueuer"
# Notifications are lost with their connection, and a lost worker's jobs ring no bell.
POLL_SECONDS = 2.0
# A job is picked for as long as its run is being claimed.
STALE = timedelta(seconds=5)
ANSWER_SECONDS = 10.0

# 0 is no limit of PgQueuer's: the worker asks for as many as it has room for.
ENTRYPOINTS = {QueueEntrypoint(ENTRYPOINT): EntrypointExecutionParameter(concurrency_limit=0)}

logger = logging.getLogger(__name__)


@asynccontextmanager
async def working(
    dsn: str, worker: Worker, *, settle: float, patience: float
) -> AsyncGenerator[None]:
    """Work on the queue while the body runs; then hand over, as `Worker.hand_over` does."""
    try:
        async with running(_dispatch(dsn, worker)):
            yield
    finally:
        await worker.hand_over(settle, patience)


async def _dispatch(dsn: str, worker: Worker) -> None:
    """Take jobs for ever, over a connection that is made anew whenever it breaks."""
    me = QueueManagerId(uuid4())
    waits = pauses()
    while True:
        try:
            async with _connected(dsn) as connection, _news(connection) as news:
                waits = pauses()
                logger.info(BACK)
                await _take(Queries(AsyncpgDriver(connection)), me, worker, news)
        except (*CONNECTION_LOST, OSError) as error:
            logger.warning("PostgreSQL is out of reach, no runs are taken on: %r", error)
        # Whatever it was: a worker that asks for no jobs stands idle, and nobody sees it.
        except Exception:
            logger.exception("the queue broke, trying again")
        await asyncio.sleep(next(waits))


async def _take(queries: Queries, me: QueueManagerId, worker: Worker, news: asyncio.Event) -> None:
    """Ask for no more jobs than there are free slots: the others wait where priority counts."""

    async def taken() -> int:
        # Before it is looked: what comes during the look has to be news again.
        news.clear()
        jobs = await queries.dequeue(
            batch_size=room,
            entrypoints=ENTRYPOINTS,
            queue_manager_id=me,
            global_concurrency_limit=None,
            heartbeat_timeout=STALE,
        )
        for job in jobs:
            worker.take_on(GenerationId(UUID((job.payload or b"").decode())), job.id)
        return len(jobs)

    while True:
        room = await worker.room()
        # Broken off in mid-answer, jobs would be picked and nobody's.
        if not await unbroken(taken()):
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await news.wait()


@asynccontextmanager
async def _connected(dsn: str) -> AsyncGenerator[asyncpg.Connection]:
    """Give a connection of our own: PgQueuer wants its jsonb as text, and we listen on it.

    What it picks need not be on disk before it is worked on: a job that was picked and is not any
    more after a crash of PostgreSQL only comes again.
    """
    connection = await asyncpg.connect(
        dsn,
        timeout=ANSWER_SECONDS,
        command_timeout=ANSWER_SECONDS,
        server_settings={"application_name": WORKER, "jit": "off", "synchronous_commit": "off"},
    )
    try:
        yield connection
    finally:
        # A good-bye would wait for a server that may be gone.
        connection.terminate()


@asynccontextmanager
async def _news(connection: asyncpg.Connection) -> AsyncGenerator[asyncio.Event]:
    """Give what is set when a job may have come, or the connection has gone."""
    news = asyncio.Event()

    def told(*notification: object) -> None:
        payload = notification[-1]
        if isinstance(payload, str) and json.loads(payload).get("operation") == "insert":
            news.set()

    await connection.add_listener(CHANNEL, told)
    connection.add_termination_listener(lambda _: news.set())
    yield news
