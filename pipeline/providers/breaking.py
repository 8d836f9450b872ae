"""A model that is left alone for a while after its provider failed again and again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from pipeline.calls import OpenCall
from pipeline.errors import (
    CallFailed,
    ContentRejected,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
    Throttled,
)
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel
from pipeline.waits import goes_on, rests

# A trial that goes well ends the pause of all, long before it is over.
_LOOK_AGAIN: Final = 5.0
_LEAST_WAIT: Final = 0.1


class Breaker(Protocol):
    """Counts failures in a row, for all workers together."""

    async def rests(self, provider: str) -> float | None:
        """Return how many seconds the provider is still left alone, None for who may ask it."""
        ...

    async def failed(self, provider: str) -> None: ...
    async def succeeded(self, provider: str) -> None: ...


class Closed:
    """A breaker that never opens."""

    async def rests(self, provider: str) -> float | None:
        del provider
        return None

    async def failed(self, provider: str) -> None:
        del provider

    async def succeeded(self, provider: str) -> None:
        del provider


CLOSED: Final = Closed()


@asynccontextmanager
async def counted(breaker: Breaker, provider: str) -> AsyncGenerator[None]:
    """Tell the breaker how the body ends."""
    try:
        yield
    except StageFailed as failed:
        if _is_the_providers(failed):
            await breaker.failed(provider)
        elif isinstance(failed, ContentRejected):
            await breaker.succeeded(provider)
        raise
    await breaker.succeeded(provider)


def left_alone(provider: str) -> ProviderUnavailable:
    """Return the error for who can't wait."""
    return ProviderUnavailable(f"{provider} failed too often lately and is left alone")


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


def _is_the_providers(failed: StageFailed) -> bool:
    """Tell outages from refusals, which say that the provider is well."""
    if isinstance(failed, ProviderUnavailable):
        return failed.transient and not isinstance(failed, Throttled)
    return isinstance(failed, CallFailed | OutcomeUnknown)
