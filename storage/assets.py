"""Stored images as clients see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain import Asset, AssetId, GenerationId, Viewer
from pipeline.repositories import Page, PageRequest
from storage.database import Executor
from storage.pages import fetch_counts, fetch_pages
from storage.rows import asset_of

BY_IDS = """
select id, generation_id, kind, object_key, cdn_url, content_type, byte_size, width, height,
       provider, model, seed, revised_prompt, metadata, created_at
  from generation_assets
 where workspace_id = $1 and id = any($2::uuid[])
"""

OF_GENERATIONS = """
select of.id as parent, a.*
  from unnest($2::uuid[]) as of (id)
 cross join lateral (
         select id, generation_id, kind, object_key, cdn_url, content_type, byte_size, width,
                height, provider, model, seed, revised_prompt, metadata, created_at
           from generation_assets
          where generation_id = of.id and workspace_id = $1
            and (created_at, id) > (coalesce($3::timestamptz, '-infinity'),
                                    coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))
            and (created_at, id) < (coalesce($5::timestamptz, 'infinity'),
                                    coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
          order by case when $8::bool then created_at end desc, case when $8 then id end desc,
                   created_at, id
          limit $7) as a
"""

COUNTS = """
select generation_id as parent, count(*) as number from generation_assets
 where workspace_id = $1 and generation_id = any($2::uuid[])
 group by generation_id
"""


@dataclass(frozen=True, slots=True)
class Assets:
    """`repositories.Assets` on PostgreSQL."""

    db: Executor

    async def by_ids(self, viewer: Viewer, ids: Sequence[AssetId]) -> Mapping[AssetId, Asset]:
        found = map(asset_of, await self.db.fetch(BY_IDS, viewer.workspace, ids))
        return {asset.id: asset for asset in found}

    async def of_generations(
        self, viewer: Viewer, ids: Sequence[GenerationId], request: PageRequest
    ) -> Mapping[GenerationId, Page[Asset]]:
        return await fetch_pages(self.db, OF_GENERATIONS, viewer, ids, request, value_of=asset_of)

    async def counts(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, int]:
        return await fetch_counts(self.db, COUNTS, viewer, ids)
