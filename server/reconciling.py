"""Looking after the calls that runs have left open, beside the work on runs."""

import asyncio
import logging

from pipeline.reconcile import LeftCall, Reconcile
from storage.database import CONNECTION_LOST
from storage.left_calls import LeftCalls

INTERVAL = 2.0
AT_ONCE = 16

logger = logging.getLogger(__name__)


async def reconciling(
    lines: LeftCalls, reconcile: Reconcile, *, interval: float = INTERVAL
) -> None:
    """Find out about left calls for ever, some at a time; what breaks is looked at again."""
    under_way: dict[asyncio.Task[None], LeftCall] = {}
    try:
        while True:
            try:
                await lines.keep([left.call.id for left in under_way.values()])
                for left in await lines.take(list(reconcile.models), AT_ONCE - len(under_way)):
                    task = asyncio.create_task(_closed(lines, reconcile, left))
                    under_way[task] = left
                    task.add_done_callback(under_way.pop)
            except CONNECTION_LOST as error:
                logger.warning("PostgreSQL is out of reach, trying again: %r", error)
            except Exception:
                logger.exception("looking for left calls failed, trying again")
            await asyncio.sleep(interval)
    finally:
        tasks = list(under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _closed(lines: LeftCalls, reconcile: Reconcile, left: LeftCall) -> None:
    try:
        await reconcile(left)
    except CONNECTION_LOST as error:
        logger.warning("call %s stays open for now: %r", left.call.id, error)
    except Exception:
        logger.exception("call %s stays open for now", left.call.id)
    else:
        await lines.let_go(left.call.id)
