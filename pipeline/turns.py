"""Waiting for one's turn at a provider, and asking again where it is known that nothing ran."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from pipeline.deadlines import waiting_in_turn
from pipeline.errors import NeverRan, ProviderUnavailable

T = TypeVar("T")

FIRST_WAIT = 1.0
MOST_WAIT = 60.0


class Gate(Protocol):
    """Admits calls of a provider; waiting here provokes no refusal there."""

    def admitted(self, provider: str) -> AbstractAsyncContextManager[None]: ...


class OpenGate:
    """Admits everything."""

    def admitted(self, provider: str) -> AbstractAsyncContextManager[None]:
        """Wait for nothing."""
        del provider
        return nullcontext()


OPEN: Final = OpenGate()


@asynccontextmanager
async def in_turn(gate: Gate, provider: str) -> AsyncGenerator[None]:
    """Hold a place at the provider while the body runs; the wait for it takes no stage's time."""
    async with AsyncExitStack() as stack:
        with waiting_in_turn():
            await stack.enter_async_context(gate.admitted(provider))
        yield


def passing(refused: ProviderUnavailable) -> bool:
    """Whether the same call may do better soon."""
    return refused.transient


def never_ran(refused: ProviderUnavailable) -> bool:
    """Whether another call may do better, under a line of its own in the ledger."""
    return isinstance(refused, NeverRan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Up to `tries` calls where `hopeful`; waits double, with full jitter, or are the provider's.

    Where that asks to wait for more than `most` seconds, it is not asked again.
    """

    tries: int = 3
    most: float = MOST_WAIT
    hopeful: Callable[[ProviderUnavailable], bool] = passing
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: random.Random = field(default_factory=random.Random)

    async def __call__(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Raise the last refusal; whatever may have run is raised at once."""
        for attempt in range(1, self.tries):
            try:
                return await ask()
            except ProviderUnavailable as refused:
                if not self.hopeful(refused) or (refused.retry_after or 0.0) > self.most:
                    raise
                await self.sleep(self._wait(attempt, refused.retry_after))
        return await ask()

    def _wait(self, attempt: int, said: float | None) -> float:
        if said is not None:
            return said + self.chance.uniform(0, 0.5)
        return self.chance.uniform(0, min(self.most, FIRST_WAIT * 2**attempt))
