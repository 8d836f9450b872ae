"""Images that generations own."""

from datetime import datetime
from typing import Annotated, Self

import strawberry
from strawberry.scalars import JSON

from pipeline import domain
from pipeline.errors import InvalidInput
from schema.context import Info
from schema.enums import AssetKind, Verdict
from schema.ids import Kind, global_id
from schema.model import Model, found
from schema.node import Node
from schema.owner import Owner, owner

_PREVIEWS = (320, 1024)


@strawberry.type(description="How well an image shows one attribute of what was asked.")
class FidelityAttribute:
    """How well an image shows one attribute."""

    name: str = strawberry.field(description="Such as colour or pattern.")
    target: str | None = strawberry.field(description="What was asked.")
    measured: str | None = strawberry.field(description="What the image shows.")
    delta_e: float | None = strawberry.field(
        description="For a colour, the CIEDE2000 difference between the two."
    )
    verdict: Verdict = strawberry.field(description="What that amounts to.")


@strawberry.type(description="How well an image shows what was asked.")
class Fidelity:
    """How well an image shows what was asked."""

    verdict: Verdict = strawberry.field(description="On the whole.")
    score: float | None = strawberry.field(description="On the whole, in 0..1.")
    attributes: list[FidelityAttribute] = strawberry.field(description="One by one.")


@strawberry.type(description="A stored image that a generation owns.")
class Asset(Node):
    """A stored image."""

    row: strawberry.Private[domain.Asset]
    kind: AssetKind = strawberry.field(description="What it is to its generation.")
    key: str = strawberry.field(description="Its key in the object store.")
    content_type: str = strawberry.field(description="Its media type, such as image/png.")
    byte_size: int = strawberry.field(description="Its size in bytes.")
    width: int = strawberry.field(description="Its width in pixels.")
    height: int = strawberry.field(description="Its height in pixels.")
    seed: int | None = strawberry.field(description="The seed it was made with.")
    revised_prompt: str | None = strawberry.field(
        description="What the provider made of the prompt, where it says."
    )
    metadata: JSON = strawberry.field(description="What else was recorded about it.")
    created_at: datetime = strawberry.field(description="When it was stored.")

    @strawberry.field(description="Where a browser fetches it.")
    def url(self, info: Info) -> str:
        return info.context.library.address(self.key)

    @strawberry.field(description="The generation that owns it.")
    async def generation(self, info: Info) -> Owner:
        return await owner(info, self.row.generation_id)

    @strawberry.field(
        description="A smaller WebP for galleries. Smaller pictures are not made yet: for now "
        "this is `url`, whatever the width."
    )
    def preview_url(
        self,
        info: Info,
        width: Annotated[int | None, strawberry.argument(description="320 or 1024 pixels.")] = 320,
    ) -> str:
        if width not in (None, *_PREVIEWS):
            raise InvalidInput(f"width must be 320 or 1024, not {width}.", field="width")
        return info.context.library.address(self.key)

    @strawberry.field(description="A blur hash to show meanwhile; not computed yet, so null.")
    def placeholder(self) -> str | None:
        return None

    @strawberry.field(description="The model that made it; null for a source photo.")
    def model(self, info: Info) -> Model | None:
        return found(info, self.row.model)

    @strawberry.field(
        description="How well it shows what was asked; null where that was not measured."
    )
    def fidelity(self) -> Fidelity | None:
        return None

    @classmethod
    def from_domain(cls, asset: domain.Asset) -> Self:
        image = asset.image
        return cls(
            id=global_id(Kind.ASSET, asset.id),
            row=asset,
            kind=asset.kind,
            key=image.key,
            content_type=image.content_type,
            byte_size=image.byte_size,
            width=image.width,
            height=image.height,
            seed=asset.seed,
            revised_prompt=asset.revised_prompt,
            metadata=JSON(dict(asset.metadata)),
            created_at=asset.created_at,
        )
