"""A model of whose calls it is written down whether they have left us."""

from dataclasses import dataclass
from typing import Protocol

from pipeline.calls import CallId, OpenCall
from pipeline.errors import ProviderUnavailable
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel


class Sendings(Protocol):
    """Keeps for each call whether it was sent."""

    async def sent(self, call: CallId) -> None:
        """Raise `ClaimLost` where whoever opened the call no longer holds its run."""
        ...

    async def unsent(self, call: CallId) -> None: ...


@dataclass(frozen=True, slots=True)
class Noting:
    """`model`, within whatever makes its calls wait: a call that waits costs nothing yet."""

    model: ImageModel
    sendings: Sendings

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        """Note the call before it is sent, and that it was not where it is known not to have run.

        Raises LookupError for a request without a call, and `ClaimLost`, with nothing sent,
        once the run was cancelled or taken over: its successor sends a call of its own.
        """
        if request.call is None:
            raise LookupError("what is paid for has a line in the ledger")
        await self.sendings.sent(request.call)
        try:
            return await self.model.generate(request, accepted)
        except ProviderUnavailable:
            await self.sendings.unsent(request.call)
            raise

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        """Raise `ProviderUnavailable` at once for a call that was never sent."""
        if call.sent_at is None and call.external_id is None:
            raise ProviderUnavailable("It was not sent yet")
        return await self.model.resume(request, call, accepted)
