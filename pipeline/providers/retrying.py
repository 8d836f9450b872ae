"""A model that is asked again where it is known that nothing ran."""

from dataclasses import dataclass, field
from functools import partial

from pipeline.calls import OpenCall
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel
from pipeline.turns import Patience


@dataclass(frozen=True, slots=True)
class Retrying:
    """`model`, asked with `patience`."""

    model: ImageModel
    patience: Patience = field(default_factory=Patience)

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        """Raise the last refusal; whatever may have run is raised at once."""
        return await self.patience(partial(self.model.generate, request, accepted))

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Resume once: resuming waits and asks again by itself."""
        return await self.model.resume(request, call, accepted)
