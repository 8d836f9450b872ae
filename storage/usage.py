"""Usage: figures from the ledger, the audit and the stages' clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pipeline.domain import GenerationMode, StageName, Viewer
from pipeline.repositories import Budget, DailyUsage, Durations, StageStats, UserStats
from storage.budgets import budget_of
from storage.database import Executor

_GIGABYTE: Final = 10**9
_DAYS: Final = 30
_MICRO: Final = Decimal("0.000001")

# Runs and money are counted where a deletion changes nothing, the rest where it is shown.
OF_USER = """
select runs.*, coalesce(s.assets, 0) as assets, s.average_rating, coalesce(s.hearts, 0) as hearts,
       (select coalesce(sum(amount), 0) from charges
         where workspace_id = $1 and user_id = $2 and state in ('SETTLED', 'UNKNOWN'))
         as total_cost
  from (select count(*) as generations,
               count(*) filter (where status = 'COMPLETED') as completed,
               count(*) filter (where status = 'FAILED') as failed,
               avg(extract(epoch from finished_at - created_at))
                 filter (where status = 'COMPLETED')::double precision as seconds
          from generation_audit
         where workspace_id = $1 and user_id = $2) as runs
  left join user_generation_stats s on s.workspace_id = $1 and s.user_id = $2
"""

DAILY = """
with runs as (
  select (created_at at time zone 'UTC')::date as day, count(*) as generations,
         count(*) filter (where status = 'COMPLETED') as completed,
         count(*) filter (where status = 'FAILED') as failed,
         avg(extract(epoch from finished_at - created_at)) filter (where status = 'COMPLETED')
           ::double precision as seconds
    from generation_audit
   where workspace_id = $1
     and created_at >= (date_trunc('day', now() at time zone 'UTC') - make_interval(days => $2 - 1))
                         at time zone 'UTC'
   group by 1),
spent as (
  select (created_at at time zone 'UTC')::date as day, sum(amount) as total
    from charges
   where workspace_id = $1 and state in ('SETTLED', 'UNKNOWN')
     and created_at >= (date_trunc('day', now() at time zone 'UTC') - make_interval(days => $2 - 1))
                         at time zone 'UTC'
   group by 1),
objects as (
  select min((created_at at time zone 'UTC')::date) as since, max(byte_size) as size
    from generation_assets where workspace_id = $1 group by object_key),
kept as (select since, sum(sum(size)) over (order by since) as bytes from objects group by since)
select day, coalesce(generations, 0) as generations, coalesce(completed, 0) as completed,
       coalesce(failed, 0) as failed, coalesce(total, 0) as total_cost, seconds,
       coalesce((select bytes from kept where since <= day order by since desc limit 1), 0)
         as stored_bytes
  from runs full join spent using (day)
 order by day desc
"""

STAGES = """
select s.name, count(*) as runs, count(*) filter (where s.status = 'FAILED') as failed,
       percentile_cont(array[0.5, 0.95]) within group (
         order by extract(epoch from s.finished_at - s.started_at)::double precision)
         filter (where s.status = 'COMPLETED') as seconds
  from generation_stages s join generations g on g.id = s.generation_id
 where g.workspace_id = $1 and s.finished_at > now() - make_interval(days => $2)
   and s.status in ('COMPLETED', 'FAILED')
 group by s.name
"""

# From when it was begun: how long it waited for a worker says nothing of the model.
DURATIONS = """
select count(*) as evidence,
       percentile_cont(array[0.5, 0.9]) within group (order by seconds) as seconds
  from (select extract(epoch from completed_at -
                 coalesce((select min(started_at) from generation_stages s
                            where s.generation_id = g.id), created_at)
               )::double precision as seconds
          from generations g
         where workspace_id = $1 and status = 'COMPLETED' and attempt = 1 and mode = $2
           and pipeline_data #>> '{route,model}' = $3
         order by created_at desc
         limit 200) as recent
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """`repositories.Usage` on PostgreSQL; storage costs that many US dollars per GB and month."""

    db: Executor
    storage_price: Decimal = Decimal(0)

    async def user(self, viewer: Viewer) -> UserStats:
        (row,) = await self.db.fetch(OF_USER, viewer.workspace, viewer.user)
        return UserStats(
            generations=row["generations"],
            completed=row["completed"],
            failed=row["failed"],
            assets=row["assets"],
            total_cost=row["total_cost"],
            average_duration_ms=_milliseconds(row["seconds"]),
            average_rating=row["average_rating"],
            hearts=row["hearts"],
        )

    async def daily(self, viewer: Viewer, days: int) -> Sequence[DailyUsage]:
        """Return the days (UTC, today the last of `days`) on which something happened."""
        return [
            DailyUsage(
                date=row["day"],
                generations=row["generations"],
                completed=row["completed"],
                failed=row["failed"],
                total_cost=row["total_cost"],
                storage_cost=self._storage_cost(row["stored_bytes"]),
                average_duration_ms=_milliseconds(row["seconds"]),
            )
            for row in await self.db.fetch(DAILY, viewer.workspace, days)
        ]

    async def stages(self, viewer: Viewer, days: int) -> Sequence[StageStats]:
        """Return all seven, in pipeline order."""
        rows = {row["name"]: row for row in await self.db.fetch(STAGES, viewer.workspace, days)}
        return [
            StageStats(stage=name, runs=0, failed=0, p50_ms=None, p95_ms=None)
            if (row := rows.get(name)) is None
            else StageStats(
                stage=name,
                runs=row["runs"],
                failed=row["failed"],
                p50_ms=_milliseconds(row["seconds"] and row["seconds"][0]),
                p95_ms=_milliseconds(row["seconds"] and row["seconds"][1]),
            )
            for name in StageName
        ]

    async def durations(self, viewer: Viewer, mode: GenerationMode, model: str) -> Durations:
        (row,) = await self.db.fetch(DURATIONS, viewer.workspace, mode, model)
        p50, p90 = row["seconds"] or (None, None)
        return Durations(p50, p90, row["evidence"])

    async def budget(self, viewer: Viewer) -> Budget:
        return await budget_of(self.db, viewer.workspace)

    def _storage_cost(self, stored: Decimal) -> Decimal:
        """Return what a day of that many bytes costs."""
        return (stored / _GIGABYTE * self.storage_price / _DAYS).quantize(_MICRO)


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
