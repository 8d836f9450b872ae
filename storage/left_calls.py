"""Lines of the ledger that their runs left open, for whoever finds out what became of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import asyncpg

from pipeline.calls import CallId
from pipeline.imaging import ImageRequest
from pipeline.reconcile import LeftCall
from storage import ledger
from storage.codec import decode
from storage.database import transaction

LOOKED_AFTER = timedelta(seconds=30)

# A worker that learns of its run's end has a while to close the lines by itself.
SETTLING = timedelta(seconds=5)

# Other workers may have models that this one has not, but not for ever; about a call whose request
# was not kept nobody can ask.
FORSAKEN = timedelta(hours=1)

TAKE_LEFT = """
update charges
   set looked_after_until = clock_timestamp() + $3
 where id in (
   select c.id
     from charges c left join generations g on g.id = c.generation_id
    where c.state = 'RESERVED'
      and (c.looked_after_until is null or c.looked_after_until < clock_timestamp())
      and (g.id is null or g.attempt > c.attempt
           or g.completed_at < clock_timestamp() - $4::interval)
      and (c.request is null or c.model = any($1::text[])
           or c.created_at < clock_timestamp() - $5::interval)
    order by c.created_at
    limit $2
      for update of c skip locked)
returning id, slot, model, external_id, sent_at, request, reserved
"""

KEEP_LEFT = """
update charges set looked_after_until = clock_timestamp() + $2
 where id = any($1::uuid[]) and state = 'RESERVED'
"""

LET_GO = """
update charges set looked_after_until = null where id = any($1::uuid[]) and state = 'RESERVED'
"""


@dataclass(frozen=True, slots=True)
class LeftCalls:
    """`pipeline.reconcile.Lines` on PostgreSQL, and which of them are to be looked after."""

    db: asyncpg.Pool
    settling: timedelta = SETTLING

    async def take(self, models: Collection[str], most: int) -> Sequence[LeftCall]:
        """Return up to `most` left calls of `models` or forsaken, ours for a while."""
        rows = await self.db.fetch(
            TAKE_LEFT, list(models), most, LOOKED_AFTER, self.settling, FORSAKEN
        )
        return [_left_call(row) for row in rows]

    async def keep(self, calls: Collection[CallId]) -> None:
        """Go on looking after them."""
        await self.db.execute(KEEP_LEFT, list(calls), LOOKED_AFTER)

    async def let_go(self, calls: Collection[CallId]) -> None:
        """Leave those whose lines are still open to whoever looks next."""
        await self.db.execute(LET_GO, list(calls))

    async def accepted(self, call: CallId, external_id: str) -> None:
        """Write down the provider's id; raise `AlreadyTaken`."""
        await ledger.accept(self.db, call, external_id)

    async def settled(self, call: CallId, amount: Decimal | None, note: str) -> None:
        """Close the line with what the call cost."""
        async with transaction(self.db) as connection:
            await ledger.settle(connection, call, amount, note)

    async def released(self, call: CallId, note: str) -> None:
        """Close the line of a call that cost nothing."""
        async with transaction(self.db) as connection:
            await ledger.release(connection, call, note)

    async def held(self, call: CallId, note: str) -> None:
        """Keep the amount held until the operator decides."""
        async with transaction(self.db) as connection:
            await ledger.hold(connection, call, note)


def _left_call(row: asyncpg.Record) -> LeftCall:
    asked = row["request"]
    return LeftCall(
        call=ledger.open_call_of(row),
        request=None if asked is None else decode(ImageRequest, asked),
        expected=row["reserved"],
    )
