"""Rows of the log, decoded when somebody looks, and once for all who look."""

from collections.abc import Callable
from typing import TypeVar, cast

import asyncpg

from pipeline.domain import GenerationId, WorkspaceId
from pipeline.events import Event, GenerationDeleted, StatusChanged
from storage.events import decode_text

T = TypeVar("T")

_MOST_KEPT = 8
_ENDINGS = (StatusChanged.__name__, GenerationDeleted.__name__)


class Entry:
    """One event of the log; `size` is that of its payload, in characters."""

    __slots__ = ("_event", "_made", "_row", "generation", "seq", "size", "workspace_seq")

    def __init__(self, row: asyncpg.Record) -> None:
        self._row = row
        self._event: Event | None = None
        self._made: dict[Callable[[Event], object], object] = {}
        self.generation: GenerationId = row["generation_id"]
        self.seq: int = row["seq"]
        self.workspace_seq: int = row["workspace_seq"]
        self.size = len(row["payload"])

    @property
    def event(self) -> Event:
        if self._event is None:
            row = self._row
            self._event = Event(
                generation_id=self.generation,
                workspace=WorkspaceId(row["workspace_id"]),
                seq=self.seq,
                workspace_seq=self.workspace_seq,
                at=row["at"],
                change=decode_text(row["kind"], row["payload"]),
            )
        return self._event

    @property
    def ends(self) -> bool:
        """Whether nothing comes after it without a retry."""
        if self._row["kind"] not in _ENDINGS:
            return False
        change = self.event.change
        return not isinstance(change, StatusChanged) or change.status.terminal

    def made(self, make: Callable[[Event], T]) -> T:
        """Return what `make` makes of the event; made once, for all who give the same `make`."""
        if make in self._made:
            return cast("T", self._made[make])
        if len(self._made) == _MOST_KEPT:
            self._made.clear()
        made = make(self.event)
        self._made[make] = made
        return made


def by_seq(entry: Entry) -> int:
    """Return its number in its generation."""
    return entry.seq


def by_workspace_seq(entry: Entry) -> int:
    """Return its number in its workspace."""
    return entry.workspace_seq
