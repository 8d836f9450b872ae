"""Drafts, which are paid for and not delivered yet: where they lie, and when they go."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from pipeline.errors import ObjectMissing, StoreUnreachable
from pipeline.ports import Objects
from storage.database import Executor
from storage.identity import is_known
from storage.objects import LocalObjects, content_type_of

AWAITED = """
select draft ->> 'key' as key from generation_slots
 where draft is not null and asset_id is null and draft ->> 'key' = any($1::text[])
"""

# A draft is on record seconds after it is written; an hour is on the safe side.
MADE_BEFORE: Final = timedelta(hours=1)

# A bucket that is slower than this gets the draft later.
_PATIENCE: Final = 10.0

logger = logging.getLogger(__name__)


class Shelf(Objects, Protocol):
    """A store that knows how old its objects are."""

    async def older_than(self, age: timedelta) -> list[str]:
        """Return the keys of what was put so long ago."""
        ...


@dataclass(slots=True)
class Drafts:
    """A staging store: `here` on this machine, and in a `bucket` that all workers reach.

    A draft is kept here first, so that it is safe while the bucket is out of reach; what could
    not be brought there is brought by `share` later.
    """

    here: LocalObjects
    bucket: Shelf | None = None
    patience: float = _PATIENCE
    _unshared: set[str] | None = field(default=None, init=False)

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        """Keep it; raise `StoreUnreachable` where neither place takes it."""
        try:
            await self.here.put(key, content, content_type)
        except StoreUnreachable:
            if self.bucket is None:
                raise
            await self.bucket.put(key, content, content_type)
            return
        if self.bucket is not None and not await self._shared(self.bucket, key, content):
            (await self._waiting()).add(key)

    async def get(self, key: str) -> bytes:
        """Raise `ObjectMissing` where there is none, `StoreUnreachable` where it is elsewhere."""
        try:
            return await self.here.get(key)
        except ObjectMissing:
            if self.bucket is None:
                raise
        try:
            return await self.bucket.get(key)
        except ObjectMissing as error:
            raise StoreUnreachable(
                "The image lies only on the disk of the worker that made it"
            ) from error

    async def delete(self, key: str) -> None:
        """Remove it; what the bucket keeps for now goes when it has grown old."""
        await self.here.delete(key)
        if self.bucket is not None:
            try:
                await self.bucket.delete(key)
            except StoreUnreachable as error:
                logger.warning("draft %s stays in the bucket for now: %s", key, error)

    def url(self, key: str) -> str:
        """Return where it lies; no browser may fetch it from there."""
        return self.here.url(key)

    async def older_than(self, age: timedelta) -> list[str]:
        """Return the keys of what was put so long ago, in either place."""
        found = await self.here.older_than(age)
        try:
            found += await self.bucket.older_than(age) if self.bucket else []
        except StoreUnreachable as error:
            logger.warning("drafts in the bucket are not looked through: %s", error)
        return list(dict.fromkeys(found))

    async def share(self) -> None:
        """Bring what lies here only to the bucket, as far as that is possible now."""
        if self.bucket is None:
            return
        waiting = await self._waiting()
        for key in sorted(waiting):
            try:
                content = await self.here.get(key)
            except ObjectMissing:
                waiting.discard(key)
                continue
            if not await self._shared(self.bucket, key, content):
                return
            waiting.discard(key)

    async def _shared(self, bucket: Shelf, key: str, content: bytes) -> bool:
        try:
            async with asyncio.timeout(self.patience):
                await bucket.put(key, content, content_type_of(key))
        except (StoreUnreachable, TimeoutError) as error:
            logger.warning("draft %s is on this disk only: %r", key, error)
            return False
        return True

    async def _waiting(self) -> set[str]:
        """Return what may lie here only; after a start that is whatever lies here."""
        if self._unshared is None:
            self._unshared = set(await self.here.older_than(timedelta(0)))
        return self._unshared


async def drop_unawaited(db: Executor, staging: Shelf, age: timedelta = MADE_BEFORE) -> int:
    """Remove what has lain there for `age` and no slot refers to; return how many went.

    A database that went back may have lost the slots.
    """
    old = await staging.older_than(age)
    if not old or not await is_known(db):
        return 0
    awaited = {row["key"] for row in await db.fetch(AWAITED, old)}
    dropped = [key for key in old if key not in awaited]
    for key in dropped:
        await staging.delete(key)
    return len(dropped)
