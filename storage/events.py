"""The log: what happened to each generation, numbered without gaps."""

from collections.abc import Sequence
from typing import LiteralString, Protocol

from pipeline.domain import GenerationId, WorkspaceId
from pipeline.events import (
    AssetCreated,
    Change,
    GenerationDeleted,
    StageChanged,
    StageProgress,
    StatusChanged,
)
from storage.codec import decode_json, encode
from storage.database import Executor

# The log holds these names: a class that is renamed can't be read back.
_KINDS: dict[str, type[Change]] = {
    kind.__name__: kind
    for kind in (StatusChanged, StageChanged, StageProgress, AssetCreated, GenerationDeleted)
}

# The caller has locked the generation's row; the row of the workspace's head is the last lock.
APPEND = """
with run as (
  update generations set last_seq = last_seq + cardinality($3::text[]),
         updated_at = clock_timestamp()
   where id = $2
  returning last_seq),
head as (
  insert into event_heads as known (workspace_id, seq)
  select $1, cardinality($3::text[]) from run
  on conflict (workspace_id) do update set seq = known.seq + excluded.seq
  returning seq),
written as (
  insert into generation_events (workspace_id, workspace_seq, generation_id, seq, kind, payload)
  select $1, head.seq - cardinality($3::text[]) + change.place, $2,
         run.last_seq - cardinality($3::text[]) + change.place, change.kind, change.payload
    from run cross join head
   cross join unnest($3::text[], $4::jsonb[]) with ordinality as change (kind, payload, place))
select seq from head
"""

# Likewise as parts of a statement, for the one `change` of a `run` that has counted it.
HEAD = """
head as (
  insert into event_heads as known (workspace_id, seq)
  select workspace_id, 1 from run
  on conflict (workspace_id) do update set seq = known.seq + excluded.seq
  returning seq)
"""
WRITTEN = """
written as (
  insert into generation_events (workspace_id, workspace_seq, generation_id, seq, kind, payload)
  select run.workspace_id, head.seq, run.id, run.last_seq, change.kind, change.payload
    from run cross join head cross join change)
"""

TAKE_WORKSPACE_SEQ = """
insert into event_heads (workspace_id, seq) values ($1, $2)
on conflict (workspace_id) do update set seq = event_heads.seq + $2
returning seq
"""

APPEND_AFTER = """
insert into generation_events (workspace_id, workspace_seq, generation_id, seq, kind, payload)
select $1, $2 + change.place, $3, $4 + change.place, change.kind, change.payload
  from unnest($5::text[], $6::jsonb[]) with ordinality as change (kind, payload, place)
"""


class Bell(Protocol):
    """Tells every process that a workspace's log grew; never blocks, may be lost."""

    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None: ...


def composed(*parts: LiteralString) -> LiteralString:
    """Return the statement of these parts, of which the last one is the `answer`."""
    return f"with {', '.join(parts)} table answer"


async def append(
    connection: Executor,
    workspace: WorkspaceId,
    generation: GenerationId,
    changes: Sequence[Change],
) -> int:
    """Append `changes` as the last writes of a transaction; return the last workspace_seq.

    The caller has locked the generation's row, and the workspace's head is locked last, so both
    numberings follow the order of commits.
    """
    kinds = [type(change).__name__ for change in changes]
    payloads = [encode(change) for change in changes]
    seq: int | None = await connection.fetchval(APPEND, workspace, generation, kinds, payloads)
    if seq is None:
        raise LookupError(f"there is no generation {generation}")
    return seq


async def append_after(
    connection: Executor,
    workspace: WorkspaceId,
    generation: GenerationId,
    seq: int,
    changes: Sequence[Change],
) -> int:
    """Append likewise, numbered from `seq` on: for a generation whose row is gone."""
    count = len(changes)
    workspace_seq: int = await connection.fetchval(TAKE_WORKSPACE_SEQ, workspace, count)
    await connection.execute(
        APPEND_AFTER,
        workspace,
        workspace_seq - count,
        generation,
        seq,
        [type(change).__name__ for change in changes],
        [encode(change) for change in changes],
    )
    return workspace_seq


def decode_text(kind: str, payload: str) -> Change:
    """Return the change that was stored, from its column as text."""
    return decode_json(_KINDS[kind], payload)
