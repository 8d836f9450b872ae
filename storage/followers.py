"""Followers: each delivers its numbering without loss, repetition or disorder."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from storage.entries import Entry
from storage.feeds import Feed
from storage.patience import patiently


class Gone(Exception):
    """What comes next is kept no longer."""


@dataclass(slots=True)
class Follower:
    """Delivers what comes after `cursor`, which is a workspace_seq; others may deliver the same.

    `place` is the number of the last entry delivered: 0 before the first, None where it is not
    kept. `ended` tells whether that entry is an end; believed only while nothing after it is
    known, and where the numbering is `finite`. What the feed does not hold is `read`, at this
    follower's own pace.
    """

    feed: Feed
    read: Callable[[int], Awaitable[Sequence[Entry]]]
    cursor: int
    place: int | None
    ended: bool = False
    finite: bool = True

    async def more(self) -> Sequence[Entry]:
        """Return the next entries, waiting for one, and none at the end; raise `Gone`."""
        while True:
            place = self.place
            entries = None if place is None else self.feed.after(place)
            if entries is None:
                entries = await self._read()
            elif not entries and self.ended:
                return entries
            if entries:
                return self._delivering(entries)
            if self.place is not None and not self.ended:
                await self.feed.grown(self.place)

    def _delivering(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        last = entries[-1]
        self.place = self.feed.number(last)
        self.cursor = last.workspace_seq
        self.ended = self.finite and last.ends
        return entries

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
