"""What was published and is not yet read, and how well that goes."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from broadcaster import BroadcastBackend, Event

RESYNC: Final = "resync"
"""The message that says: some may have been missed, look for yourself."""


@dataclass(slots=True)
class Pulse:
    """How a backend of the named `kind` fares, counted since the process started.

    `connected` is None while nobody listens; `since` is when it became so, on the monotonic
    clock. `lost` messages found the inbox full; each time, as after each of the `connections`
    but the first, a resync is said in their place. `reason` is why it was lost last.
    """

    kind: str
    connected: bool | None = None
    since: float = field(default_factory=time.monotonic)
    connections: int = 0
    resyncs: int = 0
    lost: int = 0
    failed: int = 0
    reason: str = ""

    @property
    def reconnects(self) -> int:
        return max(self.connections - 1, 0)

    def note(self, *, connected: bool | None) -> None:
        """Note whether it is connected from now on."""
        if connected is not self.connected:
            self.connected = connected
            self.since = time.monotonic()
            self.connections += connected is True


class Inbox:
    """Messages of the subscribed `channels`; when it overflows, a resync takes their place."""

    def __init__(self, pulse: Pulse, size: int = 1000) -> None:
        self.channels = set[str]()
        self._pulse = pulse
        self._size = size
        self._messages = deque[Event]()
        self._missed = dict[str, None]()
        self._some = asyncio.Event()

    def put(self, channel: str, message: str) -> None:
        if channel not in self.channels:
            return
        if len(self._messages) >= self._size:
            self._pulse.lost += len(self._messages) + 1
            self._messages.clear()
            self.resync(self.channels)
        else:
            self._messages.append(Event(channel, message))
            self._some.set()

    def resync(self, channels: Iterable[str]) -> None:
        """Tell these channels, before anything else, that messages may have been missed."""
        self._pulse.resyncs += 1
        self._missed.update(dict.fromkeys(channels))
        self._some.set()

    async def get(self) -> Event:
        while not (self._missed or self._messages):
            self._some.clear()
            await self._some.wait()
        if self._missed:
            return Event(self._missed.popitem()[0], RESYNC)
        return self._messages.popleft()


class Backend(BroadcastBackend):
    """What our backends share: nothing waits in subscribing, so that two can't race."""

    def __init__(self, kind: str) -> None:
        self.pulse = Pulse(kind)
        self._inbox = Inbox(self.pulse)

    async def subscribe(self, group: str) -> None:
        """Listen to it soon; a resync tells when, unless that is at once."""
        self._inbox.channels.add(group)

    async def unsubscribe(self, group: str) -> None:
        self._inbox.channels.discard(group)

    async def next_published(self) -> Event:
        return await self._inbox.get()
