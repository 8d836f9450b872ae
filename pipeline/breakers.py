"""Whether a provider is left alone for a while, after it failed again and again."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from pipeline.errors import (
    CallFailed,
    ContentRejected,
    NeverRan,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
    Throttled,
)


@dataclass(frozen=True, slots=True)
class Rest:
    """A provider is left alone for so many seconds more; `trial`: one call asks it just now."""

    seconds: float
    trial: bool = False


class Breaker(Protocol):
    """Counts failures in a row, for all workers together."""

    async def rests(self, provider: str) -> Rest | None:
        """Return how long the provider is still left alone, None for who may ask it."""
        ...

    async def failed(self, provider: str) -> None: ...
    async def succeeded(self, provider: str) -> None: ...


class Closed:
    """A breaker that never opens."""

    async def rests(self, provider: str) -> Rest | None:
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
        elif isinstance(failed, ContentRejected | Throttled):
            await breaker.succeeded(provider)
        raise
    await breaker.succeeded(provider)


def left_alone(provider: str) -> ProviderUnavailable:
    """Return the error for who can't wait."""
    message = f"{provider} failed too often lately and is left alone"
    return ProviderUnavailable(message, everywhere=True)


def _is_the_providers(failed: StageFailed) -> bool:
    """Tell outages from refusals, which say that the provider is well."""
    if isinstance(failed, ProviderUnavailable) and not isinstance(failed, NeverRan):
        return failed.transient and not isinstance(failed, Throttled)
    return isinstance(failed, CallFailed | OutcomeUnknown | NeverRan)
