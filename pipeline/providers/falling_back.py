"""A hosted enhancement with the embedded one behind it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from pipeline.domain import Brief
from pipeline.errors import StageFailed
from pipeline.results import Enhancement
from pipeline.spec import GarmentSpec

Enhancing = Callable[[Brief, GarmentSpec | None, int], Awaitable[Enhancement]]


@dataclass(frozen=True, slots=True)
class FallingBack:
    """`hosted`, and `embedded` where that fails or may not be asked; the reason is a warning."""

    hosted: Enhancing
    embedded: Enhancing

    async def __call__(self, brief: Brief, spec: GarmentSpec | None, seed: int) -> Enhancement:
        """Ask no other model about what is confidential."""
        if brief.settings.confidential:
            reason = "it is confidential"
        else:
            try:
                return await self.hosted(brief, spec, seed)
            except StageFailed as failed:
                reason = failed.message
        own = await self.embedded(brief, spec, seed)
        warning = f"The prompt was written without a hosted model: {reason}"
        return replace(own, warnings=(*own.warnings, warning))
