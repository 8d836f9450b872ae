"""Removing what is not kept for ever, now and then beside the work on runs."""

import asyncio
import logging
from datetime import timedelta

import asyncpg

from server.settings import Settings
from storage.blips import spared
from storage.retention import Keep, prune

WAIT = 60.0
INTERVAL = 3600.0

logger = logging.getLogger(__name__)


def keep_of(settings: Settings) -> Keep:
    """Return the retention periods."""
    return Keep(
        events=timedelta(days=settings.keep_events_days),
        checkpoints=timedelta(days=settings.keep_checkpoints_days),
        jobs=timedelta(days=settings.keep_jobs_days),
        keys=timedelta(days=settings.keep_idempotency_days),
    )


async def pruning(
    db: asyncpg.Pool, keep: Keep, *, wait: float = WAIT, interval: float = INTERVAL
) -> None:
    """Remove it for ever, first after `wait` seconds: the start has other things to do."""
    await asyncio.sleep(wait)
    while True:
        with spared("removing what is kept no longer"):
            gone = {name: number for name, number in (await prune(db, keep)).items() if number}
            if gone:
                logger.info("removed what is kept no longer: %s", gone)
        await asyncio.sleep(interval)
