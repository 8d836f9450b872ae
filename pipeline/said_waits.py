"""How long a provider asks to wait, in whichever form it says so."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Final

_SPAN: Final = r"(?:\d{1,9}(?:\.\d+)?(?:ms|h|m|s))+"
_SPOKEN: Final = re.compile(rf"(?:~|try again in ){_SPAN}")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def in_header(value: str, now: datetime | None = None) -> float | None:
    """Return the seconds of a Retry-After, which may be a date; None where it makes no sense."""
    try:
        seconds = float(value)
    except ValueError:
        return _until(value, now or datetime.now(UTC))
    return seconds if isfinite(seconds) and seconds >= 0 else None


def in_words(text: str) -> float | None:
    """Return the seconds of "~30s" or "try again in 6m0s"; None where it says nothing like it."""
    said = _SPOKEN.search(text)
    if said is None:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(said[0]))


def _until(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
