"""What can go wrong at a provider, as values.

Those with `accepted` happen before the provider took the work on, or after, when it is billed.
"""

from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, config=_STRICT)
class Throttled:
    """429 with the provider's body; Retry-After only with `retry_after` (seconds)."""

    retry_after: int | None = None
    kind: Literal["throttled"] = "throttled"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Unpaid:
    """No credit: Replicate's 402, OpenAI's 429 with insufficient_quota."""

    kind: Literal["unpaid"] = "unpaid"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Broken:
    """A status of the 500s."""

    status: Literal[500, 502, 503, 504] = 500
    accepted: bool = False
    kind: Literal["broken"] = "broken"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Dropped:
    """The connection ends without an answer; a stream ends after its first event."""

    accepted: bool = False
    kind: Literal["dropped"] = "dropped"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Hanging:
    """No answer for as long as the client waits."""

    accepted: bool = False
    kind: Literal["hanging"] = "hanging"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Slow:
    """The work takes this much longer, whatever the scale."""

    seconds: float
    kind: Literal["slow"] = "slow"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Refused:
    """The provider's moderation refuses the work."""

    reason: str = "sexual"
    charged: bool = False
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Failed:
    """The model fails: a failed prediction, or a server_error."""

    error: str = "Prediction failed for an unknown reason. (E1000)"
    charged: bool = False
    kind: Literal["failed"] = "failed"


class Spoil(StrEnum):
    """How an output is spoilt; all of them are billed.

    EMPTY no output at all · BLANK a file of no bytes · HTML a page instead of a picture ·
    TRUNCATED half of the file, as if it were all · CUT the connection ends within the file ·
    SMALL another size than ordered · EXPIRED the address is gone · FOREIGN an address at another
    host name · INCOMPLETE a text that breaks off
    """

    EMPTY = "empty"
    BLANK = "blank"
    HTML = "html"
    TRUNCATED = "truncated"
    CUT = "cut"
    SMALL = "small"
    EXPIRED = "expired"
    FOREIGN = "foreign"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Spoiled:
    """The work succeeds with an output that is worth nothing."""

    how: Spoil
    kind: Literal["spoiled"] = "spoiled"


class Shape(StrEnum):
    """How a prediction's output is written."""

    TEXT = "text"
    LIST = "list"
    DATA = "data"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Shaped:
    """Another shape than the model's own: an address, a list of them, or a data URI."""

    shape: Shape
    kind: Literal["shaped"] = "shaped"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Early:
    """A prediction that has its output while it still says `processing`, for `seconds`."""

    seconds: float = 1.0
    kind: Literal["early"] = "early"


class Delivery(StrEnum):
    """How webhooks arrive.

    LOST never · DUPLICATED each twice · LATE after `seconds` · SWAPPED the end before the start ·
    REPLAYED once more, with the timestamp of `seconds` ago · FORGED one more before the true one,
    which claims success and is signed with another secret
    """

    LOST = "lost"
    DUPLICATED = "duplicated"
    LATE = "late"
    SWAPPED = "swapped"
    REPLAYED = "replayed"
    FORGED = "forged"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Hooked:
    """The prediction's webhooks arrive in another way than they should."""

    how: Delivery
    seconds: float = 1.0
    kind: Literal["hooked"] = "hooked"


Fault: TypeAlias = (
    Throttled
    | Unpaid
    | Broken
    | Dropped
    | Hanging
    | Slow
    | Refused
    | Failed
    | Spoiled
    | Shaped
    | Early
    | Hooked
)
Faults: TypeAlias = tuple[Fault, ...]


def spoil_of(faults: Faults) -> Spoil | None:
    """Return how the output is spoilt, if it is."""
    return next((fault.how for fault in faults if isinstance(fault, Spoiled)), None)


def delay_of(faults: Faults) -> float:
    """Return by how many seconds the work takes longer."""
    return sum(fault.seconds for fault in faults if isinstance(fault, Slow))
