"""Writes that nothing depends on: without them the work goes on all the same."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import asyncpg

# ConnectionError and TimeoutError are kinds of OSError.
_BLIPS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

logger = logging.getLogger(__name__)


@contextmanager
def spared(what: str) -> Generator[None]:
    """Log that `what` was not written where PostgreSQL does not take it, and go on."""
    try:
        yield
    except _BLIPS as error:
        logger.warning("%s was not written: %r", what, error)
