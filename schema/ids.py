"""Global ids: opaque to clients, a type's name and a UUID to us."""

from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from strawberry import ID

from pipeline.domain import AssetId, FeedbackId, GenerationId, PersonaId
from schema.opaque import decoded, encoded


class Kind(StrEnum):
    """The types that have ids."""

    GENERATION = "Generation"
    ASSET = "Asset"
    FEEDBACK = "Feedback"
    PERSONA = "Persona"
    USER = "User"
    WORKSPACE = "Workspace"


@lru_cache(4096)
def global_id(kind: Kind, key: UUID) -> ID:
    return ID(encoded(f"{kind}:{key}".encode()))


def parsed(id: str) -> tuple[Kind, UUID] | None:
    """Return what `id` names, or None where it is not one of ours."""
    name, _, key = (decoded(id) or b"").decode(errors="replace").partition(":")
    try:
        kind, uuid = Kind(name), UUID(key)
    except ValueError:
        return None
    # Another spelling of the same UUID would be a second id of the same thing.
    return (kind, uuid) if str(uuid) == key else None


def generation_id(id: str | None) -> GenerationId | None:
    uuid = _of(Kind.GENERATION, id)
    return GenerationId(uuid) if uuid else None


def asset_id(id: str | None) -> AssetId | None:
    uuid = _of(Kind.ASSET, id)
    return AssetId(uuid) if uuid else None


def feedback_id(id: str | None) -> FeedbackId | None:
    uuid = _of(Kind.FEEDBACK, id)
    return FeedbackId(uuid) if uuid else None


def persona_id(id: str | None) -> PersonaId | None:
    uuid = _of(Kind.PERSONA, id)
    return PersonaId(uuid) if uuid else None


def _of(kind: Kind, id: str | None) -> UUID | None:
    match parsed(id or ""):
        case (found, uuid) if found is kind:
            return uuid
        case _:
            return None
