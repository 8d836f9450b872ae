"""Removing objects that nothing of their workspace refers to any more."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from pipeline.domain import WorkspaceId
from pipeline.errors import StoreUnreachable
from pipeline.ports import Objects
from pipeline.storing import LOCKED_SECONDS
from storage.database import Executor, transaction
from storage.locks import LOCK_OBJECTS

REMOVE_UNREFERRED = """
insert into object_removals (workspace_id, object_key, created_at)
select $1, key, now() + $3::interval
  from unnest($2::text[]) as key
 where not exists (select from generation_assets a where a.workspace_id = $1 and a.object_key = key)
on conflict do nothing
"""

NEXT_REMOVALS = """
select workspace_id, object_key from object_removals
 where created_at <= now()
 order by created_at, object_key limit $1
"""

DROP_REMOVAL = """
delete from object_removals
 where workspace_id = $1 and object_key = $2
returning not exists (select from generation_assets a
                       where a.workspace_id = $1 and a.object_key = $2)
"""

BATCH = 100


async def remove_unreferred(
    db: Executor, workspace: WorkspaceId, keys: Sequence[str], *, after: timedelta = timedelta(0)
) -> None:
    """Have those objects removed that nothing of the workspace refers to, not before `after`."""
    await db.execute(REMOVE_UNREFERRED, workspace, keys, after)


@dataclass(frozen=True, slots=True)
class Removals:
    """The outbox of object deletions; each may hold its workspace's lock so many seconds."""

    db: asyncpg.Pool
    objects: Objects
    patience: float = LOCKED_SECONDS

    async def work_off(self) -> int:
        """Remove what is due, at most a batch; return how many objects went."""
        gone = 0
        for row in await self.db.fetch(NEXT_REMOVALS, BATCH):
            async with transaction(self.db) as connection:
                workspace = WorkspaceId(row["workspace_id"])
                gone += await self._remove(connection, workspace, row["object_key"])
        return gone

    async def _remove(self, connection: Executor, workspace: WorkspaceId, key: str) -> bool:
        await connection.execute(LOCK_OBJECTS, workspace)
        if not await connection.fetchval(DROP_REMOVAL, workspace, key):
            return False
        try:
            async with asyncio.timeout(self.patience):
                await self.objects.delete(key)
        except TimeoutError as error:
            # The transaction is undone with this, so that the object stays on the list.
            raise StoreUnreachable("The object store answers too slowly") from error
        return True
