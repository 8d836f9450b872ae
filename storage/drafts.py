"""Removing drafts that no run waits for: of deleted runs, or made anew by a retry."""

from datetime import timedelta
from typing import Final

from storage.database import Executor
from storage.objects import LocalObjects

AWAITED = """
select draft ->> 'key' as key from generation_slots
 where draft is not null and asset_id is null and draft ->> 'key' = any($1::text[])
"""

# A draft is on record seconds after its file is written; an hour is on the safe side.
MADE_BEFORE: Final = timedelta(hours=1)


async def drop_unawaited(db: Executor, staging: LocalObjects, age: timedelta = MADE_BEFORE) -> int:
    """Remove what has lain there for `age` and no slot refers to; return how many files went."""
    old = await staging.older_than(age)
    if not old:
        return 0
    awaited = {row["key"] for row in await db.fetch(AWAITED, old)}
    dropped = [key for key in old if key not in awaited]
    for key in dropped:
        await staging.delete(key)
    return len(dropped)
