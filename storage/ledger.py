"""The ledger: a line is committed before a paid call is sent, and ends with what came of it."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import uuid4

import asyncpg

from pipeline.calls import CallId, OpenCall
from pipeline.domain import GenerationId, Run
from pipeline.errors import AlreadyTaken, ClaimLost
from pipeline.imaging import ImageRequest
from pipeline.markets import dollars
from storage.blips import PATIENCE, outlasting
from storage.codec import encode
from storage.database import Executor, transaction

OPEN_CALL = """
insert into charges
  (id, workspace_id, user_id, generation_id, slot, attempt, model, provider, state, reserved,
   request, claim)
select $2, workspace_id, user_id, id, $3, attempt, $4, $5, 'RESERVED', $6, $7, claim
  from generations where id = $1
on conflict (id) do nothing
returning true
"""

# It belongs to no image, and is not waited for by another worker.
OPEN_SIDE_CALL = """
insert into charges
  (id, workspace_id, user_id, generation_id, slot, attempt, model, provider, state, reserved,
   sent_at)
select $2, workspace_id, user_id, id, -1, attempt, $3, $4, 'RESERVED', $5, clock_timestamp()
  from generations where id = $1
"""

HOLD_SIDE_CALLS = """
update charges
   set state = 'UNKNOWN', amount = coalesce(amount, reserved), updated_at = clock_timestamp(),
       note = coalesce(note, 'Its worker was lost')
 where generation_id = $1 and slot = -1 and attempt = $2 and model = $3
   and state in ('RESERVED', 'UNKNOWN')
returning id, generation_id, slot, amount, model, provider
"""

SPEND_RESERVE = """
update generations set reserved = greatest(reserved - coalesce($2::numeric, 0), 0) where id = $1
"""

# What an earlier attempt left open was asked in other words, and is not waited for any more.
FIND_OPEN = """
select id, slot, model, external_id, sent_at from charges
 where generation_id = $1 and state = 'RESERVED'
   and attempt = (select attempt from generations where id = $1)
 order by created_at, id
"""

# The lock makes a taking over wait: whoever has taken the run over sees what was sent before.
MARK_SENT = """
with held as (
  select g.id
    from generations g join charges c on c.generation_id = g.id
   where c.id = $1 and g.claim = c.claim and g.attempt = c.attempt and g.status = 'PROCESSING'
     for no key update of g)
update charges c
   set sent_at = clock_timestamp()
  from held
 where c.id = $1 and c.generation_id = held.id and c.state = 'RESERVED'
returning true
"""

MARK_UNSENT = "update charges set sent_at = null where id = $1 and state = 'RESERVED'"

ACCEPT_CALL = """
update charges set external_id = $2, updated_at = clock_timestamp()
 where id = $1 and state = 'RESERVED'
"""

CLOSE_CALL = """
update charges
   set state = $2, amount = case when $2 = 'UNKNOWN' then reserved else $3 end, note = $4,
       request = null, updated_at = clock_timestamp()
 where id = $1 and (state = 'RESERVED' or state = 'UNKNOWN' and $2 = 'SETTLED')
returning generation_id, slot, amount, attempt, reserved, model, provider
"""

# No more than an image's price was set aside for it, whatever its call was expected to cost.
RETURN_TO_RESERVE = """
update generations set reserved = reserved + least($3::numeric, image_price)
 where id = $1 and attempt = $2 and status in ('PENDING', 'PROCESSING')
"""

ADD_COST = """
with slot as (
  update generation_slots set cost = cost + $3 where generation_id = $1 and index = $2)
update generations set cost = cost + $3 where id = $1
"""


FIND_UNASKABLE = """
select exists (
  select from charges
   where generation_id = $1 and state = 'RESERVED'
     and sent_at is not null and (external_id is null or provider <> all($2::text[])))
"""

FIND_UNDECIDED = """
select c.id, generation_id, slot, model, provider, external_id, u.name as user_name, amount, note,
       c.created_at
  from charges c left join users u on u.id = c.user_id
 where state = 'UNKNOWN'
 order by c.created_at, c.id
"""

DECIDE = """
update charges
   set state = $2, amount = case when $2 = 'SETTLED' then coalesce($3::numeric, amount) else 0 end,
       updated_at = clock_timestamp()
 where id = $1 and state = 'UNKNOWN'
returning generation_id, slot, amount
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sendings:
    """`providers.noting.Sendings` on PostgreSQL."""

    db: asyncpg.Pool

    async def sent(self, call: CallId) -> None:
        """Write down that the call is sent now; raise `ClaimLost` where it must not be."""
        mark = partial(self.db.fetchval, MARK_SENT, call)
        if await outlasting(mark, patience=PATIENCE) is None:
            raise ClaimLost(call)

    async def unsent(self, call: CallId) -> None:
        """Write down that the call is known not to have run, and may be sent again."""
        await outlasting(partial(self.db.execute, MARK_UNSENT, call), patience=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedCall:
    """A call whose amount in US dollars is held until somebody says what became of it.

    `external_id` names it in the provider's own records.
    """

    id: CallId
    generation: GenerationId
    slot: int
    model: str
    provider: str
    external_id: str | None
    user_name: str | None
    amount: Decimal | None
    note: str | None
    created_at: datetime


async def undecided(db: Executor) -> Sequence[UndecidedCall]:
    """Return the calls of unknown outcome, oldest first."""
    return [
        UndecidedCall(
            id=CallId(row["id"]),
            generation=GenerationId(row["generation_id"]),
            slot=row["slot"],
            model=row["model"],
            provider=row["provider"],
            external_id=row["external_id"],
            user_name=row["user_name"],
            amount=row["amount"],
            note=row["note"],
            created_at=row["created_at"],
        )
        for row in await db.fetch(FIND_UNDECIDED)
    ]


async def decide(db: asyncpg.Pool, call: CallId, *, settled: bool, amount: Decimal | None) -> bool:
    """Settle or release a call of unknown outcome; return whether there was such a call."""
    state = "SETTLED" if settled else "RELEASED"
    async with transaction(db) as connection:
        row = await connection.fetchrow(DECIDE, call, state, amount)
        if row is None:
            return False
        if row["amount"]:
            await connection.execute(ADD_COST, row["generation_id"], row["slot"], row["amount"])
    return True


async def open_call(
    connection: Executor,
    run: Run,
    call: CallId,
    request: ImageRequest,
    *,
    model: str,
    provider: str,
    expected: Decimal | None,
) -> None:
    """Write the line of a call that is to be sent, if it has none; `expected` is in US dollars."""
    asked = encode(_without_photos(replace(request, call=call)))
    if await connection.fetchval(
        OPEN_CALL, run.id, call, request.slot, model, provider, expected, asked
    ):
        await connection.execute(SPEND_RESERVE, run.id, expected)


async def open_side_call(
    connection: Executor, run: Run, *, model: str, provider: str, expected: Decimal
) -> CallId:
    """Write the line of a call that makes no image; `expected` is in US dollars."""
    call = CallId(uuid4())
    await connection.execute(OPEN_SIDE_CALL, run.id, call, model, provider, expected)
    return call


async def hold_side_calls(connection: Executor, run: Run, model: str) -> bool:
    """Hold what nobody knows the end of; return whether there was any in this attempt."""
    held = await connection.fetch(HOLD_SIDE_CALLS, run.id, run.attempt, model)
    for row in held:
        _log_held(row["id"], row)
    return bool(held)


async def unaskable(connection: Executor, generation: GenerationId, asked: Collection[str]) -> bool:
    """Return whether calls are under way that only who sent them can learn the end of.

    `asked` are the providers that tell anybody who has their id of a call.
    """
    return bool(await connection.fetchval(FIND_UNASKABLE, generation, list(asked)))


async def open_calls(db: Executor, generation: GenerationId) -> Sequence[OpenCall]:
    """Return the calls whose outcome nobody has written down, oldest first."""
    return [open_call_of(row) for row in await db.fetch(FIND_OPEN, generation)]


async def accept(db: Executor, call: CallId, external_id: str) -> None:
    """Write down the provider's id, whoever holds the run by now; raise `AlreadyTaken`."""
    try:
        await db.execute(ACCEPT_CALL, call, external_id)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyTaken(external_id) from error


async def settle(
    connection: Executor, call: CallId, amount: Decimal | None, note: str | None
) -> None:
    """Close the line with what the call cost, None where nobody knows."""
    await _close(connection, call, "SETTLED", amount, note)


async def release(connection: Executor, call: CallId, note: str) -> None:
    """Close the line of a call that is known not to have cost anything."""
    await _close(connection, call, "RELEASED", Decimal(0), note)


async def hold(connection: Executor, call: CallId, note: str) -> None:
    """Keep the amount held: nobody can say whether the call ran."""
    await _close(connection, call, "UNKNOWN", Decimal(0), note)


async def _close(
    connection: Executor, call: CallId, state: str, amount: Decimal | None, note: str | None
) -> None:
    row = await connection.fetchrow(CLOSE_CALL, call, state, amount, note)
    # Another worker has closed it, and has added its cost.
    if row is None:
        return
    if state == "UNKNOWN":
        _log_held(call, row)
    if row["amount"] and state == "SETTLED":
        await connection.execute(ADD_COST, row["generation_id"], row["slot"], row["amount"])
    if state == "RELEASED" and row["slot"] >= 0 and row["reserved"]:
        generation, attempt = row["generation_id"], row["attempt"]
        await connection.execute(RETURN_TO_RESERVE, generation, attempt, row["reserved"])


def _log_held(call: CallId, row: asyncpg.Record) -> None:
    amount, slot = row["amount"], row["slot"]
    logger.warning(
        "nobody knows whether call %s to %s of %s ran, for %s of generation %s: %s is held",
        call,
        row["model"],
        row["provider"],
        f"image {slot + 1}" if slot >= 0 else "the words",
        row["generation_id"],
        "an unknown amount" if amount is None else dollars(amount),
    )


def open_call_of(row: asyncpg.Record) -> OpenCall:
    """Return the call that a row holds."""
    return OpenCall(
        id=CallId(row["id"]),
        slot=row["slot"],
        model=row["model"],
        external_id=row["external_id"],
        sent_at=row["sent_at"],
    )


def _without_photos(request: ImageRequest) -> ImageRequest:
    """Return the request with photos that only count: their bytes lie in the object store."""
    photos = tuple(replace(photo, content=b"") for photo in request.references)
    return replace(request, references=photos)
