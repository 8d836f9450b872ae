"""Generations as clients see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from pipeline.domain import Generation, GenerationId, Slot, Stage, StageName, Viewer
from pipeline.errors import NotFound
from pipeline.ports import Objects
from pipeline.repositories import (
    Charge,
    GenerationFilter,
    Idempotency,
    Page,
    PageRequest,
    QueuePlace,
    Submission,
)
from storage import estimates, verbs
from storage.events import Bell
from storage.idempotency import found_result
from storage.pages import bounds, fetch_counts, fetch_pages, page
from storage.rows import generation_of
from storage.slots import slot_of
from storage.stages import stage_of

# Here and below ids are joined: with `= any` a plan may walk through the whole workspace for them.
BY_IDS = """
select id, workspace_id, user_id, parent_id, mode, status, attempt, prompt, negative_prompt,
       settings, source, given_spec, pipeline_data, error, cost, created_at, updated_at,
       completed_at, coalesce((select seq from event_heads where workspace_id = $1), 0) as head
  from unnest($2::uuid[]) as wanted (id) join generations using (id)
 where workspace_id = $1
"""

_MATCHING = """
select id, workspace_id, user_id, parent_id, mode, status, attempt, prompt, negative_prompt,
       settings, source, given_spec, pipeline_data, error, cost, created_at, updated_at,
       completed_at, coalesce((select seq from event_heads where workspace_id = $1), 0) as head
  from generations
 where workspace_id = $1
   and (created_at, id) < (coalesce($2::timestamptz, 'infinity'),
                           coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
   and (created_at, id) > (coalesce($4::timestamptz, '-infinity'),
                           coalesce($5::uuid, '00000000-0000-0000-0000-000000000000'))
   and created_at >= coalesce($6::timestamptz, '-infinity')
   and created_at < coalesce($7::timestamptz, 'infinity')
   and ($8::text[] is null or status = any($8))
   and ($9::text[] is null or mode = any($9))
"""

NEWEST = _MATCHING + " order by created_at desc, id desc limit $10"
OLDEST = _MATCHING + " order by created_at, id limit $10"

# What matches is found before it is cut to the page, as a plan for both at once would walk through
# the workspace. It is sorted anyway, so one statement does for both directions.
FOUND = """
with found as materialized (
  select id from generations
   where workspace_id = $1 and words @@ websearch_to_tsquery('english', $11))
select id, workspace_id, user_id, parent_id, mode, status, attempt, prompt, negative_prompt,
       settings, source, given_spec, pipeline_data, error, cost, created_at, updated_at,
       completed_at, coalesce((select seq from event_heads where workspace_id = $1), 0) as head
  from found join generations using (id)
 where (created_at, id) < (coalesce($2::timestamptz, 'infinity'),
                           coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
   and (created_at, id) > (coalesce($4::timestamptz, '-infinity'),
                           coalesce($5::uuid, '00000000-0000-0000-0000-000000000000'))
   and created_at >= coalesce($6::timestamptz, '-infinity')
   and created_at < coalesce($7::timestamptz, 'infinity')
   and ($8::text[] is null or status = any($8))
   and ($9::text[] is null or mode = any($9))
 order by case when $12::bool then created_at end, case when $12 then id end,
          created_at desc, id desc
 limit $10
"""

COUNT = """
select count(*) from generations
 where workspace_id = $1
   and created_at >= coalesce($2::timestamptz, '-infinity')
   and created_at < coalesce($3::timestamptz, 'infinity')
   and ($4::text[] is null or status = any($4))
   and ($5::text[] is null or mode = any($5))
   and ($6::text is null or words @@ websearch_to_tsquery('english', $6))
"""

CHILDREN = """
select of.id as parent, g.*
  from unnest($2::uuid[]) as of (id)
 cross join lateral (
         select id, workspace_id, user_id, parent_id, mode, status, attempt, prompt,
                negative_prompt, settings, source, given_spec, pipeline_data, error, cost,
                created_at, updated_at, completed_at,
                coalesce((select seq from event_heads where workspace_id = $1), 0) as head
           from generations
          where parent_id = of.id and workspace_id = $1
            and (created_at, id) < (coalesce($3::timestamptz, 'infinity'),
                                    coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
            and (created_at, id) > (coalesce($5::timestamptz, '-infinity'),
                                    coalesce($6::uuid, '00000000-0000-0000-0000-000000000000'))
          order by case when $8::bool then created_at end, case when $8 then id end,
                   created_at desc, id desc
          limit $7) as g
"""

CHILDREN_COUNTS = """
select parent_id as parent, count(*) as number from generations
 where workspace_id = $1 and parent_id = any($2::uuid[])
 group by parent_id
"""

STAGES = """
select s.generation_id, s.name, s.status, s.attempt, s.started_at, s.finished_at, s.summary,
       s.output, s.error
  from unnest($2::uuid[]) as wanted (id)
  join generations g using (id)
  join generation_stages s on s.generation_id = g.id
 where g.workspace_id = $1
"""

SLOTS = """
select s.generation_id, s.index, s.status, s.seed, s.draft, s.asset_id, s.cost, s.error
  from unnest($2::uuid[]) as wanted (id)
  join generations g using (id)
  join generation_slots s on s.generation_id = g.id
 where g.workspace_id = $1
 order by s.index
"""

CHARGES = """
select generation_id, model, state, created_at,
       case state when 'RESERVED' then reserved else amount end as amount
  from charges
 where workspace_id = $1 and generation_id = any($2::uuid[])
 order by created_at, id
"""


@dataclass(frozen=True, slots=True)
class Generations:
    """`repositories.Generations` on PostgreSQL."""

    db: asyncpg.Pool
    bell: Bell
    objects: Objects

    async def replayed(self, viewer: Viewer, idempotency: Idempotency) -> Generation | None:
        found = await found_result(self.db, viewer.user, idempotency)
        return None if found is None else await self._shown(viewer, GenerationId(found))

    async def submit(self, viewer: Viewer, submission: Submission) -> Generation:
        return await self._shown(
            viewer, await verbs.submit(self.db, self.bell, self.objects, viewer, submission)
        )

    async def cancel(self, viewer: Viewer, id: GenerationId) -> Generation:
        await verbs.cancel(self.db, self.bell, viewer, id)
        return await self._shown(viewer, id)

    async def retry(
        self,
        viewer: Viewer,
        id: GenerationId,
        from_stage: StageName | None,
        idempotency: Idempotency | None,
    ) -> Generation:
        await verbs.retry(
            self.db, self.bell, viewer, id, from_stage=from_stage, idempotency=idempotency
        )
        return await self._shown(viewer, id)

    async def delete(self, viewer: Viewer, id: GenerationId) -> None:
        await verbs.delete(self.db, self.bell, viewer, id)

    async def get(self, viewer: Viewer, id: GenerationId) -> Generation | None:
        return (await self.by_ids(viewer, [id])).get(id)

    async def by_ids(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, Generation]:
        found = map(generation_of, await self.db.fetch(BY_IDS, viewer.workspace, ids))
        return {generation.id: generation for generation in found}

    async def page(
        self, viewer: Viewer, request: PageRequest, filter: GenerationFilter
    ) -> Page[Generation]:
        wanted = (*bounds(request), *_wanted(filter), request.limit + 1)
        if filter.search is not None:
            rows = await self.db.fetch(
                FOUND, viewer.workspace, *wanted, filter.search, request.backward
            )
        else:
            statement = OLDEST if request.backward else NEWEST
            rows = await self.db.fetch(statement, viewer.workspace, *wanted)
        return page(request, [generation_of(row) for row in rows])

    async def count(self, viewer: Viewer, filter: GenerationFilter) -> int:
        number: int = await self.db.fetchval(
            COUNT, viewer.workspace, *_wanted(filter), filter.search
        )
        return number

    async def children(
        self, viewer: Viewer, ids: Sequence[GenerationId], request: PageRequest
    ) -> Mapping[GenerationId, Page[Generation]]:
        return await fetch_pages(self.db, CHILDREN, viewer, ids, request, value_of=generation_of)

    async def children_counts(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, int]:
        return await fetch_counts(self.db, CHILDREN_COUNTS, viewer, ids)

    async def stages(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, Sequence[Stage]]:
        found: dict[GenerationId, dict[StageName, Stage]] = {}
        for row in await self.db.fetch(STAGES, viewer.workspace, ids):
            stage = stage_of(row)
            found.setdefault(row["generation_id"], {})[stage.name] = stage
        return {
            generation: [stages[name] for name in StageName] for generation, stages in found.items()
        }

    async def slots(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, Sequence[Slot]]:
        found: dict[GenerationId, list[Slot]] = {}
        for row in await self.db.fetch(SLOTS, viewer.workspace, ids):
            found.setdefault(row["generation_id"], []).append(slot_of(row))
        return found

    async def charges(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, Sequence[Charge]]:
        found: dict[GenerationId, list[Charge]] = {generation: [] for generation in ids}
        for row in await self.db.fetch(CHARGES, viewer.workspace, ids):
            charge = Charge(row["model"], row["state"], row["amount"], row["created_at"])
            found[row["generation_id"]].append(charge)
        return found

    async def queue_places(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, QueuePlace]:
        return await estimates.queue_places(self.db, viewer.workspace, ids)

    async def _shown(self, viewer: Viewer, id: GenerationId) -> Generation:
        generation = await self.get(viewer, id)
        if generation is None:
            raise NotFound("The generation was deleted meanwhile.")
        return generation


def _wanted(
    filter: GenerationFilter,
) -> tuple[datetime | None, datetime | None, Sequence[str] | None, Sequence[str] | None]:
    return (filter.created_after, filter.created_before, filter.status or None, filter.mode or None)
