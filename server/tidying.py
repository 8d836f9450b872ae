"""Looking after drafts, beside the work on runs."""

from server.upkeep import again_and_again
from storage.database import Executor
from storage.drafts import Drafts, drop_unawaited
from storage.tasks import running

WAIT = 0.8
INTERVAL = 300.0
SHARING_INTERVAL = 5.0


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

    async with running(again_and_again(staging.share, sharing)):
        await again_and_again(drop, interval, wait)
