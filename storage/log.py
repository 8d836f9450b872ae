"""Reading the log of what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain import GenerationId, WorkspaceId
from pipeline.errors import StreamRefused
from storage.database import Executor
from storage.entries import Entry
from storage.feeds import MOST_TAKEN, sized

HEAD = "select coalesce((select seq from event_heads where workspace_id = $1), 0)"

EXTENT = """
select coalesce((select seq from event_heads where workspace_id = $1), 0) as head,
       (select min(workspace_seq) from generation_events
         where workspace_id = $1 and workspace_seq > $2) as next
"""

STANDING = """
select coalesce(
         (select last_seq from generations where id = $2 and workspace_id = $1),
         (select max(seq) from generation_events where generation_id = $2 and workspace_id = $1)
       ) as last,
       coalesce(
         (select status in ('COMPLETED', 'FAILED', 'CANCELLED')
            from generations where id = $2 and workspace_id = $1),
         true
       ) as over
"""

# Payloads come as text: they are decoded once for all who follow, or for nobody.
LATEST = """
select workspace_id, workspace_seq, generation_id, seq, at, kind, payload::text as payload
  from generation_events
 where generation_id = $2 and workspace_id = $1 and workspace_seq <= $3
 order by seq desc
 limit 1
"""

READ = """
select workspace_id, workspace_seq, generation_id, seq, at, kind, payload::text as payload
  from generation_events
 where workspace_id = $1 and workspace_seq > $2
 order by workspace_seq
 limit $3
"""

READ_GENERATION = """
select workspace_id, workspace_seq, generation_id, seq, at, kind, payload::text as payload
  from generation_events
 where generation_id = $2 and workspace_id = $1 and workspace_seq > $3
 order by seq
 limit $4
"""

READ_SEVERAL = """
select event.*
  from unnest($1::uuid[], $2::bigint[]) as place (workspace_id, workspace_seq)
 cross join lateral (
   select one.workspace_id, one.workspace_seq, one.generation_id, one.seq, one.at, one.kind,
          one.payload::text as payload
     from generation_events as one
    where one.workspace_id = place.workspace_id and one.workspace_seq > place.workspace_seq
    order by one.workspace_seq
    limit $3
 ) as event
 order by event.workspace_id, event.workspace_seq
"""

BATCH = 500


@dataclass(frozen=True, slots=True)
class Extent:
    """A workspace's log after a place: the `next` event that is kept, and the last one.

    `next` is `head` + 1 where none is.
    """

    next: int
    head: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a generation's numbering stands; `over` where nothing more comes without a retry."""

    last: int
    over: bool


@dataclass(frozen=True, slots=True)
class Log:
    """The events of all workspaces."""

    db: Executor

    async def head(self, workspace: WorkspaceId) -> int:
        head: int = await self.db.fetchval(HEAD, workspace)
        return head

    async def extent(self, workspace: WorkspaceId, after: int) -> Extent:
        (row,) = await self.db.fetch(EXTENT, workspace, after)
        head: int = row["head"]
        return Extent(head + 1 if row["next"] is None else row["next"], head)

    async def standing(self, workspace: WorkspaceId, generation: GenerationId) -> Standing | None:
        """Return None where the generation is not there, unless it was and left events."""
        (row,) = await self.db.fetch(STANDING, workspace, generation)
        return None if row["last"] is None else Standing(row["last"], row["over"])

    async def latest(
        self, workspace: WorkspaceId, generation: GenerationId, until: int
    ) -> Entry | None:
        """Return the generation's last event up to and with workspace_seq `until`."""
        row = await self.db.fetchrow(LATEST, workspace, generation, until)
        return None if row is None else Entry(row)

    async def read(self, workspace: WorkspaceId, after: int) -> Sequence[Entry]:
        """Return the next events, few enough to hold for each who reads by himself."""
        rows = await self.db.fetch(READ, workspace, after, MOST_TAKEN)
        return sized(map(Entry, rows))

    async def read_generation(
        self, workspace: WorkspaceId, generation: GenerationId, after: int
    ) -> Sequence[Entry]:
        """Return likewise the generation's events with a workspace_seq above `after`."""
        rows = await self.db.fetch(READ_GENERATION, workspace, generation, after, MOST_TAKEN)
        return sized(map(Entry, rows))

    async def read_several(
        self, places: Mapping[WorkspaceId, int]
    ) -> Mapping[WorkspaceId, Sequence[Entry]]:
        """Return what comes after a place in each workspace, `BATCH` at most, where there is."""
        rows = await self.db.fetch(READ_SEVERAL, [*places], [*places.values()], BATCH)
        found: dict[WorkspaceId, list[Entry]] = {}
        for row in rows:
            found.setdefault(row["workspace_id"], []).append(Entry(row))
        return found


def expired(following: int) -> StreamRefused:
    """Return the refusal of a place that has lost what came next; `following` is what is kept."""
    return StreamRefused(
        "CURSOR_EXPIRED",
        "Events after this cursor are no longer kept; resumeAt is the oldest that can be used.",
        resume_at=following - 1,
    )
