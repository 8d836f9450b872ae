"""How long a provider asks to wait, in whichever form it says so."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Final

_SPAN: Final = r"(?:\d{1,9}(?:\.\d+)?(?:ms|h|m|s))+"
_SPOKEN: Final = re.compile(rf"(?:~|try again in ){_SPAN}")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_MOST: Final = 86_400.0
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def in_header(value: str, now: datetime | None = None, *, unit: float = 1.0) -> float | None:
    """Return the seconds of a Retry-After, a day at most; None where it makes no sense.

    It is a date, or a number that counts `unit` seconds each.
    """
    try:
        seconds = float(value) * unit
    except ValueError:
        return _until(value, now or datetime.now(UTC))
    return min(seconds, _MOST) if isfinite(seconds) and seconds >= 0 else None


def in_words(text: str) -> float | None:
    """Return the seconds of "~30s" or "try again in 6m0s", a day at most; None for all else."""
    said = _SPOKEN.search(text)
    if said is None:
        return None
    parts = _PART.findall(said[0])
    return min(_MOST, sum(float(number) * _UNITS[unit] for number, unit in parts))


def _until(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(_MOST, max(0.0, (aware - now).total_seconds()))
    except (ValueError, OverflowError):
        return None
