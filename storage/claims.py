"""Who works on a run: claims with a lease, and how a run ends."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from pipeline.domain import (
    Brief,
    Failure,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    GenerationStatus,
    Run,
    StageName,
    StoredImage,
    WorkspaceId,
)
from pipeline.errors import ClaimLost
from pipeline.events import Change, StatusChanged
from pipeline.markets import dollars
from pipeline.spec import GarmentSpec
from storage import events, jobs, ledger, sweeping
from storage.codec import decode, encode
from storage.database import Executor, transaction
from storage.events import HEAD, WRITTEN, Bell, composed
from storage.stages import stage_changes

# A lease that ran out counts, being handed over does not. After a restart of PostgreSQL workers
# have two seconds to come back. A run's time stands still while nobody holds it.
_KNOWN = "known as materialized (select database_is_known() as it)"
# Looked at only once it is locked: who hands the run over at this moment changes what is there.
_FOUND = """
locked as (
  select id, status, leased_until, updated_at from generations
   where id = $1 and (select it from known)
     for update),
found as (
  select id, status, leased_until,
         clock_timestamp() - coalesce(leased_until, updated_at) as unheld
    from locked
   where status = 'PENDING'
      or status = 'PROCESSING'
         and (leased_until is null
              or greatest(leased_until, pg_postmaster_start_time() + interval '2 seconds')
                 < clock_timestamp()))
"""
# The job that told of it goes with it, and likewise not before: a job is added under that lock.
_DROPPED = """
dropped as (
  delete from pgqueuer job using (select count(*) from found) as looked
   where job.id = $4 and (select it from known)
  returning job.id)
"""
_TAKEN = """
taken as (
  update generations g
     set status = 'PROCESSING', claim = g.claim + 1, leased_until = clock_timestamp() + $2,
         takeovers = g.takeovers
           + (found.status = 'PROCESSING' and found.leased_until is not null)::int,
         deadline_at = case when found.status = 'PROCESSING' and g.deadline_at is not null
                            then g.deadline_at + found.unheld else clock_timestamp() + $3 end,
         last_seq = g.last_seq + (found.status = 'PENDING')::int,
         updated_at = case found.status when 'PENDING' then clock_timestamp()
                                        else g.updated_at end
    from found
   where g.id = found.id
  returning g.id, workspace_id, mode, prompt, negative_prompt, settings, source, given_spec,
            attempt, claim, takeovers, last_seq, found.status as was,
            extract(epoch from clock_timestamp() - found.leased_until)::float8 as overdue,
            extract(epoch from deadline_at - clock_timestamp())::float8 as seconds_left)
"""
_BEGUN = """
run as (
  select id, workspace_id, last_seq, attempt
    from taken cross join (select count(*) from dropped) as gone
   where was = 'PENDING')
"""
# As `encode` has it of a `StatusChanged`.
_CHANGED = """
change as (
  select 'StatusChanged' as kind,
         jsonb_build_object('status', 'PROCESSING', 'attempt', attempt, 'failure', null) as payload
    from run)
"""
_ANSWER = """
answer as (
  select taken.*, (select seq from head) as position,
         (select seed from generation_slots where generation_id = taken.id and index = 0) as seed
    from taken)
"""
CLAIM = composed(_KNOWN, _FOUND, _DROPPED, _TAKEN, _BEGUN, _CHANGED, HEAD, WRITTEN, _ANSWER)

# What is locked just now is extended the next time, and what has most of its lease left then too:
# hundreds of rows need not be written twice a second.
EXTEND = """
with mine as (
  select g.id, g.claim, given.seconds_left
    from unnest($1::uuid[], $2::int[], $3::float8[]) as given (id, claim, seconds_left)
    join generations g on g.id = given.id and g.claim = given.claim and g.status = 'PROCESSING'
   where (select database_is_known())),
free as (
  select g.id, mine.seconds_left
    from mine join generations g on g.id = mine.id and g.claim = mine.claim
                                and g.status = 'PROCESSING'
   where g.leased_until < clock_timestamp() + $4::interval * 0.75
   order by g.id
     for no key update of g skip locked),
kept as (
  update generations g
     set leased_until = clock_timestamp() + $4,
         deadline_at = clock_timestamp() + free.seconds_left * interval '1 second'
    from free
   where g.id = free.id)
select id, claim from mine
"""

FENCE = """
select attempt from generations
 where id = $1 and claim = $2 and status = 'PROCESSING'
   for update
"""

FINISH = """
with over as (
  update generations
     set status = $3, error = $4, leased_until = null, completed_at = clock_timestamp(),
         reserved = 0
   where id = $1 and claim = $2 and status = 'PROCESSING'
  returning id, status, attempt, cost, completed_at),
audit as (
  update generation_audit a
     set status = over.status, cost = over.cost, finished_at = over.completed_at
    from over
   where a.generation_id = over.id)
select cost, made, wanted, coalesce(extract(epoch from completed_at - began), 0)::float8 as seconds
  from over,
       lateral (select count(*) as wanted, count(asset_id) as made
                  from generation_slots where generation_id = over.id) as slots,
       lateral (select min(started_at) as began
                  from generation_stages
                 where generation_id = over.id and attempt = over.attempt) as stages
"""

# What a lost worker left running.
END_RUNNING = """
with slots as (
  update generation_slots set status = 'FAILED', error = $3
   where generation_id = $1 and status = 'RUNNING')
update generation_stages
   set status = 'FAILED', finished_at = clock_timestamp(), summary = $2, error = $3
 where generation_id = $1 and status = 'RUNNING'
returning name, status, attempt, started_at, finished_at, summary, output, error
"""

# A worker that was taken over may bring an image after all, when DELIVERY is over.
UNDELIVERED = Failure(
    code="CAME_LATE",
    message="The image came too late to be delivered: a retry delivers it and pays nothing",
    stage=StageName.DELIVERY,
    retryable=True,
    charged=True,
)

logger = logging.getLogger(__name__)


async def fence(connection: Executor, run: Run) -> None:
    """Lock the generation's row for this transaction; raise `ClaimLost` once superseded."""
    if await connection.fetchval(FENCE, run.id, run.claim) is None:
        raise ClaimLost(run.id)


@dataclass(frozen=True, slots=True)
class Claims:
    """Takes runs on, keeps them, and ends them; `allowance` is the time that a run may take.

    `lifeline` is a connection that nothing else uses, so that leases wait for no other work;
    `asked` are the providers that can be asked about a call by whoever goes on with its run; `name`
    is the worker's, for the log.
    """

    db: asyncpg.Pool
    bell: Bell
    lease: timedelta
    allowance: timedelta = timedelta(minutes=30)
    lifeline: asyncpg.Pool | None = None
    asked: frozenset[str] = frozenset()
    name: str = "this worker"

    async def take(self, generation: GenerationId, job: int | None = None) -> Run | None:
        """Return the run, now ours for a lease; None where it is finished or held.

        Its row may be locked by who seemed lost and is not: that is waited for. The `job` that
        told of it goes in the same statement, so none is left that could go to somebody else.
        """
        row = await self.db.fetchrow(CLAIM, generation, self.lease, self.allowance, job)
        if row is None:
            return None
        run = _run(row)
        if row["was"] == GenerationStatus.PROCESSING:
            self._log(run, _holder(run.claim, row["overdue"]))
            return run
        self.bell.ring(run.workspace, row["position"])
        self._log(run, "the queue")
        return run

    def _log(self, run: Run, origin: str) -> None:
        logger.info(
            "%s takes generation %s from %s, claim %d", self.name, run.id, origin, run.claim
        )

    async def extend(self, held: Sequence[tuple[Run, float]]) -> set[tuple[GenerationId, int]]:
        """Extend the leases of runs with so many seconds left until their deadlines.

        Return (id, claim) of those that are still ours.
        """
        ids, claims = [run.id for run, _ in held], [run.claim for run, _ in held]
        left = [seconds for _, seconds in held]
        rows = await (self.lifeline or self.db).fetch(EXTEND, ids, claims, left, self.lease)
        return {(GenerationId(row["id"]), row["claim"]) for row in rows}

    async def hand_over(self, run: Run) -> None:
        """Let another worker go on at once."""
        await sweeping.hand_over(self.db, run.id, run.claim)

    async def leave(self, run: Run) -> bool:
        """Hand it over unless it waits for calls that nobody else could ask about.

        While its row is locked no call of it can be sent; return whether it is ours no more.
        """
        async with transaction(self.db) as connection:
            try:
                await fence(connection, run)
            except ClaimLost:
                return True
            if await ledger.unaskable(connection, run.id, self.asked):
                return False
            await sweeping.hand_over(connection, run.id, run.claim)
            return True

    async def finish(self, run: Run, failure: Failure | None) -> None:
        """End the run, well or with `failure`; raise `ClaimLost` once superseded."""
        status = GenerationStatus.COMPLETED if failure is None else GenerationStatus.FAILED
        error = None if failure is None else encode(failure)
        async with transaction(self.db) as connection:
            over = await connection.fetchrow(FINISH, run.id, run.claim, status, error)
            if over is None:
                raise ClaimLost(run.id)
            # What changed before the row was ours is seen by a statement of its own.
            changes = await end_running(connection, run.id, failure or UNDELIVERED)
            changes.append(StatusChanged(status=status, attempt=run.attempt, failure=failure))
            position = await events.append(connection, run.workspace, run.id, changes)
        self.bell.ring(run.workspace, position)
        _log_end(run, "COMPLETED" if failure is None else f"FAILED ({failure.code})", over)

    async def sweep(self) -> int:
        """Wake up runs that were begun, and whose worker is lost; return how many."""
        return await sweeping.sweep_lost(self.lifeline or self.db)

    async def sweep_all(self) -> int:
        """Wake up whatever nobody works on and no job waits for; return how many."""
        async with transaction(self.db) as connection:
            return await jobs.sweep(connection)


def _log_end(run: Run, status: str, over: asyncpg.Record) -> None:
    logger.info(
        "generation %s is %s in attempt %d: %d of %d images, %s, %.1f s",
        run.id,
        status,
        run.attempt,
        over["made"],
        over["wanted"],
        dollars(over["cost"]),
        over["seconds"],
    )


def _holder(claim: int, overdue: float | None) -> str:
    """Say whose it was, by a claim that the log of that worker names."""
    # Handing over raises the number too.
    if overdue is None:
        return f"who had claim {claim - 2} and hands it over"
    return f"who had claim {claim - 1} and is {overdue:.1f} s past the lease"


async def end_running(
    connection: Executor, generation: GenerationId, failure: Failure
) -> list[Change]:
    """Fail what still runs of a generation that is over, and return what happened to its stages."""
    rows = await connection.fetch(END_RUNNING, generation, failure.message, encode(failure))
    return stage_changes(rows)


def _run(row: asyncpg.Record) -> Run:
    brief = Brief(
        mode=GenerationMode(row["mode"]),
        prompt=row["prompt"],
        negative_prompt=row["negative_prompt"],
        settings=decode(GenerationSettings, row["settings"]),
        source=None if row["source"] is None else decode(StoredImage, row["source"]),
        spec=None if row["given_spec"] is None else decode(GarmentSpec, row["given_spec"]),
    )
    return Run(
        id=GenerationId(row["id"]),
        workspace=WorkspaceId(row["workspace_id"]),
        brief=brief,
        attempt=row["attempt"],
        claim=row["claim"],
        takeovers=row["takeovers"],
        seed=row["seed"],
        seconds_left=row["seconds_left"],
    )
