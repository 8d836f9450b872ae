"""Storing a photo ahead of its run, so that it goes again where there is no run."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

from pipeline.domain import StoredImage, WorkspaceId
from pipeline.ports import Objects
from storage.database import CONNECTION_LOST, Executor
from storage.removals import remove_unreferred

HURRY_REMOVAL = """
update object_removals set created_at = least(created_at, now())
 where workspace_id = $1 and object_key = $2
"""

# Longer than an upload and its transaction take, also where both are slow.
_UNDER_WAY: Final = timedelta(minutes=10)


@asynccontextmanager
async def stored_ahead(
    db: Executor, objects: Objects, workspace: WorkspaceId, image: StoredImage, content: bytes
) -> AsyncGenerator[None]:
    """Have the image stored while the body runs, and after it only where a row refers to it.

    Its removal is on record before it is stored, so it goes even if this process ends here.
    """
    await remove_unreferred(db, workspace, [image.key], after=_UNDER_WAY)
    try:
        await objects.put(image.key, content, image.content_type)
        yield
    finally:
        with suppress(*CONNECTION_LOST):
            await db.execute(HURRY_REMOVAL, workspace, image.key)
