"""Followers: each delivers its numbering without loss, repetition or disorder."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain import GenerationId, WorkspaceId
from pipeline.events import Event, GenerationDeleted, StatusChanged
from storage.log import BATCH, Log, expired
from storage.tail import Tail


@dataclass(slots=True)
class WorkspaceFollower:
    """Delivers what comes after `cursor`, by workspace_seq, for ever."""

    log: Log
    tail: Tail
    workspace: WorkspaceId
    cursor: int

    async def more(self) -> Sequence[Event]:
        """Return the next events, waiting for one; raise `StreamRefused` where they are gone."""
        while True:
            events = self.tail.after(self.cursor)
            if events is None:
                events = await self.log.read(self.workspace, self.cursor)
                await self._check(events)
            if events:
                self.cursor = events[-1].workspace_seq
                return events
            await self.tail.grown()

    async def _check(self, events: Sequence[Event]) -> None:
        if not events or events[0].workspace_seq != self.cursor + 1:
            raise expired((await self.log.extent(self.workspace)).oldest)


@dataclass(slots=True)
class GenerationFollower:
    """Delivers one generation's events that come after `cursor`, by seq, to the last.

    `seq` is that of the last event delivered: 0 before the first, None where it is not kept.
    `head` is how far the log reached on subscribing; no end before that is believed.
    """

    log: Log
    tail: Tail
    workspace: WorkspaceId
    generation: GenerationId
    cursor: int
    head: int
    seq: int | None
    ended: bool

    async def more(self) -> Sequence[Event]:
        """Return the next events, waiting for one, and none at the end."""
        while True:
            events = await self._next()
            if events:
                self.seq = events[-1].seq
                self.ended = ends(events[-1])
                return events
            if self.ended and self.cursor >= self.head:
                return events
            if self.cursor >= self.tail.last:
                await self.tail.grown()

    async def _next(self) -> Sequence[Event]:
        """Return what is known to come after the cursor, and move it on."""
        seen = self.tail.last
        recent = self.tail.after(self.cursor)
        if recent is not None:
            self.cursor = max(self.cursor, seen)
            return [event for event in recent if event.generation_id == self.generation]
        events = await self.log.read_generation(self.workspace, self.generation, self.cursor)
        await self._check(events)
        if len(events) == BATCH:
            self.cursor = events[-1].workspace_seq
        else:
            self.cursor = max(seen, self.head, *(event.workspace_seq for event in events[-1:]))
        return events

    async def _check(self, events: Sequence[Event]) -> None:
        unborn = self.seq == 0 and not events
        gap = self.seq is not None and events and events[0].seq != self.seq + 1
        if unborn or gap:
            raise expired((await self.log.extent(self.workspace)).oldest)


def ends(event: Event) -> bool:
    """Tell whether nothing comes after it without a retry."""
    match event.change:
        case StatusChanged(status=status):
            return status.terminal
        case GenerationDeleted():
            return True
        case _:
            return False
