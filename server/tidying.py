"""Looking after drafts, beside the work on runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from storage.database import CONNECTION_LOST, Executor
from storage.drafts import Drafts, drop_unawaited
from storage.tasks import running

WAIT = 0.8
INTERVAL = 300.0
SHARING_INTERVAL = 5.0

logger = logging.getLogger(__name__)


async def tidying(
    db: Executor,
    staging: Drafts,
    *,
    wait: float = WAIT,
    interval: float = INTERVAL,
    sharing: float = SHARING_INTERVAL,
) -> None:
    """Remove drafts that no run waits for, and share the others, for ever.

    The first are removed after `wait` seconds, for the start has other things to do.
    """

    async def drop() -> None:
        await drop_unawaited(db, staging)

    async with running(_again_and_again(staging.share, sharing)):
        await asyncio.sleep(wait)
        await _again_and_again(drop, interval)


async def _again_and_again(work: Callable[[], Awaitable[None]], interval: float) -> None:
    while True:
        try:
            await work()
        except CONNECTION_LOST as error:
            logger.warning("PostgreSQL is out of reach, trying again: %r", error)
        except Exception:
            logger.exception("looking after the drafts failed, trying again")
        await asyncio.sleep(interval)
