"""Tidying up the drafts of this machine, beside the work on runs."""

import asyncio
import logging

from storage.database import CONNECTION_LOST, Executor
from storage.drafts import drop_unawaited
from storage.objects import LocalObjects

INTERVAL = 300.0

logger = logging.getLogger(__name__)


async def tidying(db: Executor, staging: LocalObjects, *, interval: float = INTERVAL) -> None:
    """Remove drafts that no run waits for, for ever; what breaks is tried again."""
    while True:
        try:
            await drop_unawaited(db, staging)
        except CONNECTION_LOST as error:
            logger.warning("PostgreSQL is out of reach, trying again: %r", error)
        except Exception:
            logger.exception("tidying up the drafts failed, trying again")
        await asyncio.sleep(interval)
