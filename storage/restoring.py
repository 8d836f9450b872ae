"""After a restore: what was under way at that point, and what the ledger has to be told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import uuid4

import asyncpg

from pipeline.domain import (
    Brief,
    Failure,
    FinalPrompt,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    GenerationStatus,
    StoredImage,
    WorkspaceId,
)
from pipeline.events import StatusChanged
from pipeline.imaging import ImageRequest
from storage import events, identity, jobs
from storage.budgets import give_back
from storage.claims import end_running
from storage.codec import decode, encode
from storage.database import Executor, transaction
from storage.verbs import AUDIT_STATUS

REASON: Final = (
    "The database was restored to an earlier point: what was made and paid for after it is not "
    "known, so nothing was sent again"
)

UNDER_WAY = """
select g.id, g.workspace_id, g.status, g.attempt, g.mode, g.prompt, g.negative_prompt, g.settings,
       g.source, g.pipeline_data -> 'final_prompt' as final_prompt,
       exists (select from generation_stages s
                where s.generation_id = g.id and s.name = 'GENERATION'
                  and s.status = 'COMPLETED') as made,
       (select coalesce(jsonb_agg(jsonb_build_array(s.index, s.seed) order by s.index), '[]')
          from generation_slots s
         where s.generation_id = g.id and s.draft is null and s.asset_id is null) as missing
  from generations g
 where g.status in ('PENDING', 'PROCESSING')
 order by g.created_at, g.id
"""

LAST_SIGN = """
select greatest((select max(at) from generation_events),
                (select max(greatest(updated_at, sent_at)) from charges),
                (select max(created_at) from generations))
"""

HAS_PAID = "select exists (select from charges where provider <> 'embedded')"

RECORDED = """
select external_id from charges where provider = $1 and external_id = any($2::text[])
"""

# A call that waited for its turn may have been sent since: its provider is asked, as of any other.
PRESUME_SENT = """
update charges set sent_at = created_at
 where state = 'RESERVED' and provider <> 'embedded' and sent_at is null
returning id
"""

NAME_OPEN = """
update charges set external_id = $5, updated_at = clock_timestamp()
 where id = (select id from charges
              where generation_id = $1 and attempt = $2 and slot = $3 and model = $4
                and state = 'RESERVED' and external_id is null
              order by created_at limit 1)
returning id
"""

ENTER = """
insert into charges
  (id, workspace_id, user_id, generation_id, slot, attempt, model, provider, state, reserved,
   request, claim, sent_at, external_id, note)
select $2, workspace_id, user_id, id, $3, attempt, $4, $5, 'RESERVED', $6, $7, claim, $8, $9,
       'It was found at the provider after a restore'
  from generations where id = $1
"""

# Whoever worked on a run before the restore may hold any of the claims that come next.
END = """
update generations
   set status = 'FAILED', error = $2, claim = claim + 1000, leased_until = null,
       deadline_at = null, completed_at = clock_timestamp()
 where id = $1 and status in ('PENDING', 'PROCESSING')
returning attempt
"""

# Clients hold cursors of what is undone: the clock gives numbers that none of those has.
RENUMBER = """
insert into event_heads as known (workspace_id, seq)
select id, (extract(epoch from clock_timestamp()) * 1000000)::bigint from workspaces order by id
on conflict (workspace_id) do update set seq = greatest(known.seq, excluded.seq)
"""

LEAVE = """
update generations
   set claim = claim + 1000, leased_until = null, deadline_at = null
 where id = any($1::uuid[]) and status in ('PENDING', 'PROCESSING')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A run as it stood; `missing` are the index and seed of images that had not come yet.

    `made`: nothing was left but to deliver. `prompt` is None where it was not settled yet.
    """

    id: GenerationId
    workspace: WorkspaceId
    status: GenerationStatus
    attempt: int
    brief: Brief
    prompt: FinalPrompt | None
    made: bool
    missing: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A call at a provider that a run of ours has made and the ledger has lost.

    `expected` is in US dollars; the request has its photos without their bytes.
    """

    run: UnderWay
    model: str
    provider: str
    external_id: str
    sent_at: datetime
    request: ImageRequest
    expected: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done: runs that end, runs that go on, and calls that were found."""

    ending: Sequence[UnderWay]
    going_on: Sequence[UnderWay]
    found: Sequence[Found] = ()

    def having(self, found: Sequence[Found]) -> "Plan":
        """Return the plan with calls that were found."""
        return replace(self, found=found)


async def plan(db: Executor, *, paying: bool) -> Plan:
    """Sort the runs under way; `paying` says whether a provider could be paid from here.

    Only what had all its images, or could never cost anything, goes on by itself.
    """
    runs = [_under_way(row) for row in await db.fetch(UNDER_WAY)]
    if not paying and not await db.fetchval(HAS_PAID):
        return Plan(ending=(), going_on=runs)
    return Plan(
        ending=[run for run in runs if not run.made], going_on=[run for run in runs if run.made]
    )


async def last_sign(db: Executor) -> datetime | None:
    """Return when the last thing happened that the database knows of."""
    moment: datetime | None = await db.fetchval(LAST_SIGN)
    return moment


async def recorded(db: Executor, provider: str, external_ids: Collection[str]) -> frozenset[str]:
    """Return those of a provider's ids that a line of the ledger has."""
    rows = await db.fetch(RECORDED, provider, list(external_ids))
    return frozenset(row["external_id"] for row in rows)


async def carry_out(db: asyncpg.Pool, planned: Plan, *, whatever_timeline: bool) -> int:
    """Do it all or nothing, and know the database from now on; return the calls presumed sent."""
    charged = {found.run.id for found in planned.found}
    # By itself: whoever appends locks these rows last. Numbers that are left out do no harm.
    await db.execute(RENUMBER)
    async with transaction(db) as connection:
        for found in planned.found:
            await _enter(connection, found)
        for run in planned.ending:
            await _end(connection, run, charged=run.id in charged)
        await connection.execute(LEAVE, [run.id for run in planned.going_on])
        presumed = await connection.fetch(PRESUME_SENT)
        await identity.note_anew(connection, whatever_timeline=whatever_timeline)
    return len(presumed)


async def _enter(connection: Executor, found: Found) -> None:
    """Give the call to the open line that was meant for it, or to a new one."""
    run, slot = found.run, found.request.slot
    named = await connection.fetchval(
        NAME_OPEN, run.id, run.attempt, slot, found.model, found.external_id
    )
    if named is None:
        await connection.execute(
            ENTER,
            run.id,
            uuid4(),
            slot,
            found.model,
            found.provider,
            found.expected,
            encode(found.request),
            found.sent_at,
            found.external_id,
        )


async def _end(connection: Executor, run: UnderWay, *, charged: bool) -> None:
    failure = Failure(code="RESTORED", message=REASON, retryable=True, charged=charged)
    error = encode(failure)
    attempt = await connection.fetchval(END, run.id, error)
    if attempt is None:
        return
    await jobs.withdraw(connection, run.id, attempt)
    await give_back(connection, run.id)
    await connection.execute(AUDIT_STATUS, run.id)
    changes = await end_running(connection, run.id, failure)
    ended = StatusChanged(status=GenerationStatus.FAILED, attempt=attempt, failure=failure)
    await events.append(connection, run.workspace, run.id, [*changes, ended])


def _under_way(row: asyncpg.Record) -> UnderWay:
    return UnderWay(
        id=GenerationId(row["id"]),
        workspace=WorkspaceId(row["workspace_id"]),
        status=GenerationStatus(row["status"]),
        attempt=row["attempt"],
        brief=Brief(
            mode=GenerationMode(row["mode"]),
            prompt=row["prompt"],
            negative_prompt=row["negative_prompt"],
            settings=decode(GenerationSettings, row["settings"]),
            source=None if row["source"] is None else decode(StoredImage, row["source"]),
        ),
        prompt=None if row["final_prompt"] is None else decode(FinalPrompt, row["final_prompt"]),
        made=row["made"],
        missing=tuple((index, seed) for index, seed in row["missing"]),
    )
