"""What a client does to a run: submit, cancel, retry, delete, each in one transaction."""

import secrets
from uuid import uuid4

import asyncpg

from pipeline.domain import (
    AssetKind,
    GenerationId,
    GenerationStatus,
    StageName,
    StoredImage,
    UserId,
    Viewer,
)
from pipeline.errors import BudgetExceeded, Conflict, NotFound
from pipeline.events import Change, GenerationDeleted, StatusChanged
from pipeline.ports import Objects
from pipeline.repositories import Idempotency, Submission
from pipeline.storing import ensure_stored
from storage import events, jobs
from storage.asset_records import record_asset
from storage.budgets import give_back, require_left, reserve, reserve_missing
from storage.codec import encode
from storage.database import Executor, transaction
from storage.events import Bell
from storage.idempotency import first_result, found_result
from storage.locks import keep_object, lock_objects
from storage.removals import remove_unreferred
from storage.stages import stage_changes
from storage.uploads import stored_ahead

# Some models take no larger ones.
MAX_SEED = 2**31

INSERT_GENERATION = """
insert into generations
  (id, workspace_id, user_id, mode, prompt, negative_prompt, settings, source, given_spec,
   pipeline_data)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

INSERT_STAGES = """
insert into generation_stages (generation_id, name) select $1, unnest($2::text[])
"""

INSERT_SLOTS = """
insert into generation_slots (generation_id, index, seed)
select $1, slot.place - 1, slot.seed from unnest($2::bigint[]) with ordinality as slot (seed, place)
"""

OBJECT_REFERRED_TO = """
select exists (select from generation_assets where workspace_id = $1 and object_key = $2)
"""

INSERT_AUDIT = """
insert into generation_audit (generation_id, workspace_id, user_id, mode, status, created_at)
select id, workspace_id, user_id, mode, status, created_at from generations where id = $1
"""

AUDIT_STATUS = """
update generation_audit a
   set status = g.status, cost = g.cost, finished_at = g.completed_at
  from generations g
 where g.id = $1 and a.generation_id = g.id
"""

AUDIT_DELETED = """
update generation_audit set deleted_at = clock_timestamp() where generation_id = $1
"""

LOCK_GENERATION = """
select status, attempt, user_id from generations where id = $1 and workspace_id = $2 for update
"""

CANCEL = """
update generations
   set status = 'CANCELLED', claim = claim + 1, leased_until = null,
       completed_at = clock_timestamp()
 where id = $1
"""

CANCEL_STAGES = """
update generation_stages
   set status = 'CANCELLED', attempt = $2, finished_at = clock_timestamp()
 where generation_id = $1 and status in ('PENDING', 'RUNNING')
returning name, status, attempt, started_at, finished_at, summary, output, error
"""

CANCEL_SLOTS = """
update generation_slots set status = 'CANCELLED'
 where generation_id = $1 and status in ('PENDING', 'RUNNING')
"""

MISSING_IMAGES = """
select count(*) from generation_slots where generation_id = $1 and asset_id is null
"""

RETRY = """
update generations
   set status = 'PENDING', attempt = attempt + 1, claim = claim + 1, takeovers = 0,
       leased_until = null, error = null, completed_at = null,
       pipeline_data = pipeline_data - 'troubles'
 where id = $1
returning attempt
"""

# What a stage recorded may be kept no longer: then it is done again.
RESET_STAGES = """
update generation_stages
   set status = 'PENDING', attempt = $2, started_at = null, finished_at = null, summary = null,
       output = null, error = null
 where generation_id = $1
   and (name = any($3::text[]) or status not in ('COMPLETED', 'SKIPPED')
        or status = 'COMPLETED' and output is null)
returning name, status, attempt, started_at, finished_at, summary, output, error
"""

RESET_SLOTS = """
update generation_slots
   set status = 'PENDING', error = null,
       draft = case when $2::bool or error ->> 'code' = 'BAD_OUTPUT' then null else draft end
 where generation_id = $1 and asset_id is null
"""

OBJECT_KEYS = "select distinct object_key from generation_assets where generation_id = $1"

DELETE_SLOTS = "delete from generation_slots where generation_id = $1"

DELETE_GENERATION = "delete from generations where id = $1 returning last_seq"


async def submit(
    db: asyncpg.Pool, bell: Bell, objects: Objects, viewer: Viewer, submission: Submission
) -> GenerationId:
    """Store the run with its upload, first event and job, or find it by its idempotency key."""
    source, upload = submission.brief.source, submission.upload
    if source is None or upload is None:
        return await _submit(db, bell, objects, viewer, submission)
    earlier = await _afforded(db, viewer, submission)
    if earlier is not None:
        return earlier
    async with stored_ahead(db, objects, viewer.workspace, source, upload):
        return await _submit(db, bell, objects, viewer, submission)


async def _afforded(db: Executor, viewer: Viewer, submission: Submission) -> GenerationId | None:
    """Raise `BudgetExceeded` before anything is stored; return the run that took the money."""
    needed = submission.image_price * submission.brief.settings.count
    try:
        await require_left(db, viewer.workspace, needed)
    except BudgetExceeded:
        key = submission.idempotency
        earlier = None if key is None else await found_result(db, viewer.user, key)
        if earlier is None:
            raise
        return GenerationId(earlier)
    return None


async def _submit(
    db: asyncpg.Pool, bell: Bell, objects: Objects, viewer: Viewer, submission: Submission
) -> GenerationId:
    generation = GenerationId(uuid4())
    async with transaction(db) as connection:
        earlier = await first_result(connection, viewer.user, submission.idempotency, generation)
        if earlier is not None:
            return GenerationId(earlier)
        await _insert(connection, viewer, generation, submission)
        count = submission.brief.settings.count
        await reserve(connection, viewer.workspace, generation, submission.image_price, count)
        source = submission.brief.source
        if source is not None:
            await _keep_source(connection, objects, viewer, source, submission.upload)
            url = objects.url(source.key)
            await record_asset(
                connection, viewer.workspace, generation, source, url, kind=AssetKind.SOURCE
            )
        await connection.execute(INSERT_AUDIT, generation)
        # With the run or not at all: there is no run without its job, and no job without its run.
        await jobs.enqueue(connection, generation, viewer.user, 1)
        pending = StatusChanged(status=GenerationStatus.PENDING, attempt=1)
        position = await events.append(connection, viewer.workspace, generation, [pending])
    bell.ring(viewer.workspace, position)
    return generation


async def _keep_source(
    connection: Executor,
    objects: Objects,
    viewer: Viewer,
    source: StoredImage,
    upload: bytes | None,
) -> None:
    await lock_objects(connection, viewer.workspace)
    if upload is not None:
        await ensure_stored(objects, source, upload)
    elif not await connection.fetchval(OBJECT_REFERRED_TO, viewer.workspace, source.key):
        raise NotFound("assetId: the image was deleted meanwhile.")
    await keep_object(connection, viewer.workspace, source.key)


async def _insert(
    connection: Executor, viewer: Viewer, generation: GenerationId, submission: Submission
) -> None:
    brief = submission.brief
    await connection.execute(
        INSERT_GENERATION,
        generation,
        viewer.workspace,
        viewer.user,
        brief.mode,
        brief.prompt,
        brief.negative_prompt,
        encode(brief.settings),
        None if brief.source is None else encode(brief.source),
        None if brief.spec is None else encode(brief.spec),
        {"warnings": list(submission.warnings)},
    )
    await connection.execute(INSERT_STAGES, generation, list(StageName))
    first = brief.settings.seed
    seed = secrets.randbelow(MAX_SEED) if first is None else first
    seeds = [(seed + slot) % MAX_SEED for slot in range(brief.settings.count)]
    await connection.execute(INSERT_SLOTS, generation, seeds)


async def _locked(
    connection: Executor, viewer: Viewer, generation: GenerationId
) -> tuple[GenerationStatus, int, UserId]:
    row = await connection.fetchrow(LOCK_GENERATION, generation, viewer.workspace)
    if row is None:
        raise NotFound("There is no such generation.")
    return GenerationStatus(row["status"]), row["attempt"], UserId(row["user_id"])


async def cancel(db: asyncpg.Pool, bell: Bell, viewer: Viewer, generation: GenerationId) -> None:
    """Stop the run; its worker learns from its lost claim."""
    async with transaction(db) as connection:
        status, attempt, _ = await _locked(connection, viewer, generation)
        if status.terminal:
            raise Conflict(f"It is {status} already.", code="ALREADY_FINISHED")
        await connection.execute(CANCEL, generation)
        await jobs.withdraw(connection, generation, attempt)
        changes = stage_changes(await connection.fetch(CANCEL_STAGES, generation, attempt))
        await connection.execute(CANCEL_SLOTS, generation)
        await give_back(connection, generation)
        await connection.execute(AUDIT_STATUS, generation)
        changes.append(StatusChanged(status=GenerationStatus.CANCELLED, attempt=attempt))
        position = await events.append(connection, viewer.workspace, generation, changes)
    bell.ring(viewer.workspace, position)


async def retry(
    db: asyncpg.Pool,
    bell: Bell,
    viewer: Viewer,
    generation: GenerationId,
    *,
    from_stage: StageName | None,
    idempotency: Idempotency | None,
) -> None:
    """Start a new attempt that keeps finished stages before `from_stage`, and delivered images."""
    async with transaction(db) as connection:
        status, _, user = await _locked(connection, viewer, generation)
        # Before its state is looked at: the same request may have made it run again.
        if await first_result(connection, viewer.user, idempotency, generation) is not None:
            return
        if not status.terminal:
            raise Conflict("It is still running.", code="STILL_RUNNING")
        complete = status is GenerationStatus.COMPLETED
        if complete and not await connection.fetchval(MISSING_IMAGES, generation):
            raise Conflict("It has all its images.", code="NOTHING_TO_RETRY")
        attempt: int = await connection.fetchval(RETRY, generation)
        reset = _from(from_stage or StageName.GENERATION)
        rows = await connection.fetch(RESET_STAGES, generation, attempt, reset)
        anew = from_stage is not None and from_stage is not StageName.DELIVERY
        await connection.execute(RESET_SLOTS, generation, anew)
        await reserve_missing(connection, viewer.workspace, generation)
        await connection.execute(AUDIT_STATUS, generation)
        await jobs.enqueue(connection, generation, user, attempt)
        changes: list[Change] = [StatusChanged(status=GenerationStatus.PENDING, attempt=attempt)]
        changes += stage_changes(rows)
        position = await events.append(connection, viewer.workspace, generation, changes)
    bell.ring(viewer.workspace, position)


def _from(first: StageName) -> list[StageName]:
    stages = list(StageName)
    return stages[stages.index(first) :]


async def delete(db: asyncpg.Pool, bell: Bell, viewer: Viewer, generation: GenerationId) -> None:
    """Remove the run, its images and feedback; objects nothing else refers to go a little later."""
    async with transaction(db) as connection:
        status, _, _ = await _locked(connection, viewer, generation)
        if not status.terminal:
            raise Conflict("It is still running: cancel it first.", code="STILL_RUNNING")
        await lock_objects(connection, viewer.workspace)
        keys = [row["object_key"] for row in await connection.fetch(OBJECT_KEYS, generation)]
        await connection.execute(AUDIT_DELETED, generation)
        # Slots refer to assets, which go with their generation: they would hold them back.
        await connection.execute(DELETE_SLOTS, generation)
        seq: int = await connection.fetchval(DELETE_GENERATION, generation)
        await remove_unreferred(connection, viewer.workspace, keys)
        position = await events.append_after(
            connection, viewer.workspace, generation, seq, [GenerationDeleted()]
        )
    bell.ring(viewer.workspace, position)
