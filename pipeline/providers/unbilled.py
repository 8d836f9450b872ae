"""Models that cost nothing and leave no trace: they can be asked again."""

from dataclasses import dataclass
from typing import Protocol

from pipeline.calls import OpenCall
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted


class Painter(Protocol):
    """Makes one image on this machine."""

    async def generate(self, request: ImageRequest) -> ImageResult: ...


@dataclass(frozen=True, slots=True)
class Unbilled:
    """`painter` as an `ImageModel`."""

    painter: Painter

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        del accepted
        return await self.painter.generate(request)

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Make it again, which costs nothing."""
        del call
        return await self.generate(request, accepted)
