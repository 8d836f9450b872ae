"""The generation that an image or a piece of feedback belongs to."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from pipeline.domain import GenerationId
from pipeline.errors import NotFound
from schema.context import Info

if TYPE_CHECKING:
    from schema.generation import Generation

Owner = Annotated["Generation", strawberry.lazy("schema.generation")]


async def owner(info: Info, id: GenerationId) -> "Generation":
    """Raise `NotFound` where it was deleted meanwhile."""
    from schema.generation import Generation  # noqa: PLC0415 - its fields lead back here

    row = await info.context.loaders.generations.load(id)
    if row is None:
        raise NotFound("The generation was deleted.")
    return Generation.from_domain(row)
