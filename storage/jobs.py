"""Wake-ups for the workers, in PgQueuer's table; the truth stays in the generation's row."""

from pipeline.domain import GenerationId, UserId
from storage.database import Executor
from storage.events import composed

ENTRYPOINT = "generation"
WORKER = "designer-bff worker"
"""The application_name of the connections that a worker waits on."""

# The turn that is on, or else the next one.
_NOW = """
now as (
  select coalesce(
    (select -priority from pgqueuer
      where entrypoint = 'generation' and status = 'queued' and priority < 0
      order by priority desc, id limit 1),
    (select last + 1 from queue_turns order by last desc limit 1), 1) as turn)
"""

# A higher priority is claimed first: it is the turn, negated. A turn has one run of each user: who
# comes new takes part in the one that is on, who has runs waiting goes on behind the last of them.
# The floor is for who comes after days: exp() leaves the range of a double below -745, which to
# PostgreSQL is an error.
_MINE = """
mine as (
  insert into queue_turns as known (user_id, last, submitted) select $2, turn, 1 from now
  on conflict (user_id) do update
    set last = greatest(known.last + 1, excluded.last), submitted_at = clock_timestamp(),
        submitted = 1 + known.submitted
          * exp(greatest(
              -60, extract(epoch from known.submitted_at - clock_timestamp())::float8 / 300))
  returning last as turn)
"""
_ENQUEUED = """
answer as (
  insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
  select -turn, 'generation', convert_to($1::uuid::text, 'UTF8'),
         $1::uuid::text || ':' || $3::int::text, 'queued'
    from mine
  on conflict (dedupe_key)
    where status in ('queued', 'picked') and dedupe_key is not null
  do nothing
  returning id)
"""
ENQUEUE = composed(_NOW, _MINE, _ENQUEUED)

# The user's later runs move up, or whoever cancels would wait for turns that nobody takes; but not
# to the turn 0 of what has begun.
WITHDRAW = """
with gone as (
  delete from pgqueuer
   where dedupe_key = $1::uuid::text || ':' || $2::int::text and status = 'queued'
  returning -priority as turn),
waiting as (
  select g.id, g.user_id, g.attempt
    from generations g
   where g.user_id = (select user_id from generations where id = $1) and g.status = 'PENDING'
     and exists (select from gone where turn > 0)
   order by g.created_at
   limit 200),
later as (
  select job.id, -job.priority as turn
    from waiting cross join gone
   cross join lateral (
           select id, priority from pgqueuer
            where dedupe_key = waiting.id::text || ':' || waiting.attempt::text
              and status = 'queued' and priority < -gone.turn
            limit 1
              for update skip locked) as job),
placed as (
  select later.id, later.turn as was,
         least(later.turn,
               gone.turn - 1 + row_number() over (order by later.turn, later.id)) as turn
    from later cross join gone),
moved as (
  update pgqueuer job set priority = -placed.turn
    from placed
   where job.id = placed.id and placed.turn < placed.was)
update queue_turns t
   set last = coalesce((select max(turn) from placed), gone.turn - 1)
  from gone
 where gone.turn > 0 and t.user_id = (select user_id from generations where id = $1)
   and (select count(*) from waiting) < 200
"""

TRY_SWEEP = "select pg_try_advisory_xact_lock(hashtext('designer-bff sweep'))"

# What has begun goes before all that waits; what has not takes its turn like a new run. Of those
# only a user's oldest are looked at: the next ones come to that when these have started.
_LOST = """
unheld as (
  select id, user_id, attempt, true as begun, created_at
    from generations
   where status = 'PROCESSING' and (leased_until is null or leased_until < clock_timestamp())
  union all
  select oldest.id, user_id, oldest.attempt, false, oldest.created_at
    from queue_turns
   cross join lateral (
           select g.id, g.attempt, g.created_at from generations g
            where g.user_id = queue_turns.user_id and g.status = 'PENDING'
            order by g.created_at
            limit 50) as oldest),
lost as (
  select unheld.*,
         row_number() over (partition by user_id, begun order by created_at) as place,
         count(*) over (partition by user_id, begun) as number
    from unheld
   where not exists (select from pgqueuer job
                      where job.dedupe_key = unheld.id::text || ':' || unheld.attempt::text
                        and job.status in ('queued', 'picked')))
"""
_THEIRS = """
theirs as (
  insert into queue_turns as known (user_id, last)
  select distinct user_id, turn - 1 + number from lost cross join now where not begun
   order by user_id
  on conflict (user_id) do update
    set last = greatest(known.last + (select max(number) from lost
                                       where lost.user_id = known.user_id and not begun),
                        excluded.last)
  returning user_id, last)
"""
_SWEPT = """
answer as (
  insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
  select case when begun then 0 else -(last - number + place) end, 'generation',
         convert_to(id::text, 'UTF8'), id::text || ':' || attempt::text, 'queued'
    from lost left join theirs using (user_id)
   order by created_at
  on conflict (dedupe_key)
    where status in ('queued', 'picked') and dedupe_key is not null
  do nothing
  returning id)
"""
SWEEP = composed(_LOST, _NOW, _THEIRS, _SWEPT)

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
    """Take the job back if nobody has it yet; the user's later runs move up."""
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
