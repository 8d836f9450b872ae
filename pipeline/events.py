"""What happens to a generation, as it is recorded and shown."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain import (
    Asset,
    Failure,
    GenerationId,
    GenerationStatus,
    Stage,
    StageName,
    WorkspaceId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """The generation moved on."""

    status: GenerationStatus
    attempt: int
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class StageChanged:
    """A stage moved on."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class StageProgress:
    """A running stage reports; `fraction` is in 0..1 where it is known.

    `preview` is the key of what there is of the image of `slot`, for a while; `failure` says why
    there will be none.
    """

    name: StageName
    fraction: float | None
    message: str | None
    slot: int | None = None
    preview: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class AssetCreated:
    """An image was delivered."""

    asset: Asset
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class GenerationDeleted:
    """The last event of a generation."""


Change = StatusChanged | StageChanged | StageProgress | AssetCreated | GenerationDeleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change with its place, counted from 1 in its generation and in its workspace."""

    generation_id: GenerationId
    workspace: WorkspaceId
    seq: int
    workspace_seq: int
    at: datetime
    change: Change
