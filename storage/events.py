"""The log: what happened to each generation, numbered without gaps."""

from collections.abc import Sequence
from typing import Protocol

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

_KINDS: dict[str, type[Change]] = {
    kind.__name__: kind
    for kind in (StatusChanged, StageChanged, StageProgress, AssetCreated, GenerationDeleted)
}

TAKE_SEQ = """
update generations set last_seq = last_seq + $2, updated_at = clock_timestamp()
 where id = $1
returning last_seq
"""

TAKE_WORKSPACE_SEQ = """
insert into event_heads (workspace_id, seq) values ($1, $2)
on conflict (workspace_id) do update set seq = event_heads.seq + $2
returning seq
"""

APPEND = """
insert into generation_events (workspace_id, workspace_seq, generation_id, seq, kind, payload)
select $1, $2 + change.place, $3, $4 + change.place, change.kind, change.payload
  from unnest($5::text[], $6::jsonb[]) with ordinality as change (kind, payload, place)
"""


class Bell(Protocol):
    """Tells every process that a workspace's log grew; never blocks, may be lost."""

    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None: ...


async def append(
    connection: Executor,
    workspace: WorkspaceId,
    generation: GenerationId,
    changes: Sequence[Change],
) -> int:
    """Append `changes` as the last writes of a transaction; return the last workspace_seq.

    The generation's row is locked first and the workspace's head last, so both numberings
    follow the order of commits.
    """
    seq: int = await connection.fetchval(TAKE_SEQ, generation, len(changes))
    return await append_after(connection, workspace, generation, seq - len(changes), changes)


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
        APPEND,
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
