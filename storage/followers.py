"""Followers: each delivers its numbering without loss, repetition or disorder."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from storage.blips import patiently
from storage.entries import Entry
from storage.feeds import Feed


class Gone(Exception):
    """What comes next is kept no longer."""


@dataclass(slots=True, eq=False)
class Follower:
    """Delivers what comes after `cursor`, which is a workspace_seq; others may deliver the same.

    `place` is the number of the last entry delivered: 0 before the first, None where it is not
    kept. `ended` tells whether that entry is an end; believed only while nothing after it is
    known, and where the numbering is `finite`. What the feed does not hold is `read`, at this
    follower's own pace. Where it waits it is offered what comes, and delivers that by `offer` at
    once, or says no.
    """

    feed: Feed
    read: Callable[[int], Awaitable[Sequence[Entry]]]
    offer: Callable[[Sequence[Entry]], bool]
    cursor: int
    place: int | None
    ended: bool = False
    finite: bool = True
    _waiting: asyncio.Future[None] | None = field(default=None, init=False)

    async def more(self) -> Sequence[Entry]:
        """Return the next entries, waiting for one, and none at the end; raise `Gone`."""
        while True:
            entries = None if self.place is None else self.feed.after(self.place)
            if entries is None:
                entries = await self._read()
            elif not entries and self.ended:
                return entries
            if entries:
                self._delivered(entries)
                return entries
            if self.place is not None and not self.ended:
                await self._grown()

    def look(self) -> bool:
        """Deliver what has come, at once or in `more`; tell whether all of it is delivered."""
        waiting = self._waiting
        if waiting is None or waiting.done():
            return False
        try:
            content = self._offered()
        except Exception:  # noqa: BLE001 - it is for this follower to fail, not for its feed
            content = False
        if not content:
            waiting.set_result(None)
        return self.place == self.feed.last

    def _offered(self) -> bool:
        """Tell whether all that has come is delivered, and there may be more."""
        while self.place is not None and (entries := self.feed.after(self.place)):
            if not self.offer(entries):
                return False
            self._delivered(entries)
            if self.place == self.feed.last:
                return not self.ended and not self.feed.closed
        return False

    async def _grown(self) -> None:
        self.feed.require_open()
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    def _delivered(self, entries: Sequence[Entry]) -> None:
        last = entries[-1]
        self.place = self.feed.number(last)
        self.cursor = last.workspace_seq
        self.ended = self.finite and last.ends

    async def _read(self) -> Sequence[Entry]:
        known = self.feed.last
        entries = await patiently(partial(self.read, self.cursor))
        if not entries and self.place is None:
            # Nothing is kept of what was before, and nothing came since.
            self.place = known
        elif self.place is not None and (
            not entries or self.feed.number(entries[0]) != self.place + 1
        ):
            raise Gone
        return entries
