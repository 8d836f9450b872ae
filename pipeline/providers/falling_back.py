"""A hosted enhancement with the embedded one behind it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from pipeline.domain import Brief
from pipeline.errors import StageFailed
from pipeline.paying import Till, withheld
from pipeline.results import Enhancement
from pipeline.spec import GarmentSpec

Enhancing = Callable[[Brief, GarmentSpec | None, int], Awaitable[Enhancement]]
Hosted = Callable[[Brief, GarmentSpec | None, int, Till], Awaitable[Enhancement]]


@dataclass(frozen=True, slots=True)
class FallingBack:
    """`hosted`, and `embedded` where that fails or may not be asked; the reason is a warning."""

    embedded: Enhancing
    hosted: Hosted | None = None

    async def __call__(
        self, brief: Brief, spec: GarmentSpec | None, seed: int, till: Till
    ) -> Enhancement:
        if self.hosted is None:
            return await self.embedded(brief, spec, seed)
        reason = withheld(brief)
        if reason is None:
            try:
                return await self.hosted(brief, spec, seed, till)
            except StageFailed as failed:
                reason = failed.message
        own = await self.embedded(brief, spec, seed)
        warning = f"The prompt was written without a hosted model: {reason}"
        return replace(own, warnings=(*own.warnings, warning))
