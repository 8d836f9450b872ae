"""Logging: one line an entry on stderr, and no secret in any of them."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from server.outages import Outages
from server.settings import Settings, described

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_KEYS: Final = r"dbff_[A-Za-z0-9_-]+"
# Each says something a request or a job, which is for whoever looks for it by name.
_TALKATIVE: Final = (
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "pgqueuer",
    "uvicorn",
    "strawberry",
    "PIL",
    "asyncio",
)
# It says again and again that PostgreSQL is away, with a traceback that tells nothing more.
_BRIEF: Final = frozenset({"asyncpg.pool"})


class Discreet(logging.Formatter):
    """Blanks out what must not be read in a log, in tracebacks too."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(_FORMAT)
        patterns = [re.escape(secret) for secret in sorted(secrets, key=len, reverse=True)]
        self._secrets = re.compile("|".join([*patterns, _KEYS]))

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry as text."""
        return self._secrets.sub("[secret]", super().format(record))


def in_one_line(record: logging.LogRecord) -> bool:
    """Put the error of a logger that says it often into its entry, in place of the traceback."""
    if record.name in _BRIEF and record.exc_info:
        error = record.exc_info[1]
        reason = " ".join(str(error).split()) or type(error).__name__
        record.msg, record.args = "%s: %s", (record.getMessage(), reason)
        record.exc_info = record.exc_text = None
    return True


def set_up(settings: Settings) -> None:
    """Log as the settings say, for the whole process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet(secrets_of(settings)))
    handler.addFilter(Outages())
    handler.addFilter(in_one_line)
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    if settings.log_level != "DEBUG":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)


def secrets_of(settings: Settings) -> set[str]:
    """Return the secret settings that are set, and the passwords inside them."""
    values: set[str] = {getattr(settings, one.field) for one in described() if one.secret}
    passwords = {urlsplit(value).password or "" for value in values if "://" in value}
    return {value for value in values | passwords if value}
