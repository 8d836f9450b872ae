"""The lock of a workspace's objects: whoever refers to one, or removes one, holds it."""

from pipeline.domain import WorkspaceId
from storage.database import Executor

# Taken behind the row of a generation and ahead of the head of the log, by all who take several:
# in another order two of them could wait for each other.
LOCK_OBJECTS = "select pg_advisory_xact_lock(hashtextextended('objects:' || $1::uuid::text, 0))"

KEEP_OBJECT = "delete from object_removals where workspace_id = $1 and object_key = $2"


async def lock_objects(connection: Executor, workspace: WorkspaceId) -> None:
    """Wait for the lock; it goes with the transaction."""
    await connection.execute(LOCK_OBJECTS, workspace)


async def keep_object(connection: Executor, workspace: WorkspaceId, key: str) -> None:
    """Take the object off the list of those to remove."""
    await connection.execute(KEEP_OBJECT, workspace, key)
