"""Jobs for runs that have begun and that nobody works on: handed over, or lost."""

from pipeline.domain import GenerationId
from storage.database import Executor

# After a restart of PostgreSQL workers have two seconds to come back before what they hold is lost.
FIND_LOST = """
select id from generations g
 where status = 'PROCESSING'
   and (leased_until is null
        or greatest(leased_until, pg_postmaster_start_time() + interval '2 seconds')
           < clock_timestamp())
   and not exists (select from pgqueuer q
                    where q.dedupe_key = g.id::text || ':' || g.attempt::text
                      and q.status in ('queued', 'picked'))
"""

# They go before all that waits. One statement by itself: a process that is stopped in the middle of
# it leaves no lock behind.
WAKE_UP = """
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
select 0, 'generation', convert_to(g.id::text, 'UTF8'),
       g.id::text || ':' || g.attempt::text, 'queued'
  from generations g
 where g.id = any($1::uuid[])
on conflict (dedupe_key)
  where status in ('queued', 'picked') and dedupe_key is not null
do nothing
returning id
"""

# The next claim has another number already, so that nothing late of this worker's is taken.
HAND_OVER = """
with free as (
  update generations set leased_until = null, claim = claim + 1
   where id = $1 and claim = $2 and status = 'PROCESSING'
  returning id, attempt)
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
select 0, 'generation', convert_to(id::text, 'UTF8'), id::text || ':' || attempt::text, 'queued'
  from free
on conflict (dedupe_key)
  where status in ('queued', 'picked') and dedupe_key is not null
do nothing
"""


async def sweep_lost(db: Executor) -> int:
    """Wake up runs whose worker is lost; return how many."""
    lost = [row["id"] for row in await db.fetch(FIND_LOST)]
    # An insert rings in all workers, even one of nothing.
    return len(await db.fetch(WAKE_UP, lost)) if lost else 0


async def hand_over(db: Executor, generation: GenerationId, claim: int) -> None:
    """Let another worker go on at once, where `claim` still holds the run."""
    await db.execute(HAND_OVER, generation, claim)
