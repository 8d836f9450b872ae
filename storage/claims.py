"""Who works on a run: claims with a lease, and how a run ends."""

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
    StoredImage,
    WorkspaceId,
)
from pipeline.errors import ClaimLost
from pipeline.events import Change, StatusChanged
from pipeline.spec import GarmentSpec
from storage import events, jobs
from storage.budgets import give_back
from storage.codec import decode, encode
from storage.database import Executor, transaction
from storage.events import Bell
from storage.stages import stage_changes
from storage.verbs import AUDIT_STATUS

FIND_CLAIMABLE = """
select status from generations
 where id = $1
   and (status = 'PENDING' or (status = 'PROCESSING' and leased_until < clock_timestamp()))
   for update skip locked
"""

CLAIM = """
update generations g
   set status = 'PROCESSING', claim = claim + 1, leased_until = clock_timestamp() + $2,
       takeovers = takeovers + (status = 'PROCESSING')::int
 where id = $1
returning id, workspace_id, mode, prompt, negative_prompt, settings, source, given_spec,
          attempt, claim, takeovers,
          (select seed from generation_slots s where s.generation_id = g.id and index = 0) as seed
"""

EXTEND = """
update generations g
   set leased_until = clock_timestamp() + $3
  from unnest($1::uuid[], $2::int[]) as mine (id, claim)
 where g.id = mine.id and g.claim = mine.claim and g.status = 'PROCESSING'
returning g.id, g.claim
"""

FENCE = """
select attempt from generations
 where id = $1 and claim = $2 and status = 'PROCESSING'
   for update
"""

FINISH = """
update generations
   set status = $2, error = $3, leased_until = null, completed_at = clock_timestamp()
 where id = $1
"""

END_RUNNING_STAGES = """
update generation_stages
   set status = 'FAILED', finished_at = clock_timestamp(), summary = $2, error = $3
 where generation_id = $1 and status = 'RUNNING'
returning name, status, attempt, started_at, finished_at, summary, output, error
"""

END_RUNNING_SLOTS = """
update generation_slots set status = 'FAILED', error = $2
 where generation_id = $1 and status = 'RUNNING'
"""

RELEASE = """
update generations set leased_until = clock_timestamp()
 where id = $1 and claim = $2 and status = 'PROCESSING'
"""


async def fence(connection: Executor, run: Run) -> None:
    """Lock the generation's row for this transaction; raise `ClaimLost` once superseded."""
    if await connection.fetchval(FENCE, run.id, run.claim) is None:
        raise ClaimLost(run.id)


@dataclass(frozen=True, slots=True)
class Claims:
    """Takes runs on, keeps them, and ends them."""

    db: asyncpg.Pool
    bell: Bell
    lease: timedelta

    async def take(self, generation: GenerationId) -> Run | None:
        """Return the run, now ours for a lease; None where it is finished, held or being taken."""
        async with transaction(self.db) as connection:
            found = await connection.fetchval(FIND_CLAIMABLE, generation)
            if found is None:
                return None
            row = await connection.fetchrow(CLAIM, generation, self.lease)
            if row is None:
                return None
            run = _run(row)
            if found == GenerationStatus.PROCESSING:
                return run
            processing = StatusChanged(status=GenerationStatus.PROCESSING, attempt=run.attempt)
            position = await events.append(connection, run.workspace, run.id, [processing])
        self.bell.ring(run.workspace, position)
        return run

    async def extend(self, runs: Sequence[Run]) -> set[tuple[GenerationId, int]]:
        """Extend the leases of `runs`; return (id, claim) of those that are still ours."""
        rows = await self.db.fetch(
            EXTEND, [run.id for run in runs], [run.claim for run in runs], self.lease
        )
        return {(GenerationId(row["id"]), row["claim"]) for row in rows}

    async def release(self, run: Run) -> None:
        """Let another worker take it over at once."""
        await self.db.execute(RELEASE, run.id, run.claim)

    async def finish(self, run: Run, failure: Failure | None) -> None:
        """End the run, well or with `failure`; raise `ClaimLost` once superseded."""
        status = GenerationStatus.COMPLETED if failure is None else GenerationStatus.FAILED
        async with transaction(self.db) as connection:
            await fence(connection, run)
            await connection.execute(
                FINISH, run.id, status, None if failure is None else encode(failure)
            )
            await give_back(connection, run.id)
            await connection.execute(AUDIT_STATUS, run.id)
            changes = [] if failure is None else await _end_running(connection, run, failure)
            changes.append(StatusChanged(status=status, attempt=run.attempt, failure=failure))
            position = await events.append(connection, run.workspace, run.id, changes)
        self.bell.ring(run.workspace, position)

    async def sweep(self) -> int:
        """Wake up runs that nobody works on; return how many."""
        async with transaction(self.db) as connection:
            return await jobs.sweep(connection)


async def _end_running(connection: Executor, run: Run, failure: Failure) -> list[Change]:
    """End what a lost worker left running."""
    error = encode(failure)
    await connection.execute(END_RUNNING_SLOTS, run.id, error)
    rows = await connection.fetch(END_RUNNING_STAGES, run.id, failure.message, error)
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
    )
