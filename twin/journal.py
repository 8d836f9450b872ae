"""What the twin was asked, so that a test can see what arrived."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request

from twin.requests import Call, abridged
from twin.values import Json, JsonObject

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A request: when, what, with which input; files in it are named by their digest."""

    at: datetime
    call: Call
    address: str
    authorized: bool
    retry: str
    input: Json

    def shown(self) -> JsonObject:
        """Return it as JSON."""
        return {
            "at": self.at.isoformat(),
            "provider": self.call.provider,
            "endpoint": self.call.endpoint,
            "model": self.call.model,
            "address": self.address,
            "authorized": self.authorized,
            "retry": self.retry,
            "input": self.input,
        }


class Journal:
    """The latest requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)

    def note(self, request: Request, call: Call, given: Json) -> None:
        """Keep a request, also one that will be refused."""
        headers = request.headers
        self._entries.append(
            Entry(
                datetime.now(UTC),
                call,
                str(request.url),
                "authorization" in headers,
                headers.get("x-stainless-retry-count", "0"),
                abridged(given),
            )
        )

    def shown(self) -> list[Json]:
        """Return every entry as JSON."""
        return [entry.shown() for entry in self._entries]
