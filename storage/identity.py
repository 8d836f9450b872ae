"""Whether this is the database that it was: one that was restored or promoted is another."""

from typing import Final

from pipeline.errors import DesignerError
from storage.database import Executor

NOTE = """
insert into database_identity (parts) values (database_parts()) on conflict do nothing
"""

IS_KNOWN = "select database_is_known()"

# A promoted standby differs in its timeline alone, which is not compared where it was not noted.
NOTE_ANEW = """
insert into database_identity (parts)
select case when $1::bool then database_parts() - 'timeline' else database_parts() end
on conflict (singleton) do update set parts = excluded.parts, noted_at = clock_timestamp()
"""

REMEDY: Final = (
    "This database was restored to an earlier point or promoted, so that paid calls may be missing "
    "in it: nothing is taken up before designer-bff restored has looked after them"
)


class DatabaseRestored(DesignerError):
    """What the database says was sent and paid for may be out of date."""


async def require_known(db: Executor) -> None:
    """Note which database this is, the first time; later raise `DatabaseRestored` for another."""
    await db.execute(NOTE)
    if not await is_known(db):
        raise DatabaseRestored(REMEDY)


async def is_known(db: Executor) -> bool:
    """Tell whether it is the one that was noted, if one was."""
    known: bool = await db.fetchval(IS_KNOWN)
    return known


async def note_anew(db: Executor, *, whatever_timeline: bool) -> None:
    """Note that it is this one from now on, also after promotions where those lose nothing."""
    await db.execute(NOTE_ANEW, whatever_timeline)
