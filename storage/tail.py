"""The newest events of a workspace, held for those who follow it or one of its generations."""

from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from pipeline.domain import GenerationId
from storage.entries import Entry, by_seq, by_workspace_seq
from storage.feeds import Feed

_MOST_HELD = 512
_MOST_CHARACTERS = 512 * 1024


class Tail:
    """A workspace's log from where it began to be followed here, up to and with `last`.

    An entry goes to the feeds it concerns and to no others, so its cost does not grow with the
    number of generations that are followed. Those that come while somebody is behind are held until
    newer ones push them out, 512 entries and 512 KB at most; who needs older ones reads the log.
    """

    def __init__(self) -> None:
        self.last: int | None = None
        self._feeds: dict[GenerationId | None, Feed] = {}
        self._held = deque[Entry]()
        self._characters = 0

    @property
    def followed(self) -> bool:
        return bool(self._feeds)

    @contextmanager
    def feed(self, generation: GenerationId | None) -> Generator[Feed]:
        """Give the feed of a generation, or of the whole workspace."""
        number = by_workspace_seq if generation is None else by_seq
        feed = self._feeds.setdefault(generation, Feed(number))
        feed.followers += 1
        try:
            yield feed
        finally:
            feed.followers -= 1
            if not feed.followers:
                del self._feeds[generation]

    def begin(self, head: int) -> None:
        """Follow from `head` on; the first call counts."""
        if self.last is None:
            self.last = head

    def continued_by(self, entries: Sequence[Entry]) -> bool:
        """Tell whether they come next: not where the log was restored, or pruned up to here."""
        return entries[0].workspace_seq - 1 == self.last

    def add(self, entries: Sequence[Entry]) -> None:
        """Hand on what was read after `last`."""
        self.last = entries[-1].workspace_seq
        touched = dict[Feed, None]()
        for entry in entries:
            for feed in self._concerned(entry):
                feed.add(entry)
                touched[feed] = None
        behind = {feed for feed in touched if feed.wake()}
        if behind:
            for entry in entries:
                if not behind.isdisjoint(self._concerned(entry)):
                    self._hold(entry)

    def close(self) -> None:
        for feed in self._feeds.values():
            feed.close()

    def _concerned(self, entry: Entry) -> Sequence[Feed]:
        own, every = self._feeds.get(entry.generation), self._feeds.get(None)
        if own is None:
            return () if every is None else (every,)
        return (own,) if every is None else (own, every)

    def _hold(self, entry: Entry) -> None:
        self._held.append(entry)
        self._characters += entry.size
        while len(self._held) > _MOST_HELD or self._characters > _MOST_CHARACTERS:
            self._drop()

    def _drop(self) -> None:
        oldest = self._held.popleft()
        self._characters -= oldest.size
        for feed in self._concerned(oldest):
            feed.drop(oldest)
