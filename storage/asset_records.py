"""Recording a stored image as an asset of its generation."""

from typing import Any
from uuid import uuid4

from pipeline.domain import (
    Asset,
    AssetId,
    AssetKind,
    Draft,
    GenerationId,
    StoredImage,
    WorkspaceId,
)
from storage.database import Executor

INSERT_ASSET = """
insert into generation_assets
  (id, generation_id, workspace_id, kind, object_key, cdn_url, content_type, byte_size, width,
   height, provider, model, seed, revised_prompt, metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
returning created_at
"""


async def record_asset(
    connection: Executor,
    workspace: WorkspaceId,
    generation: GenerationId,
    image: StoredImage,
    url: str,
    *,
    kind: AssetKind,
    draft: Draft | None = None,
    provider: str | None = None,
    seed: int | None = None,
) -> Asset:
    """Insert the row and return it as the asset it is; `draft` says who made it."""
    asset = AssetId(uuid4())
    model = None if draft is None else draft.model
    revised = None if draft is None else draft.revised_prompt
    metadata: dict[str, Any] = {} if draft is None else dict(draft.metadata)
    created_at = await connection.fetchval(
        INSERT_ASSET,
        asset,
        generation,
        workspace,
        kind,
        image.key,
        url,
        image.content_type,
        image.byte_size,
        image.width,
        image.height,
        provider,
        model,
        seed,
        revised,
        metadata,
    )
    return Asset(
        id=asset,
        generation_id=generation,
        kind=kind,
        image=image,
        url=url,
        model=model,
        provider=provider,
        seed=seed,
        revised_prompt=revised,
        metadata=metadata,
        created_at=created_at,
    )
