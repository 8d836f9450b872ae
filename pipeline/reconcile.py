"""Calls that nobody waits for any more: what became of them, so that the money is right."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol

from pipeline.calls import CallId, OpenCall
from pipeline.errors import OutcomeUnknown, StageFailed
from pipeline.imaging import ImageRequest
from pipeline.ports import ImageModel

SEARCHING_SECONDS = 900.0
WAITING_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftCall:
    """A call whose run ended without it; `expected` is in US dollars.

    The request has its photos without their bytes; it is None where it was not kept. `expected`
    is None where the price is not known.
    """

    call: OpenCall
    request: ImageRequest | None
    expected: Decimal | None


class Lines(Protocol):
    """The lines of the ledger."""

    async def accepted(self, call: CallId, external_id: str) -> None: ...
    async def settled(self, call: CallId, amount: Decimal | None, note: str) -> None: ...
    async def released(self, call: CallId, note: str) -> None: ...
    async def held(self, call: CallId, note: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Closes the line of a left call; its image, if there is one, is not delivered.

    A call that goes on for `waiting` seconds is let go, which tells its provider to stop it, and
    stays open: whoever asks again learns how it ended. Finding out whether a call ever arrived
    may take `searching` seconds.
    """

    models: Mapping[str, ImageModel]
    lines: Lines
    searching: float = SEARCHING_SECONDS
    waiting: float = WAITING_SECONDS

    async def __call__(self, left: LeftCall) -> None:
        call, model = left.call.id, self.models.get(left.call.model)
        if model is None or left.request is None:
            await self.lines.held(call, f"{left.call.model} can't be asked what became of it")
            return
        patience = self.searching if left.call.external_id is None else self.waiting
        try:
            async with asyncio.timeout(patience):
                result = await model.resume(
                    left.request, left.call, partial(self.lines.accepted, call)
                )
        except TimeoutError:
            return
        except OutcomeUnknown as unknown:
            note = f"Nobody waited for the answer any more: {unknown.reason}"
            await self.lines.held(call, note)
        except StageFailed as failed:
            if failed.charged:
                cost = left.expected if failed.cost is None else failed.cost
                await self.lines.settled(call, cost, failed.message)
            else:
                await self.lines.released(call, failed.message)
        else:
            cost = left.expected if result.cost is None else result.cost
            await self.lines.settled(call, cost, "It was made when nobody waited for it any more")
