"""A prediction: what it is, and how the API shows it."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from secrets import choice as any_of
from urllib.parse import urlsplit

from twin.faults import Faults
from twin.replicate.models import Model, Work
from twin.values import Json, JsonObject

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


class Status(StrEnum):
    """Where a prediction stands; ABORTED: its deadline passed before it started."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    ABORTED = "aborted"

    @property
    def terminal(self) -> bool:
        """Whether nothing more happens."""
        return self not in (Status.STARTING, Status.PROCESSING)


@dataclass(frozen=True, slots=True)
class Hook:
    """Where to tell of a prediction, and of which events."""

    url: str
    events: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Prediction:
    """A prediction and what becomes of it."""

    id: str
    model: Model
    input: JsonObject
    request: str
    work: Work
    faults: Faults
    hook: Hook | None = None
    patience: timedelta | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: datetime | None = None
    completed: datetime | None = None
    status: Status = Status.STARTING
    output: Json = None
    error: str | None = None
    files: list[str] = field(default_factory=list[str])
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    answerable: asyncio.Event = field(default_factory=asyncio.Event)
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)
    held: list[JsonObject] = field(default_factory=list[JsonObject])
    removed: bool = False

    @property
    def deadline(self) -> datetime | None:
        """When it is given up, if at all."""
        return self.created + self.patience if self.patience else None

    def finish(self, status: Status, error: str | None = None) -> None:
        """Come to an end."""
        self.status = status
        self.error = error
        self.completed = datetime.now(UTC)
        self.answerable.set()

    def remove(self) -> None:
        """Lose what it was given and what it made."""
        self.removed = True
        self.input, self.output = {}, None


def new_id() -> str:
    """Return an id of 26 letters and digits."""
    return "".join(any_of(_LETTERS) for _ in range(26))


def shown(prediction: Prediction, base: str) -> JsonObject:
    """Return a prediction as the API shows it; `base` is the address it is reached by."""
    here = f"{base}/v1/predictions/{prediction.id}"
    body: JsonObject = {
        "id": prediction.id,
        "model": prediction.model.slug,
        # What Replicate says of most official models.
        "version": "hidden",
        "input": prediction.input,
        "logs": "",
        "output": prediction.output,
        "data_removed": prediction.removed,
        "error": prediction.error,
        "source": "api",
        "status": prediction.status.value,
        "created_at": stamp(prediction.created),
        "started_at": stamp(prediction.started),
        "completed_at": stamp(prediction.completed),
        "metrics": _metrics(prediction),
        "urls": {
            "get": here,
            "cancel": f"{here}/cancel",
            "web": f"{base}/p/{prediction.id}",
        },
    }
    return body | ({"deadline": stamp(prediction.deadline)} if prediction.deadline else {})


def stamp(at: datetime | None) -> str | None:
    """Return a time in milliseconds, as Replicate writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def base_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _metrics(prediction: Prediction) -> JsonObject:
    if prediction.completed is None or prediction.started is None:
        return {}
    seconds = prediction.completed - prediction.started
    return {
        "image_count": prediction.work.count,
        "predict_time": seconds.total_seconds(),
        "total_time": (prediction.completed - prediction.created).total_seconds(),
    }
