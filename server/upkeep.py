"""What a worker does again and again beside its runs: keep them, and wake up what others lost."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from pipeline.errors import StoreUnreachable
from server.worker import Worker
from storage.database import CONNECTION_LOST
from storage.removals import Removals
from storage.tasks import running

# More often than a lease needs: this is also how a worker learns that a run was cancelled.
KEEP_INTERVAL = 0.5
SWEEP_INTERVAL = 1.0
# It looks through all that waits, for what no job is left of: that happens where somebody meddles.
SWEEP_ALL_INTERVAL = 30.0
REMOVE_INTERVAL = 2.0
# What begins together asks for a connection each, again and again: PostgreSQL would never be rid
# of them.
APART = 0.2

logger = logging.getLogger(__name__)


@asynccontextmanager
async def kept_up(worker: Worker, removals: Removals) -> AsyncGenerator[None]:
    """Do all of it while the body runs, side by side: what is slow holds nothing else up."""
    works: dict[Callable[[], Awaitable[object]], float] = {
        worker.keep: KEEP_INTERVAL,
        worker.claims.sweep: SWEEP_INTERVAL,
        worker.claims.sweep_all: SWEEP_ALL_INTERVAL,
        removals.work_off: REMOVE_INTERVAL,
    }
    async with AsyncExitStack() as stack:
        for place, (work, interval) in enumerate(works.items()):
            loop = again_and_again(work, interval, place * APART)
            await stack.enter_async_context(running(loop))
        yield


async def again_and_again(
    work: Callable[[], Awaitable[object]], interval: float, wait: float = 0.0
) -> None:
    """Go on after `wait` seconds whatever happens: a worker without these loses runs unseen."""
    await asyncio.sleep(wait)
    while True:
        try:
            await work()
        except CONNECTION_LOST as error:
            logger.warning("PostgreSQL is out of reach, trying again: %r", error)
        except StoreUnreachable as error:
            logger.warning("Nothing can be removed, trying again: %s", error)
        except Exception:
            logger.exception("A worker's upkeep failed, trying again")
        await asyncio.sleep(interval)
