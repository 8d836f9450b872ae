"""Feedback to be, checked by its shape."""

import strawberry
from strawberry.scalars import JSON

from pipeline.domain import AssetId, GenerationId
from pipeline.errors import InvalidInput, NotFound
from pipeline.repositories import FeedbackDraft
from schema import rules
from schema.enums import FeedbackKind
from schema.ids import asset_id, generation_id

_RATED = (FeedbackKind.RATING, FeedbackKind.OUTLIER)


@strawberry.input(description="Feedback on a COMPLETED generation, or on an image it made.")
class FeedbackInput:
    """Feedback to be."""

    generation_id: strawberry.ID = strawberry.field(description="The generation it is about.")
    asset_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The image it is about, one that the generation made. PREFERRED needs it.",
    )
    preferred_over_asset_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="For PREFERRED, and only there: another image of the same generation.",
    )
    kind: FeedbackKind = strawberry.field(description="What kind it is.")
    rating: int | None = strawberry.field(
        default=None,
        description="1 to 5. RATING needs one, OUTLIER may have one, the others have none.",
    )
    comment: str | None = strawberry.field(
        default=None, description="At most 4000 characters. COMMENT needs it, all may have it."
    )
    metadata: JSON | None = strawberry.field(
        default=None, description="An object of at most 16 KB that is kept with it."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="At most 200 characters; see GenerateFromImageInput."
    )

    def to_domain(self) -> FeedbackDraft:
        """Raise `InvalidInput`, or `NotFound` for what is no id of the kind."""
        rating = self._rating()
        if self.kind is FeedbackKind.COMMENT and self.comment is None:
            raise InvalidInput("COMMENT needs a comment.", field="comment")
        comment = rules.optional_text(self.comment, "comment", rules.COMMENT)
        metadata = rules.json_object(self.metadata, "metadata")
        self._check_images()
        return FeedbackDraft(
            generation_id=_generation(self.generation_id),
            kind=self.kind,
            asset_id=_asset(self.asset_id, "assetId"),
            preferred_over=_asset(self.preferred_over_asset_id, "preferredOverAssetId"),
            rating=rating,
            comment=comment,
            metadata=metadata,
        )

    def _rating(self) -> int | None:
        if self.rating is None:
            if self.kind is FeedbackKind.RATING:
                raise InvalidInput("RATING needs a rating from 1 to 5.", field="rating")
            return None
        if self.kind not in _RATED:
            raise InvalidInput(f"{self.kind} takes no rating.", field="rating")
        return rules.within(self.rating, "rating", 1, 5)

    def _check_images(self) -> None:
        one, other = self.asset_id, self.preferred_over_asset_id
        if self.kind is not FeedbackKind.PREFERRED:
            if other is not None:
                raise InvalidInput(
                    "Only PREFERRED has an image that came second.", field="preferredOverAssetId"
                )
        elif one is None or other is None:
            name = "assetId" if one is None else "preferredOverAssetId"
            raise InvalidInput("PREFERRED compares two images.", field=name)
        elif one == other:
            raise InvalidInput("The two images are the same.", field="preferredOverAssetId")


def _generation(id: str) -> GenerationId:
    found = generation_id(id)
    if found is None:
        raise NotFound("generationId: there is no such generation.")
    return found


def _asset(id: str | None, field: str) -> AssetId | None:
    found = asset_id(id)
    if id is not None and found is None:
        raise NotFound(f"{field}: there is no such image.")
    return found
