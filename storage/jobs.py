"""Wake-ups for the workers, in PgQueuer's table; the truth stays in the generation's row."""

from pipeline.domain import GenerationId, UserId
from storage.database import Executor

ENTRYPOINT = "generation"
WORKER = "designer-bff worker"
"""The application_name of the connections that a worker waits on."""

# A higher priority is claimed first: each run that the user already has waiting lowers it by one.
ENQUEUE = """
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
select -(select count(*) from generations where user_id = $2 and status = 'PENDING' and id <> $1),
       'generation', convert_to($1::uuid::text, 'UTF8'),
       $1::uuid::text || ':' || $3::int::text, 'queued'
on conflict (dedupe_key)
  where status in ('queued', 'picked') and dedupe_key is not null
do nothing
"""

WITHDRAW = """
delete from pgqueuer
 where dedupe_key = $1::uuid::text || ':' || $2::int::text and status = 'queued'
"""

TRY_SWEEP = "select pg_try_advisory_xact_lock(hashtext('designer-bff sweep'))"

SWEEP = """
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
select 0, 'generation', convert_to(g.id::text, 'UTF8'),
       g.id::text || ':' || g.attempt::text, 'queued'
  from generations g
 where g.status in ('PENDING', 'PROCESSING')
   and (g.leased_until is null or g.leased_until < clock_timestamp())
   and not exists (select from pgqueuer q
                    where q.dedupe_key = g.id::text || ':' || g.attempt::text
                      and q.status in ('queued', 'picked'))
on conflict (dedupe_key)
  where status in ('queued', 'picked') and dedupe_key is not null
do nothing
returning 1
"""

HAS_WORKER = """
select exists (select from pg_stat_activity
                where datname = current_database() and application_name = $1)
"""


async def enqueue(
    connection: Executor, generation: GenerationId, user: UserId, attempt: int
) -> None:
    """Add the job of this attempt, in the caller's transaction; a second one is none."""
    await connection.execute(ENQUEUE, generation, user, attempt)


async def withdraw(connection: Executor, generation: GenerationId, attempt: int) -> None:
    """Take the job back if nobody has it yet."""
    await connection.execute(WITHDRAW, generation, attempt)


async def sweep(connection: Executor) -> int:
    """Wake up runs that nobody works on and no job waits for; return how many.

    Runs in the caller's transaction, in one process at a time.
    """
    if not await connection.fetchval(TRY_SWEEP):
        return 0
    return len(await connection.fetch(SWEEP))


async def has_worker(db: Executor) -> bool:
    """Whether any worker, on this machine or another, takes jobs just now."""
    return bool(await db.fetchval(HAS_WORKER, WORKER))
