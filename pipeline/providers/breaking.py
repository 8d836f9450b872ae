"""A model that is left alone for a while after its provider failed again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pipeline.breakers import Breaker, Rest, counted, left_alone
from pipeline.calls import OpenCall
from pipeline.errors import ProviderUnavailable, Throttled
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel
from pipeline.waits import goes_on, rests

# A trial that goes well ends the pause of all, long before it is over.
_LOOK_AGAIN: Final = 5.0
_LEAST_WAIT: Final = 0.1
# Who waits keeps a place at its worker from others: so many seconds, some pauses, are enough.
_MOST_WAIT: Final = 120.0


@dataclass(frozen=True, slots=True)
class Breaking:
    """`model` behind the breaker of its provider."""

    model: ImageModel
    provider: str
    breaker: Breaker
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        """Raise `ProviderUnavailable` at once while the provider is left alone.

        A trial that is under way is waited for, and where no other may stand in the next one too.
        """
        rest = await self.breaker.rests(self.provider)
        if rest is None:
            return await self._counted(request, accepted)
        await self._wait(rest, alone=request.alone)
        try:
            return await self._counted(request, accepted)
        except Throttled:
            raise
        except ProviderUnavailable as failed:
            # Not to be tried again: each try would wait as long.
            raise ProviderUnavailable(failed.message, everywhere=failed.everywhere) from failed

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Ask even while the breaker is open: it is about money that may be spent.

        That it fails counts for nothing: what went wrong, went wrong with an earlier worker.
        """
        result = await self.model.resume(request, call, accepted)
        await self.breaker.succeeded(self.provider)
        return result

    async def _counted(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        async with counted(self.breaker, self.provider):
            return await self.model.generate(request, accepted)

    async def _wait(self, rest: Rest | None, *, alone: bool) -> None:
        waited = 0.0
        while rest is not None:
            if waited >= _MOST_WAIT or not (alone or rest.trial):
                raise left_alone(self.provider)
            rests(self.provider, rest.seconds)
            wait = max(_LEAST_WAIT, min(rest.seconds, _LOOK_AGAIN))
            await self.sleep(wait)
            waited += wait
            rest = await self.breaker.rests(self.provider)
        goes_on(self.provider)
