"""A model that is left alone for a while after its provider failed again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pipeline.breakers import Breaker, counted, left_alone
from pipeline.calls import OpenCall
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel
from pipeline.waits import goes_on, rests

# A trial that goes well ends the pause of all, long before it is over.
_LOOK_AGAIN: Final = 5.0
_LEAST_WAIT: Final = 0.1


@dataclass(frozen=True, slots=True)
class Breaking:
    """`model` behind the breaker of its provider."""

    model: ImageModel
    provider: str
    breaker: Breaker
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        """Raise `ProviderUnavailable` at once while the provider is left alone.

        Where no other may stand in, wait until it is asked again.
        """
        seconds = await self.breaker.rests(self.provider)
        if seconds is not None:
            if not request.alone:
                raise left_alone(self.provider)
            await self._wait(seconds)
        async with counted(self.breaker, self.provider):
            return await self.model.generate(request, accepted)

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Ask even while the breaker is open: it is about money that may be spent.

        That it fails counts for nothing: what went wrong, went wrong with an earlier worker.
        """
        result = await self.model.resume(request, call, accepted)
        await self.breaker.succeeded(self.provider)
        return result

    async def _wait(self, seconds: float | None) -> None:
        while seconds is not None:
            rests(self.provider, seconds)
            await self.sleep(max(_LEAST_WAIT, min(seconds, _LOOK_AGAIN)))
            seconds = await self.breaker.rests(self.provider)
        goes_on(self.provider)
