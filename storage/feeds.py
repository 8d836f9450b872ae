"""Numberings that are followed here: of a workspace, or of one generation."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager

from pipeline.errors import StreamRefused
from storage.entries import Entry

MOST_TAKEN = 32
_MOST_CHARACTERS = 16 * 1024


class Feed:
    """The newest entries of one numbering, without gaps, for all who follow it.

    `last` is the last number that is known; its entry may be held no longer.
    """

    def __init__(self, number: Callable[[Entry], int]) -> None:
        self.number = number
        self.last = 0
        self.followers = 0
        self._recent: list[Entry] = []
        self._looks = set[Callable[[], bool]]()
        self.closed = False

    def after(self, place: int) -> Sequence[Entry] | None:
        """Return what is known to come next; None where it is not held.

        Not all at once: who stalls holds no more than it has taken.
        """
        if place >= self.last:
            return ()
        recent = self._recent
        if not recent or self.number(recent[-1]) <= place or self.number(recent[0]) > place + 1:
            return None
        if self.number(recent[-1]) == place + 1:
            return (recent[-1],)
        start = place + 1 - self.number(recent[0])
        return sized(recent[start : start + MOST_TAKEN])

    @contextmanager
    def followed(self, look: Callable[[], bool]) -> Generator[None]:
        """Have `look` called, while the body runs, when the numbering has grown.

        It tells whether its follower has all of it by then.
        """
        self._looks.add(look)
        try:
            yield
        finally:
            self._looks.discard(look)

    def require_open(self) -> None:
        """Raise `StreamRefused` where the numbering will not grow any more."""
        if self.closed:
            raise StreamRefused("SERVER_CLOSING", "The server is closing; subscribe again.")

    def known(self, last: int) -> None:
        """Learn that the numbering reaches to `last`."""
        self.last = max(self.last, last)

    def add(self, entry: Entry) -> None:
        """Hold the next entry; they look after `wake`, once for all that were added."""
        self._recent.append(entry)
        self.known(self.number(entry))

    def drop(self, entry: Entry) -> None:
        """Hold the oldest entry no longer; it may be older than the feed."""
        if self._recent and self._recent[0] is entry:
            self._recent.pop(0)

    def wake(self) -> bool:
        """Let those who follow look; tell whether any is behind, and hold nothing if none is."""
        behind = False
        for look in tuple(self._looks):
            behind |= not look()
        if not behind:
            self._recent.clear()
        return behind

    def close(self) -> None:
        """End what is still followed."""
        self.closed = True
        self.wake()


def sized(entries: Iterable[Entry]) -> Sequence[Entry]:
    """Return as many as have 16 KB together, and one at least where there is one."""
    taken: list[Entry] = []
    characters = 0
    for entry in entries:
        characters += entry.size
        if taken and characters > _MOST_CHARACTERS:
            break
        taken.append(entry)
    return taken
