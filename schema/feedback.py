"""What users did with what they got."""

from datetime import datetime
from typing import Annotated, Self

import strawberry
from strawberry.scalars import JSON

from pipeline import domain
from schema.asset import Asset
from schema.context import Info
from schema.enums import FeedbackKind
from schema.errors import Conflict, InvalidInput, NotFound
from schema.ids import Kind, global_id
from schema.node import Node
from schema.owner import Owner, owner


@strawberry.type(
    description="What a user did with a generation or one of its images. Of HEART, RATING and "
    "OUTLIER there is one for each user and target: the next replaces it and keeps its id."
)
class Feedback(Node):
    """What a user did with a generation or one of its images."""

    row: strawberry.Private[domain.Feedback]
    kind: FeedbackKind = strawberry.field(description="What kind it is.")
    rating: int | None = strawberry.field(description="1 to 5, from worst to best.")
    comment: str | None = strawberry.field(description="In words.")
    metadata: JSON = strawberry.field(description="What the client added for itself.")
    created_at: datetime = strawberry.field(description="When it was first given.")
    updated_at: datetime = strawberry.field(description="When it was last given.")

    @strawberry.field(description="The generation it is about.")
    async def generation(self, info: Info) -> Owner:
        return await owner(info, self.row.generation_id)

    @strawberry.field(description="The image it is about; null where it is about all of them.")
    async def asset(self, info: Info) -> Asset | None:
        return await _asset(info, self.row.asset_id)

    @strawberry.field(description="For PREFERRED: the image that came second.")
    async def preferred_over(self, info: Info) -> Asset | None:
        return await _asset(info, self.row.preferred_over)

    @classmethod
    def from_domain(cls, feedback: domain.Feedback) -> Self:
        return cls(
            id=global_id(Kind.FEEDBACK, feedback.id),
            row=feedback,
            kind=feedback.kind,
            rating=feedback.rating,
            comment=feedback.comment,
            metadata=JSON(dict(feedback.metadata)),
            created_at=feedback.created_at,
            updated_at=feedback.updated_at,
        )


async def _asset(info: Info, id: domain.AssetId | None) -> Asset | None:
    row = await info.context.loaders.assets.load(id) if id else None
    return Asset.from_domain(row) if row else None


FeedbackResult = Annotated[
    Feedback | InvalidInput | NotFound | Conflict,
    strawberry.union("FeedbackResult", description="The feedback, or why there is none."),
]
