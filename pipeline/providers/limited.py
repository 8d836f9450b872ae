"""A model whose provider is asked no faster and no wider than agreed."""

from dataclasses import dataclass

from pipeline.calls import OpenCall
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel
from pipeline.turns import Gate, in_turn


@dataclass(frozen=True, slots=True)
class Limited:
    """`model` behind the gate of its provider."""

    model: ImageModel
    provider: str
    gate: Gate

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        async with in_turn(self.gate, self.provider):
            return await self.model.generate(request, accepted)

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Ask without waiting: it was admitted before."""
        return await self.model.resume(request, call, accepted)
