"""Work that goes on beside a body, and no longer than it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

logger = logging.getLogger(__name__)


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncGenerator[asyncio.Task[None]]:
    """Run `work` beside the body; afterwards cancel it and wait until it is gone."""
    task = asyncio.create_task(work)
    task.add_done_callback(_told)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def _told(task: asyncio.Task[None]) -> None:
    """Say so where the work ended by itself and nobody would look."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("work beside the server ended: %r", error, exc_info=error)
