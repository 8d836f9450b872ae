"""Rows of generations, assets, feedback and personas as values."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from pipeline.domain import (
    Asset,
    AssetId,
    AssetKind,
    Brief,
    Facts,
    Failure,
    Feedback,
    FeedbackId,
    FeedbackKind,
    Generation,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    GenerationStatus,
    Persona,
    PersonaId,
    StoredImage,
    UserId,
    WorkspaceId,
)
from pipeline.spec import GarmentSpec
from storage.codec import decode

T = TypeVar("T")


def generation_of(row: asyncpg.Record) -> Generation:
    """Return the generation of a row that was read with its workspace's `head`."""
    return Generation(
        id=GenerationId(row["id"]),
        workspace=WorkspaceId(row["workspace_id"]),
        user=UserId(row["user_id"]),
        brief=_brief(row),
        status=GenerationStatus(row["status"]),
        attempt=row["attempt"],
        facts=_facts(row),
        parent_id=_optional_id(GenerationId, row["parent_id"]),
        cost=row["cost"],
        failure=_optional(Failure, row["error"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        completed_at=row["completed_at"],
        head=row["head"],
    )


def asset_of(row: asyncpg.Record) -> Asset:
    """Return the asset that a row holds."""
    image = StoredImage(
        key=row["object_key"],
        content_type=row["content_type"],
        byte_size=row["byte_size"],
        width=row["width"],
        height=row["height"],
    )
    return Asset(
        id=AssetId(row["id"]),
        generation_id=GenerationId(row["generation_id"]),
        kind=AssetKind(row["kind"]),
        image=image,
        url=row["cdn_url"],
        model=row["model"],
        provider=row["provider"],
        seed=row["seed"],
        revised_prompt=row["revised_prompt"],
        metadata=row["metadata"],
        created_at=row["created_at"],
    )


def feedback_of(row: asyncpg.Record) -> Feedback:
    """Return the feedback that a row holds."""
    return Feedback(
        id=FeedbackId(row["id"]),
        generation_id=GenerationId(row["generation_id"]),
        user=UserId(row["user_id"]),
        kind=FeedbackKind(row["kind"]),
        asset_id=_optional_id(AssetId, row["asset_id"]),
        preferred_over=_optional_id(AssetId, row["preferred_over_id"]),
        rating=row["rating"],
        comment=row["comment"],
        metadata=row["metadata"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def persona_of(row: asyncpg.Record) -> Persona:
    """Return the persona of a workspace that a row holds."""
    return Persona(
        id=PersonaId(row["id"]),
        name=row["name"],
        description=row["description"],
        attributes=row["attributes"],
        built_in=False,
        created_at=row["created_at"],
    )


def _brief(row: asyncpg.Record) -> Brief:
    return Brief(
        mode=GenerationMode(row["mode"]),
        prompt=row["prompt"],
        negative_prompt=row["negative_prompt"],
        settings=decode(GenerationSettings, row["settings"]),
        source=_optional(StoredImage, row["source"]),
        spec=_optional(GarmentSpec, row["given_spec"]),
    )


def _facts(row: asyncpg.Record) -> Facts:
    """Return what the stages settled; until they do, the spec is the one that was given.

    What this attempt ran into is among the warnings, each of which stands there once.
    """
    facts = decode(Facts, {"spec": row["given_spec"]} | row["pipeline_data"])
    warnings = dict.fromkeys((*facts.warnings, *facts.troubles))
    return replace(facts, warnings=tuple(warnings), troubles=())


def _optional(kind: type[T], stored: Any) -> T | None:
    return None if stored is None else decode(kind, stored)


def _optional_id(kind: Callable[[UUID], T], stored: UUID | None) -> T | None:
    return None if stored is None else kind(stored)
