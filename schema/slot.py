"""The images of a generation, one by one."""

from datetime import datetime
from decimal import Decimal
from typing import Self

import strawberry

from pipeline import domain, repositories
from schema.asset import Asset
from schema.context import Info
from schema.enums import StageStatus
from schema.failure import GenerationError


@strawberry.type(
    description="One of the images of a generation: each succeeds, fails and costs by itself."
)
class ImageSlot:
    """One of the images of a generation."""

    row: strawberry.Private[domain.Slot]
    index: int = strawberry.field(description="Counted from 0.")
    status: StageStatus = strawberry.field(description="Where it stands.")
    seed: int | None = strawberry.field(
        description="The seed it is made with, by models that take one."
    )
    cost: Decimal = strawberry.field(description="What it has cost so far.")
    error: GenerationError | None = strawberry.field(description="Why it failed, where it did.")

    @strawberry.field(description="The image, once it is delivered.")
    async def asset(self, info: Info) -> Asset | None:
        if self.row.asset_id is None:
            return None
        row = await info.context.loaders.assets.load(self.row.asset_id)
        return Asset.from_domain(row) if row else None

    @classmethod
    def from_domain(cls, slot: domain.Slot) -> Self:
        return cls(
            row=slot,
            index=slot.index,
            status=slot.status,
            seed=slot.seed,
            cost=slot.cost,
            error=GenerationError.of(slot.failure),
        )


@strawberry.type(description="Where a generation stands in the queue.")
class QueuePlace:
    """Where a generation stands in the queue."""

    position: int = strawberry.field(description="How many start before it; 0: it is next.")
    expected_start_at: datetime | None = strawberry.field(
        description="When it is expected to start; null where that can't be told, as while there "
        "is no worker."
    )

    @classmethod
    def from_domain(cls, place: repositories.QueuePlace) -> Self:
        return cls(position=place.position, expected_start_at=place.expected_start_at)
