"""Logging: one line an entry on stderr, and no secret in any of them."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from server.settings import Settings, described

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_KEYS: Final = r"dbff_[A-Za-z0-9_-]+"
# Each says something a request or a job, which is for whoever looks for it by name.
_TALKATIVE: Final = ("httpx", "httpcore", "pgqueuer", "uvicorn", "strawberry", "PIL", "asyncio")


class Discreet(logging.Formatter):
    """Blanks out what must not be read in a log, in tracebacks too."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(_FORMAT)
        patterns = [re.escape(secret) for secret in sorted(secrets, key=len, reverse=True)]
        self._secrets = re.compile("|".join([*patterns, _KEYS]))

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry as text."""
        return self._secrets.sub("[secret]", super().format(record))


def set_up(settings: Settings) -> None:
    """Log as the settings say, for the whole process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet(secrets_of(settings)))
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
