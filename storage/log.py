"""Reading the log of what happened."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from pipeline.domain import GenerationId, WorkspaceId
from pipeline.errors import StreamRefused
from pipeline.events import Event
from storage.database import Executor
from storage.events import decode_change

HEAD = "select coalesce((select seq from event_heads where workspace_id = $1), 0)"

EXTENT = """
select coalesce((select seq from event_heads where workspace_id = $1), 0) as head,
       (select min(workspace_seq) from generation_events where workspace_id = $1) as oldest
"""

KNOWN = """
select exists (select from generations where id = $2 and workspace_id = $1)
    or exists (select from generation_events where generation_id = $2 and workspace_id = $1)
"""

LATEST = """
select workspace_id, workspace_seq, generation_id, seq, at, kind, payload
  from generation_events
 where generation_id = $2 and workspace_id = $1 and workspace_seq <= $3
 order by seq desc
 limit 1
"""

READ = """
select workspace_id, workspace_seq, generation_id, seq, at, kind, payload
  from generation_events
 where workspace_id = $1 and workspace_seq > $2
 order by workspace_seq
 limit $3
"""

READ_GENERATION = """
select workspace_id, workspace_seq, generation_id, seq, at, kind, payload
  from generation_events
 where generation_id = $2 and workspace_id = $1 and workspace_seq > $3
 order by seq
 limit $4
"""

BATCH = 200


@dataclass(frozen=True, slots=True)
class Extent:
    """From where to where a workspace's log is kept; `oldest` is `head` + 1 where nothing is."""

    oldest: int
    head: int


@dataclass(frozen=True, slots=True)
class Log:
    """The events of all workspaces, read in batches of at most `BATCH`."""

    db: Executor

    async def head(self, workspace: WorkspaceId) -> int:
        head: int = await self.db.fetchval(HEAD, workspace)
        return head

    async def extent(self, workspace: WorkspaceId) -> Extent:
        (row,) = await self.db.fetch(EXTENT, workspace)
        head: int = row["head"]
        return Extent(head + 1 if row["oldest"] is None else row["oldest"], head)

    async def knows(self, workspace: WorkspaceId, generation: GenerationId) -> bool:
        """Tell whether the generation is there, or was and left events."""
        known: bool = await self.db.fetchval(KNOWN, workspace, generation)
        return known

    async def latest(
        self, workspace: WorkspaceId, generation: GenerationId, until: int
    ) -> Event | None:
        """Return the generation's last event up to and with workspace_seq `until`."""
        row = await self.db.fetchrow(LATEST, workspace, generation, until)
        return None if row is None else _event(row)

    async def read(self, workspace: WorkspaceId, after: int) -> Sequence[Event]:
        return [_event(row) for row in await self.db.fetch(READ, workspace, after, BATCH)]

    async def read_generation(
        self, workspace: WorkspaceId, generation: GenerationId, after: int
    ) -> Sequence[Event]:
        """Return the generation's events with a workspace_seq above `after`."""
        rows = await self.db.fetch(READ_GENERATION, workspace, generation, after, BATCH)
        return [_event(row) for row in rows]


def expired(oldest: int) -> StreamRefused:
    """Return the refusal of a position before the `oldest` event that is kept."""
    return StreamRefused(
        "CURSOR_EXPIRED",
        "Events after this cursor are no longer kept; resumeAt is the oldest that can be used.",
        resume_at=oldest - 1,
    )


def _event(row: asyncpg.Record) -> Event:
    return Event(
        generation_id=GenerationId(row["generation_id"]),
        workspace=WorkspaceId(row["workspace_id"]),
        seq=row["seq"],
        workspace_seq=row["workspace_seq"],
        at=row["at"],
        change=decode_change(row["kind"], row["payload"]),
    )
