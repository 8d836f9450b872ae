"""Looking after the calls that runs have left open, beside the work on runs."""

import asyncio
import logging

from pipeline.calls import CallId
from pipeline.reconcile import LeftCall, Reconcile
from storage.database import CONNECTION_LOST
from storage.left_calls import LeftCalls

INTERVAL = 2.0
AT_ONCE = 16

logger = logging.getLogger(__name__)


async def reconciling(
    lines: LeftCalls, reconcile: Reconcile, *, interval: float = INTERVAL
) -> None:
    """Find out about left calls for ever, some at a time; what breaks is looked at again.

    The first look waits for half an interval, for the start has other things to do.
    """
    await asyncio.sleep(interval / 2)
    under_way: dict[CallId, asyncio.Task[bool]] = {}
    try:
        while True:
            try:
                # Nothing but this loop says who looks after a call: what a task let go while it
                # was being kept would be looked after by nobody.
                ended = [call for call, task in under_way.items() if task.done()]
                await lines.let_go([call for call in ended if under_way[call].result()])
                for call in ended:
                    del under_way[call]
                await lines.keep(list(under_way))
                for left in await lines.take(list(reconcile.models), AT_ONCE - len(under_way)):
                    under_way[left.call.id] = asyncio.create_task(_looked_at(reconcile, left))
            except CONNECTION_LOST as error:
                logger.warning("PostgreSQL is out of reach, trying again: %r", error)
            except Exception:
                logger.exception("looking for left calls failed, trying again")
            await asyncio.sleep(interval)
    finally:
        tasks = list(under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _looked_at(reconcile: Reconcile, left: LeftCall) -> bool:
    """Return whether whoever looks next may look at once."""
    try:
        await reconcile(left)
    except CONNECTION_LOST as error:
        logger.warning("call %s stays open for now: %r", left.call.id, error)
        return False
    except Exception:
        logger.exception("call %s stays open for now", left.call.id)
        return False
    return True
