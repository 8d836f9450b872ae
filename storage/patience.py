"""Reading again where PostgreSQL is out of reach for a while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

T = TypeVar("T")

OUT_OF_REACH = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0

_logger = logging.getLogger(__name__)


async def patiently(read: Callable[[], Awaitable[T]]) -> T:
    """Return what `read` does, once it can."""
    pause = _SHORTEST_PAUSE
    while True:
        try:
            return await read()
        except OUT_OF_REACH as error:
            _logger.warning("the log can't be read, trying again soon: %s", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
