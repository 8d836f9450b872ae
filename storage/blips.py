"""PostgreSQL is away for a while: what is left undone then, and what is done once it is back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from math import inf
from typing import Final, TypeVar

import asyncpg

from storage.database import CONNECTION_LOST
from storage.pauses import pauses

T = TypeVar("T")

# How long what was paid for may wait for its line in the ledger.
PATIENCE: Final = 120.0

OUT_OF_REACH: Final = "PostgreSQL is out of reach"
BACK: Final = "PostgreSQL is back"
"""What entries of the log begin with when it is lost, and are when it is back."""

# ConnectionError and TimeoutError are kinds of OSError.
_BLIPS: Final = (*CONNECTION_LOST, asyncpg.PostgresError, OSError)

logger = logging.getLogger(__name__)


@contextmanager
def spared(what: str) -> Generator[None]:
    """Log that `what`, as in "noting a success", was left undone if PostgreSQL fails, and go on."""
    try:
        yield
    except _BLIPS as error:
        logger.warning("%s was left undone: %r", what, error)


async def outlasting(
    work: Callable[[], Awaitable[T]],
    *,
    patience: float = inf,
    blips: tuple[type[Exception], ...] = CONNECTION_LOST,
) -> T:
    """Return what `work` returns, done again while its connection is cut, `patience` seconds long.

    Nobody knows whether what was cut off has been done: doing it twice has to be right.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    lost = False
    for pause in pauses():
        try:
            done = await work()
        except blips as error:
            if loop.time() + pause > until:
                raise
            lost = True
            logger.warning("PostgreSQL is out of reach, trying again: %r", error)
            await asyncio.sleep(pause)
        else:
            if lost:
                logger.info(BACK)
            return done
    raise AssertionError("pauses never end")


async def patiently(read: Callable[[], Awaitable[T]]) -> T:
    """Return what `read` does, once it can: whatever PostgreSQL said, it may be asked again."""
    return await outlasting(read, blips=_BLIPS)
