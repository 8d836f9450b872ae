"""What is not kept for ever, and how it goes: the oldest first, a batch at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, LiteralString

import asyncpg

from storage.database import Executor

BATCH: Final = 1000


def _of_old(
    old: LiteralString, *, prune: LiteralString, count: LiteralString
) -> tuple[LiteralString, LiteralString]:
    """Return both statements with the condition `old` where they have {old}."""
    return prune.format(old=old), count.format(old=old)


# The log of a workspace is numbered without gaps, so it goes from its beginning, and stops at the
# first event of a generation that is not over or not for long enough.
WITH_OLD_EVENTS = """
select head.workspace_id
  from event_heads head
 cross join lateral (
         select at from generation_events e
          where e.workspace_id = head.workspace_id
          order by workspace_seq
          limit 1) as oldest
 where oldest.at < clock_timestamp() - $1::interval
"""

PRUNE_EVENTS, COUNT_EVENTS = _of_old(
    """e.at < clock_timestamp() - $2::interval
           and (g.id is null
                or coalesce(g.completed_at < clock_timestamp() - $2::interval, false))""",
    prune="""
with oldest as (
  select e.workspace_seq, {old} as goes
    from (select workspace_seq, generation_id, at from generation_events
           where workspace_id = $1
           order by workspace_seq
           limit $3) as e
    left join generations g on g.id = e.generation_id)
delete from generation_events
 where workspace_id = $1
   and workspace_seq <= (select max(workspace_seq) from oldest)
   and workspace_seq < coalesce(
         (select min(workspace_seq) from oldest where not goes),
         (select max(workspace_seq) + 1 from oldest))
""",
    count="""
select count(*) from generation_events
 where workspace_id = $1
   and workspace_seq < coalesce(
         (select e.workspace_seq
            from generation_events e left join generations g on g.id = e.generation_id
           where e.workspace_id = $1 and not ({old})
           order by e.workspace_seq
           limit 1),
         (select max(workspace_seq) + 1 from generation_events where workspace_id = $1))
""",
)

# Of what a stage recorded goes the result alone; a retry does such a stage again, and so must not
# come in between: its generation is locked as well.
PRUNE_CHECKPOINTS, COUNT_CHECKPOINTS = _of_old(
    """s.output is not null and s.finished_at < clock_timestamp() - $1::interval
           and g.completed_at < clock_timestamp() - $1::interval""",
    prune="""
update generation_stages s
   set output = null
  from (select s.generation_id, s.name
          from generation_stages s join generations g on g.id = s.generation_id
         where {old}
         order by s.finished_at
         limit $2
           for update skip locked) as old
 where s.generation_id = old.generation_id and s.name = old.name
""",
    count="""
select count(*)
  from generation_stages s join generations g on g.id = s.generation_id
 where {old}
""",
)


def _by_age(
    table: LiteralString, at: LiteralString, order: LiteralString | None = None
) -> tuple[LiteralString, LiteralString]:
    """Return what prunes and what counts the rows of `table` that are old by their column `at`.

    `order` is an indexed column that grows with `at`, for a large table where `at` has no index.
    """
    prune: LiteralString = """
delete from {table}
 where ctid = any(array(select ctid from {table}
                         where {at} < clock_timestamp() - $1::interval
                         order by {order}
                         limit $2
                           for update skip locked))
"""
    count: LiteralString = (
        "select count(*) from {table} where {at} < clock_timestamp() - $1::interval"
    )
    return prune.format(table=table, at=at, order=order or at), count.format(table=table, at=at)


PRUNE_KEYS, COUNT_KEYS = _by_age("idempotency_keys", "created_at")
PRUNE_JOB_LOG, COUNT_JOB_LOG = _by_age("pgqueuer_log", "created")
PRUNE_JOB_STATISTICS, COUNT_JOB_STATISTICS = _by_age("pgqueuer_statistics", "created", "id")
PRUNE_WEBHOOKS, COUNT_WEBHOOKS = _by_age("webhook_deliveries", "received_at")
PRUNE_WORKERS, COUNT_WORKERS = _by_age("workers", "seen_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long what is kept: events and checkpoints after the end of their generation."""

    events: timedelta
    checkpoints: timedelta
    jobs: timedelta
    keys: timedelta
    # A webhook's signature is accepted for five minutes.
    webhooks: timedelta = timedelta(hours=1)
    workers: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Part:
    """One table's old rows; both statements take the age, `prune` also how many at most."""

    name: str
    age: timedelta
    prune: LiteralString
    count: LiteralString


async def prunable(db: Executor, keep: Keep) -> Mapping[str, int]:
    """Return how many rows of each kind would go."""
    found = {"events": 0}
    for row in await db.fetch(WITH_OLD_EVENTS, keep.events):
        found["events"] += await db.fetchval(COUNT_EVENTS, row["workspace_id"], keep.events)
    for part in _parts(keep):
        found[part.name] = await db.fetchval(part.count, part.age)
    return found


async def prune(db: asyncpg.Pool, keep: Keep) -> Mapping[str, int]:
    """Remove what is not kept, each batch in a transaction of its own; return how many rows."""
    gone = {"events": 0}
    for row in await db.fetch(WITH_OLD_EVENTS, keep.events):
        gone["events"] += await _batches(db, PRUNE_EVENTS, row["workspace_id"], keep.events)
    for part in _parts(keep):
        gone[part.name] = await _batches(db, part.prune, part.age)
    return gone


async def _batches(db: asyncpg.Pool, statement: LiteralString, *which: object) -> int:
    """Do it until there is less than a batch of it; return how many rows it was done to."""
    total = 0
    while True:
        done = int((await db.execute(statement, *which, BATCH)).rpartition(" ")[2])
        total += done
        if done < BATCH:
            return total


def _parts(keep: Keep) -> Sequence[_Part]:
    return (
        _Part("checkpoints", keep.checkpoints, PRUNE_CHECKPOINTS, COUNT_CHECKPOINTS),
        _Part("idempotency keys", keep.keys, PRUNE_KEYS, COUNT_KEYS),
        _Part("job log", keep.jobs, PRUNE_JOB_LOG, COUNT_JOB_LOG),
        _Part("job statistics", keep.jobs, PRUNE_JOB_STATISTICS, COUNT_JOB_STATISTICS),
        _Part("webhooks", keep.webhooks, PRUNE_WEBHOOKS, COUNT_WEBHOOKS),
        _Part("workers", keep.workers, PRUNE_WORKERS, COUNT_WORKERS),
    )
