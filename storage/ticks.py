"""How far running stages are, told for all runs of a process in one statement."""

import asyncio
import logging
from dataclasses import dataclass, field

import asyncpg

from pipeline.domain import GenerationId, Run, StageName, WorkspaceId
from pipeline.events import StageProgress
from storage.blips import spared
from storage.codec import encode
from storage.events import Bell

INTERVAL = 0.5

logger = logging.getLogger(__name__)

# A statement with more takes long enough for others to notice its locks.
BATCH = 64

# What changes a run takes its row first and its number along. A run whose row is taken, or whose
# number has moved on since this statement began to look, is left out: what was to be told of it may
# be over. Rows are locked in one order, runs before workspaces, as everywhere.
TELL = """
with tick as materialized (
  select g.id, g.workspace_id, g.last_seq, given.name, given.payload
    from unnest($1::uuid[], $2::int[], $3::text[], $4::jsonb[]) as given (id, claim, name, payload)
    join generations g on g.id = given.id and g.claim = given.claim and g.status = 'PROCESSING'
    join generation_stages s on s.generation_id = g.id and s.name = given.name
                            and s.status = 'RUNNING'),
held as materialized (
  select g.id
    from (select distinct id, last_seq from tick) as seen
    join generations g on g.id = seen.id and g.last_seq = seen.last_seq
   order by g.id
     for update of g skip locked),
open as materialized (
  select workspace_id from event_heads
   where workspace_id in (select workspace_id from tick join held using (id))
   order by workspace_id
     for update skip locked),
counted as (
  select id, count(*) as number
    from tick join held using (id) join open using (workspace_id)
   group by id),
taken as (
  update generations g
     set last_seq = g.last_seq + number, updated_at = clock_timestamp()
    from counted
   where g.id = counted.id
  returning g.id, g.last_seq - number as before),
heads as (
  insert into event_heads as head (workspace_id, seq)
  select workspace_id, count(*) from tick join taken using (id)
   group by workspace_id
   order by workspace_id
  on conflict (workspace_id) do update set seq = head.seq + excluded.seq
  returning workspace_id, seq),
told as (
  insert into generation_events (workspace_id, workspace_seq, generation_id, seq, kind, payload)
  select workspace_id,
         heads.seq - count(*) over (partition by workspace_id)
           + row_number() over (partition by workspace_id order by id, name),
         id, before + row_number() over (partition by id order by name), 'StageProgress', payload
    from tick join taken using (id) join heads using (workspace_id))
select workspace_id, seq as head from heads
"""


@dataclass(slots=True)
class Ticks:
    """Keeps the latest of each stage until it is told; nothing waits for that."""

    db: asyncpg.Pool
    bell: Bell
    interval: float = INTERVAL
    _latest: dict[tuple[GenerationId, StageName], tuple[int, StageProgress]] = field(
        default_factory=dict[tuple[GenerationId, StageName], tuple[int, StageProgress]], init=False
    )
    _noted: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def note(self, run: Run, progress: StageProgress) -> None:
        """Have it told soon, in place of what was noted of this stage before."""
        self._latest[run.id, progress.name] = (run.claim, progress)
        self._noted.set()

    async def keep_telling(self) -> None:
        """Tell what is noted for ever, at once and then no more often than the interval."""
        while True:
            await self._noted.wait()
            self._noted.clear()
            try:
                with spared("noting how far stages are"):
                    await self.tell()
            except Exception:
                logger.exception("how far stages are was not told")
            await asyncio.sleep(self.interval)

    async def tell(self) -> None:
        """Tell what is noted, but for stages that are over or runs that are no longer ours."""
        latest, self._latest = sorted(self._latest.items()), {}
        for start in range(0, len(latest), BATCH):
            ticks = latest[start : start + BATCH]
            grown = await self.db.fetch(
                TELL,
                [run for (run, _), _ in ticks],
                [claim for _, (claim, _) in ticks],
                [name for (_, name), _ in ticks],
                [encode(progress) for _, (_, progress) in ticks],
            )
            for row in grown:
                self.bell.ring(WorkspaceId(row["workspace_id"]), row["head"])
