"""Objects that nothing refers to, and references to objects that are not there.

Both sides are read in the order of the keys, side by side, so that however many there are only a
page of each is held.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from pipeline.domain import WorkspaceId
from pipeline.ports import Objects
from storage.objects import is_key
from storage.removals import Removals, remove_unreferred
from storage.s3_client import S3Client

# Bytewise, as an object store sorts. A draft that waits in the same store is no orphan.
REFERRED = """
select key, bool_or(delivered) as delivered
  from (select object_key collate "C" as key, true as delivered from generation_assets
        union all
        select (draft ->> 'key') collate "C", false from generation_slots
         where draft is not null and asset_id is null) as referred
 group by key
 order by key
"""

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as the store lists it."""

    key: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Referred:
    """A key that the database names; what is not `delivered` may lie elsewhere yet."""

    key: str
    delivered: bool


async def in_folder(root: Path) -> AsyncGenerator[Stored]:
    """Yield what lies below a folder, by key."""
    for workspace in await asyncio.to_thread(_folders, root):
        for one in await asyncio.to_thread(_files, root / workspace):
            yield one


async def in_bucket(client: S3Client, bucket: str, *, page: int = _PAGE) -> AsyncGenerator[Stored]:
    """Yield what lies in a bucket, by key."""
    more: Mapping[str, Any] = {}
    while True:
        found = await client.list_objects_v2(Bucket=bucket, MaxKeys=page, **more)
        for one in found.get("Contents", ()):
            if is_key(one["Key"]):
                yield Stored(one["Key"], one["Size"], one["LastModified"])
        if not found.get("IsTruncated"):
            return
        more = {"ContinuationToken": found["NextContinuationToken"]}


async def referred(connection: asyncpg.Connection) -> AsyncGenerator[Referred]:
    """Yield what the database names as of now, by key."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(REFERRED, prefetch=_PAGE):
            yield Referred(row["key"], row["delivered"])


async def compared(
    stored: AsyncIterator[Stored], named: AsyncIterator[Referred], before: datetime
) -> AsyncGenerator[Stored | Referred]:
    """Yield orphans that were stored `before` then, and delivered images that are not there."""
    name = await anext(named, None)
    async for one in stored:
        while name is not None and name.key < one.key:
            if name.delivered:
                yield name
            name = await anext(named, None)
        if name is not None and name.key == one.key:
            name = await anext(named, None)
        elif one.at < before:
            yield one
    while name is not None:
        if name.delivered:
            yield name
        name = await anext(named, None)


async def remove(db: asyncpg.Pool, objects: Objects, orphan: Stored) -> None:
    """Remove it, unless something refers to it by now."""
    workspace = WorkspaceId(UUID(orphan.key.partition("/")[0]))
    await remove_unreferred(db, workspace, [orphan.key])
    await Removals(db, objects).work_off()


def _folders(root: Path) -> list[str]:
    with suppress(FileNotFoundError), os.scandir(root) as found:
        return sorted(one.name for one in found if one.is_dir())
    return []


def _files(folder: Path) -> list[Stored]:
    found: list[Stored] = []
    with os.scandir(folder) as files:
        for file in files:
            key = f"{folder.name}/{file.name}"
            with suppress(FileNotFoundError):
                if is_key(key):
                    about = file.stat()
                    at = datetime.fromtimestamp(about.st_mtime, UTC)
                    found.append(Stored(key, about.st_size, at))
    return sorted(found, key=lambda one: one.key)
