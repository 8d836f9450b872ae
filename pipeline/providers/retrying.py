"""A model that is asked again where it is known that nothing ran."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pipeline.calls import OpenCall
from pipeline.errors import ProviderUnavailable
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel

FIRST_WAIT = 1.0
MOST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Retrying:
    """`model`, with up to `tries` calls; waits double, with full jitter, or are the provider's."""

    model: ImageModel
    tries: int = 3
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: random.Random = field(default_factory=random.Random)

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        """Raise the last refusal; whatever may have run is raised at once."""
        for attempt in range(1, self.tries):
            try:
                return await self.model.generate(request, accepted)
            except ProviderUnavailable as refused:
                if not refused.transient:
                    raise
                await self.sleep(self._wait(attempt, refused.retry_after))
        return await self.model.generate(request, accepted)

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Resume once: resuming waits and asks again by itself."""
        return await self.model.resume(request, call, accepted)

    def _wait(self, attempt: int, said: float | None) -> float:
        if said is not None:
            return min(said, MOST_WAIT) + self.chance.uniform(0, 0.5)
        return self.chance.uniform(0, min(MOST_WAIT, FIRST_WAIT * 2**attempt))
