"""Removing objects that nothing of their workspace refers to any more."""

from dataclasses import dataclass

import asyncpg

from pipeline.domain import WorkspaceId
from pipeline.ports import Objects
from storage.database import Executor, transaction
from storage.locks import LOCK_OBJECTS

NEXT_REMOVALS = """
select workspace_id, object_key from object_removals order by created_at, object_key limit $1
"""

DROP_REMOVAL = """
delete from object_removals
 where workspace_id = $1 and object_key = $2
returning not exists (select from generation_assets a
                       where a.workspace_id = $1 and a.object_key = $2)
"""

BATCH = 100


@dataclass(frozen=True, slots=True)
class Removals:
    """The outbox of object deletions."""

    db: asyncpg.Pool
    objects: Objects

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
        await self.objects.delete(key)
        return True
