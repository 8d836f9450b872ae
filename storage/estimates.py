"""Where runs stand in the queue, and when they are expected to start."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from pipeline.domain import GenerationId, GenerationMode, UserId, WorkspaceId
from pipeline.repositories import QueuePlace
from pipeline.waiting import (
    Begun,
    Ended,
    Experience,
    Kind,
    Rival,
    expected_starts,
    overtaken,
    pace,
)
from storage import workers
from storage.database import Executor

# One walk along the queue's index for all that are asked about, no further than the last of them.
PLACES = """
with wanted as materialized (
  select g.id, g.user_id, job.id as job, job.priority
    from unnest($2::uuid[]) as wanted (id)
    join generations g using (id)
    join pgqueuer job on job.dedupe_key = g.id::text || ':' || g.attempt::text
                     and job.status = 'queued'
   where g.workspace_id = $1 and g.status = 'PENDING'),
line as (
  select id, row_number() over (order by priority desc, id) - 1 as position
    from pgqueuer
   where entrypoint = 'generation' and status = 'queued'
     and priority >= (select min(priority) from wanted))
select wanted.id, wanted.user_id, -wanted.priority as turn, line.position,
       clock_timestamp() as now
  from wanted join line on line.id = wanted.job
"""

NEXT = """
select g.mode, g.model, g.count
  from (select id, priority, dedupe_key from pgqueuer
         where entrypoint = 'generation' and status = 'queued'
         order by priority desc, id
         limit $1) as job
 cross join lateral (
         select mode, settings ->> 'model' as model, (settings ->> 'count')::int as count
           from generations
          where id = split_part(job.dedupe_key, ':', 1)::uuid
          limit 1) as g
 order by job.priority desc, job.id
"""

BEGUN = """
select mode, settings ->> 'model' as model, (settings ->> 'count')::int as count,
       extract(epoch from clock_timestamp() - coalesce(
         (select min(started_at) from generation_stages s
           where s.generation_id = g.id and s.attempt = g.attempt),
         clock_timestamp()))::float8 as seconds
  from generations g
 where status = 'PROCESSING' and leased_until > clock_timestamp()
"""

# A retry does a part only, and so tells nothing.
ENDED = """
select mode, settings ->> 'model' as model, (settings ->> 'count')::int as count,
       extract(epoch from completed_at -
         (select min(started_at) from generation_stages s where s.generation_id = g.id)
       )::float8 as seconds
  from (select id, mode, settings, completed_at from generations
         where completed_at is not null and attempt = 1 and status in ('COMPLETED', 'FAILED')
         order by completed_at desc
         limit $1) as g
"""

# How often each user submits, by what they did of late and since when anybody is known.
RIVALS = """
select user_id,
       submitted * exp(extract(epoch from submitted_at - clock_timestamp())::float8 / 300)
         / (300 * (1 - exp(-least(18000, greatest(60, (
             select extract(epoch from clock_timestamp() - min(since)) from queue_turns
           )))::float8 / 300))) as rate,
       greatest(last + 1, (select -priority from pgqueuer
                            where entrypoint = 'generation' and status = 'queued' and priority < 0
                            order by priority desc, id limit 1)) as turn
  from queue_turns
 where submitted_at > clock_timestamp() - interval '20 minutes'
 order by 2 desc
 limit 100
"""

FORESEEN = 200
RECENT = 200


@dataclass(frozen=True, slots=True)
class _Outlook:
    """In how many seconds the next runs start, and one after the other behind them."""

    starts: Sequence[float]
    step: float
    rivals: Mapping[UserId, Rival]

    def start(self, position: int, turn: int, user: UserId) -> float:
        beyond = position - len(self.starts) + 1
        wait = self.starts[position] if beyond <= 0 else self.starts[-1] + self.step * beyond
        others = [r for one, r in self.rivals.items() if one != user and r.turn < turn]
        return overtaken(wait, turn, others, self.step)


@dataclass(frozen=True, slots=True)
class _Known:
    """The slots, what runs in them, what waits, what has been, and who else submits."""

    slots: int
    begun: Sequence[Begun]
    waiting: Sequence[Kind]
    past: Sequence[Ended]
    rivals: Mapping[UserId, Rival]

    def outlook(self) -> _Outlook:
        """Foresee the waiting ones, which are the first 200, one by one."""
        past = Experience(one for one in self.past if one.seconds)
        starts = expected_starts(self.slots, self.begun, self.waiting, past)
        return _Outlook(starts, pace(self.slots, self.waiting, past), self.rivals)


async def queue_places(
    db: Executor, workspace: WorkspaceId, ids: Sequence[GenerationId]
) -> Mapping[GenerationId, QueuePlace]:
    """Return the places of those of `ids` that wait; when they start where there is a worker."""
    rows = await db.fetch(PLACES, workspace, ids)
    if not rows:
        return {}
    known = await _known(db, max(row["position"] for row in rows) + 1)
    # Hundreds of possible futures take a while to think through.
    return await asyncio.to_thread(_places, rows, known)


def _places(
    rows: Sequence[asyncpg.Record], known: _Known | None
) -> Mapping[GenerationId, QueuePlace]:
    outlook = known.outlook() if known else None
    return {GenerationId(row["id"]): _place(row, outlook) for row in rows}


def _place(row: asyncpg.Record, outlook: _Outlook | None) -> QueuePlace:
    position: int = row["position"]
    if outlook is None:
        return QueuePlace(position, None)
    wait = outlook.start(position, row["turn"], row["user_id"])
    return QueuePlace(position, row["now"] + timedelta(seconds=wait))


async def _known(db: Executor, number: int) -> _Known | None:
    """Return what is known for the next `number` runs; None without a worker."""
    slots = await workers.slots(db)
    waiting = [_kind(row) for row in await db.fetch(NEXT, min(number, FORESEEN))]
    if not slots or not waiting:
        return None
    begun = [Begun(_kind(row), row["seconds"]) for row in await db.fetch(BEGUN)]
    past = [Ended(_kind(row), row["seconds"]) for row in await db.fetch(ENDED, RECENT)]
    rivals = {row["user_id"]: Rival(row["rate"], row["turn"]) for row in await db.fetch(RIVALS)}
    return _Known(slots, begun, waiting, past, rivals)


def _kind(row: asyncpg.Record) -> Kind:
    return Kind(GenerationMode(row["mode"]), row["model"], row["count"] or 1)
