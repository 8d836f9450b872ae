"""One entry of the log when PostgreSQL is lost, and one when it is back, whoever notices it."""

import logging
from math import inf
from typing import Final

from storage.blips import BACK, OUT_OF_REACH

# asyncpg says it for each of its pools, again and again, while no connection can be made.
_LOST: Final = (OUT_OF_REACH, "Failed to restore the pool connection floor")
# Who noticed it and has been silent for so long has gone, or has its connection again.
_FORGOTTEN_SECONDS: Final = 30.0
# Of those that wait for PostgreSQL some are still at their last vain try when others have it back.
_STRAGGLING_SECONDS: Final = 2.0


class Outages:
    """A filter that lets the first entry of an outage pass, and the end with how long it was."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._last = self._back = -inf

    def __call__(self, record: logging.LogRecord) -> bool:
        """Return whether the entry tells anything new."""
        said = str(record.msg)
        if said.startswith(_LOST):
            return self._lost(record.created)
        if said == BACK:
            return self._ended(record)
        return True

    def _lost(self, now: float) -> bool:
        if self._since is None and now - self._back < _STRAGGLING_SECONDS:
            return False
        new = self._since is None or now - self._last > _FORGOTTEN_SECONDS
        self._last = now
        if new:
            self._since = now
        return new

    def _ended(self, record: logging.LogRecord) -> bool:
        if self._since is None:
            return False
        record.msg, record.args = "%s after %.1f s", (BACK, record.created - self._since)
        self._since, self._back = None, record.created
        return True
