"""Image models of the catalogue."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from pipeline.catalogue.model import (
    EMBEDDED,
    CatalogueModel,
    ModelAvailability,
    availability,
)
from schema.context import Info
from schema.enums import AspectRatio, Quality, described

described(
    ModelAvailability,
    "Whether a model can be used.",
    {
        ModelAvailability.AVAILABLE: "It can.",
        ModelAvailability.UNCONFIGURED: "This server has no key for its provider.",
        ModelAvailability.DEGRADED: "Its provider is out of order at the moment.",
        ModelAvailability.RETIRED: "Its provider took it out of service.",
    },
)


@strawberry.type(description="An image model of the catalogue, in use or retired.")
class Model:
    """An image model of the catalogue."""

    entry: strawberry.Private[CatalogueModel]
    key: str = strawberry.field(description="Its stable name here, for `settings.model`.")
    provider: str = strawberry.field(description="Who runs it.")
    display_name: str = strawberry.field(description="Its name for people.")
    supports_negative_prompt: bool = strawberry.field(
        description="Whether it can be told what to leave out."
    )
    supports_seed: bool = strawberry.field(description="Whether it takes seeds.")
    max_reference_images: int = strawberry.field(
        description="How many photos it takes beside the words; 0: words only."
    )
    max_prompt_length: int = strawberry.field(description="The longest prompt, in characters.")
    quality_rating: float | None = strawberry.field(
        description="How good its images are, in 0..1, by an editor's estimate; null where there "
        "is none."
    )
    retires_on: datetime | None = strawberry.field(
        description="When it goes, or went, out of service, where that was announced."
    )

    @strawberry.field(description="The shapes it can make.")
    def aspect_ratios(self) -> list[AspectRatio]:
        return [ratio for ratio in AspectRatio if ratio in self.entry.aspect_ratios]

    @strawberry.field(
        description="What one image costs; null where that is not known, never 0 for unknown."
    )
    def price(
        self,
        quality: Annotated[
            Quality | None, strawberry.argument(description="The quality.")
        ] = Quality.STANDARD,
        aspect_ratio: Annotated[
            AspectRatio | None, strawberry.argument(description="The shape.")
        ] = AspectRatio.SQUARE,
    ) -> Decimal | None:
        return self.entry.price(quality or Quality.STANDARD, aspect_ratio or AspectRatio.SQUARE)

    @strawberry.field(description="Whether it can be used here and now.")
    async def availability(self, info: Info) -> ModelAvailability:
        library = info.context.library
        standing = availability(self.entry, library.providers, library.now())
        if standing is not ModelAvailability.AVAILABLE or self.provider == EMBEDDED:
            return standing
        ill = await info.context.loaders.degraded.load(self.provider)
        return ModelAvailability.DEGRADED if ill else standing

    @strawberry.field(description="The model that takes its place, where one is named.")
    def successor(self, info: Info) -> "Model | None":
        return found(info, self.entry.successor)

    @classmethod
    def from_domain(cls, entry: CatalogueModel) -> Self:
        return cls(
            entry=entry,
            key=entry.key,
            provider=entry.provider,
            display_name=entry.display_name,
            supports_negative_prompt=entry.supports_negative_prompt,
            supports_seed=entry.supports_seed,
            max_reference_images=entry.max_reference_images,
            max_prompt_length=entry.max_prompt_length,
            quality_rating=entry.quality_rating,
            retires_on=entry.retires_on,
        )


def found(info: Info, key: str | None) -> Model | None:
    entry = info.context.library.catalogue.find(key) if key else None
    return Model.from_domain(entry) if entry else None


def recorded(info: Info, key: str) -> Model:
    """Return the model of a record; the catalogue keeps every model that ever was in it."""
    entry = info.context.library.catalogue.recorded(key)
    if entry is None:
        raise LookupError(f"The catalogue has no model {key}")
    return Model.from_domain(entry)
