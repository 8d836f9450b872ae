"""Feedback: what users did with what they got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

import asyncpg

from pipeline.domain import (
    AssetId,
    AssetKind,
    Feedback,
    FeedbackId,
    FeedbackKind,
    GenerationId,
    GenerationStatus,
    Viewer,
)
from pipeline.errors import Conflict, InvalidInput, NotFound
from pipeline.repositories import FeedbackDraft, Page, PageRequest
from storage.database import Executor, transaction
from storage.idempotency import first_result
from storage.pages import fetch_counts, fetch_pages
from storage.rows import feedback_of

# It can't be deleted before what is said of it is written.
KEEP_GENERATION = """
select status from generations where id = $1 and workspace_id = $2 for key share
"""

TARGETS = """
select id, generation_id, kind from generation_assets
 where workspace_id = $1 and id = any($2::uuid[])
"""

GIVE = """
insert into generation_feedback
  (id, generation_id, workspace_id, user_id, asset_id, preferred_over_id, kind, rating, comment,
   metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict
  (user_id, generation_id, kind, coalesce(asset_id, '00000000-0000-0000-0000-000000000000'::uuid))
  where kind in ('HEART', 'RATING', 'OUTLIER')
do update set rating = excluded.rating, comment = excluded.comment, metadata = excluded.metadata,
              updated_at = clock_timestamp()
returning id
"""

SETTLE_KEY = """
update idempotency_keys set result = $4 where user_id = $1 and mutation = $2 and key = $3
"""

TAKE_BACK = """
delete from generation_feedback where id = $1 and workspace_id = $2 and user_id = $3
returning true
"""

BY_IDS = """
select id, generation_id, user_id, asset_id, preferred_over_id, kind, rating, comment, metadata,
       created_at, updated_at
  from generation_feedback
 where workspace_id = $1 and id = any($2::uuid[])
"""

OF_GENERATIONS = """
select of.id as parent, f.*
  from unnest($2::uuid[]) as of (id)
 cross join lateral (
         select id, generation_id, user_id, asset_id, preferred_over_id, kind, rating, comment,
                metadata, created_at, updated_at
           from generation_feedback
          where generation_id = of.id and workspace_id = $1
            and (created_at, id) > (coalesce($3::timestamptz, '-infinity'),
                                    coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))
            and (created_at, id) < (coalesce($5::timestamptz, 'infinity'),
                                    coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
          order by case when $8::bool then created_at end desc, case when $8 then id end desc,
                   created_at, id
          limit $7) as f
"""

COUNTS = """
select generation_id as parent, count(*) as number from generation_feedback
 where workspace_id = $1 and generation_id = any($2::uuid[])
 group by generation_id
"""


@dataclass(frozen=True, slots=True)
class FeedbackBook:
    """`repositories.FeedbackBook` on PostgreSQL."""

    db: asyncpg.Pool

    async def submit(self, viewer: Viewer, draft: FeedbackDraft) -> Feedback:
        async with transaction(self.db) as connection:
            given = await _give(connection, viewer, draft)
            rows = await connection.fetch(BY_IDS, viewer.workspace, [given])
        if not rows:
            raise NotFound("The feedback was deleted meanwhile.")
        return feedback_of(rows[0])

    async def delete(self, viewer: Viewer, id: FeedbackId) -> None:
        if not await self.db.fetchval(TAKE_BACK, id, viewer.workspace, viewer.user):
            raise NotFound("There is no such feedback.")

    async def by_ids(
        self, viewer: Viewer, ids: Sequence[FeedbackId]
    ) -> Mapping[FeedbackId, Feedback]:
        found = map(feedback_of, await self.db.fetch(BY_IDS, viewer.workspace, ids))
        return {feedback.id: feedback for feedback in found}

    async def of_generations(
        self, viewer: Viewer, ids: Sequence[GenerationId], request: PageRequest
    ) -> Mapping[GenerationId, Page[Feedback]]:
        return await fetch_pages(
            self.db, OF_GENERATIONS, viewer, ids, request, value_of=feedback_of
        )

    async def counts(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, int]:
        return await fetch_counts(self.db, COUNTS, viewer, ids)


async def _give(connection: Executor, viewer: Viewer, draft: FeedbackDraft) -> FeedbackId:
    """Record `draft` and return its id: an earlier one's where it replaces that."""
    new = FeedbackId(uuid4())
    earlier = await first_result(connection, viewer.user, draft.idempotency, new)
    if earlier is not None:
        return FeedbackId(earlier)
    await _check(connection, viewer, draft)
    given: FeedbackId = await connection.fetchval(
        GIVE,
        new,
        draft.generation_id,
        viewer.workspace,
        viewer.user,
        draft.asset_id,
        draft.preferred_over,
        draft.kind,
        draft.rating,
        draft.comment,
        dict(draft.metadata),
    )
    key = draft.idempotency
    if key is not None and given != new:
        await connection.execute(SETTLE_KEY, viewer.user, key.mutation, key.key, given)
    return given


async def _check(connection: Executor, viewer: Viewer, draft: FeedbackDraft) -> None:
    status = await connection.fetchval(KEEP_GENERATION, draft.generation_id, viewer.workspace)
    if status is None:
        raise NotFound("generationId: there is no such generation.")
    if status != GenerationStatus.COMPLETED:
        raise Conflict(f"Only a COMPLETED generation takes feedback; this one is {status}.")
    if draft.kind is FeedbackKind.PREFERRED:
        _check_preference(draft)
    wanted = {"assetId": draft.asset_id, "preferredOverAssetId": draft.preferred_over}
    named = {field: asset for field, asset in wanted.items() if asset is not None}
    rows = await connection.fetch(TARGETS, viewer.workspace, list(named.values()))
    targets: dict[AssetId, asyncpg.Record] = {row["id"]: row for row in rows}
    for field, asset in named.items():
        if asset not in targets:
            raise NotFound(f"{field}: there is no such image.")
        if targets[asset]["kind"] == AssetKind.SOURCE:
            raise InvalidInput("A source photo takes no feedback.", field=field)
        if targets[asset]["generation_id"] != draft.generation_id:
            raise InvalidInput(f"{field} is not an image of this generation.", field=field)


def _check_preference(draft: FeedbackDraft) -> None:
    if draft.asset_id is None:
        raise InvalidInput("PREFERRED needs the image that is preferred.", field="assetId")
    if draft.preferred_over is None:
        raise InvalidInput(
            "PREFERRED needs what it is preferred over.", field="preferredOverAssetId"
        )
    if draft.preferred_over == draft.asset_id:
        raise InvalidInput("An image can't be preferred over itself.", field="preferredOverAssetId")
