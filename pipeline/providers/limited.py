"""A model whose provider is asked no faster and no wider than agreed."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from pipeline.calls import OpenCall
from pipeline.deadlines import waiting_in_turn
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel


class Gate(Protocol):
    """Admits calls of a provider; waiting here provokes no refusal there."""

    def admitted(self, provider: str) -> AbstractAsyncContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class Limited:
    """`model` behind the gate of its provider."""

    model: ImageModel
    provider: str
    gate: Gate

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        async with AsyncExitStack() as stack:
            with waiting_in_turn():
                await stack.enter_async_context(self.gate.admitted(self.provider))
            return await self.model.generate(request, accepted)

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Ask without waiting: it was admitted before."""
        return await self.model.resume(request, call, accepted)
