"""What happens to generations, shown as it was then."""

from datetime import datetime
from typing import TypedDict, assert_never

import strawberry

from pipeline import events as domain
from schema.asset import Asset
from schema.context import Info
from schema.cursors import Cursor, stream_cursor
from schema.enums import GenerationStatus, StageName
from schema.failure import GenerationError
from schema.ids import Kind, global_id
from schema.stage import Stage


@strawberry.interface(
    description="One thing that happened to a generation, shown as it was then. A generation's "
    "events are numbered from 1 without gaps, over all its attempts."
)
class GenerationEvent:
    """One thing that happened."""

    generation_id: strawberry.ID = strawberry.field(description="The generation.")
    seq: int = strawberry.field(description="Its number among the generation's events, from 1.")
    cursor: Cursor = strawberry.field(description="Subscribe after it to go on from here.")
    at: datetime = strawberry.field(description="When it happened.")


@strawberry.type(description="The generation moved on.")
class StatusChanged(GenerationEvent):
    """The generation moved on."""

    status: GenerationStatus = strawberry.field(description="Its new status.")
    attempt: int = strawberry.field(description="Its attempt, counted from 1.")
    error: GenerationError | None = strawberry.field(description="Why it failed, where it did.")


@strawberry.type(description="A stage moved on.")
class StageChanged(GenerationEvent):
    """A stage moved on."""

    stage: Stage = strawberry.field(description="The stage as it was then.")


@strawberry.type(
    description="A running stage tells how far it is, at most twice a second for each stage, and "
    "at once that an image can't be made, or that another model goes on with it."
)
class StageProgress(GenerationEvent):
    """A running stage tells how far it is."""

    name: StageName = strawberry.field(description="The stage.")
    fraction: float | None = strawberry.field(description="How far, in 0..1, where it is known.")
    message: str | None = strawberry.field(description="What it is doing, in a few words.")
    slot: int | None = strawberry.field(
        description="Which of the generation's images it is about, where it is about one."
    )
    error: GenerationError | None = strawberry.field(
        description="Why that image is missing, where it could not be made."
    )
    preview: strawberry.Private[str | None] = None

    @strawberry.field(
        description="What there is of that image so far, small, where its model shows images on "
        "their way. It is gone some minutes later."
    )
    def partial_url(self, info: Info) -> str | None:
        return info.context.library.address(self.preview) if self.preview else None


@strawberry.type(description="An image was delivered.")
class AssetCreated(GenerationEvent):
    """An image was delivered."""

    asset: Asset = strawberry.field(description="The image.")
    slot: int | None = strawberry.field(
        description="The index of its slot; null in events of earlier releases."
    )


@strawberry.type(description="The generation was deleted; this is its last event.")
class GenerationDeleted(GenerationEvent):
    """The generation was deleted."""


EVENT_TYPES = (StatusChanged, StageChanged, StageProgress, AssetCreated, GenerationDeleted)


class _Place(TypedDict):
    generation_id: strawberry.ID
    seq: int
    cursor: Cursor
    at: datetime


def shown(event: domain.Event) -> GenerationEvent:
    """Return the event as clients see it."""
    place = _Place(
        generation_id=global_id(Kind.GENERATION, event.generation_id),
        seq=event.seq,
        cursor=stream_cursor(event.workspace, event.workspace_seq),
        at=event.at,
    )
    match event.change:
        case domain.StatusChanged(status=status, attempt=attempt, failure=failure):
            error = GenerationError.of(failure)
            return StatusChanged(**place, status=status, attempt=attempt, error=error)
        case domain.StageChanged(stage=stage):
            return StageChanged(**place, stage=Stage.from_domain(stage))
        case domain.StageProgress(name=name, fraction=fraction, message=message) as told:
            return StageProgress(
                **place,
                name=name,
                fraction=fraction,
                message=message,
                slot=told.slot,
                error=GenerationError.of(told.failure),
                preview=told.preview,
            )
        case domain.AssetCreated(asset=asset, slot=slot):
            return AssetCreated(**place, asset=Asset.from_domain(asset), slot=slot)
        case domain.GenerationDeleted():
            return GenerationDeleted(**place)
        case _:
            assert_never(event.change)
