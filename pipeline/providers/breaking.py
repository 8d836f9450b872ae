"""A model that is left alone for a while after its provider failed again and again."""

from dataclasses import dataclass
from typing import Protocol

from pipeline.calls import OpenCall
from pipeline.errors import CallFailed, OutcomeUnknown, ProviderUnavailable, StageFailed
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel


class Breaker(Protocol):
    """Counts failures in a row, for all workers together."""

    async def open(self) -> frozenset[str]: ...
    async def failed(self, provider: str) -> None: ...
    async def succeeded(self, provider: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Breaking:
    """`model` behind the breaker of its provider."""

    model: ImageModel
    provider: str
    breaker: Breaker

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        """Raise `ProviderUnavailable` at once while the breaker is open."""
        if self.provider in await self.breaker.open():
            raise ProviderUnavailable(f"{self.provider} failed too often lately and is left alone")
        try:
            result = await self.model.generate(request, accepted)
        except StageFailed as failed:
            if _is_the_providers(failed):
                await self.breaker.failed(self.provider)
            raise
        await self.breaker.succeeded(self.provider)
        return result

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Ask even while the breaker is open: it is about money that may be spent.

        That it fails counts for nothing: what went wrong, went wrong with an earlier worker.
        """
        result = await self.model.resume(request, call, accepted)
        await self.breaker.succeeded(self.provider)
        return result


def _is_the_providers(failed: StageFailed) -> bool:
    """Tell outages from refusals, which say that the provider is well."""
    if isinstance(failed, ProviderUnavailable):
        return failed.transient and failed.retry_after is None
    return isinstance(failed, CallFailed | OutcomeUnknown)
