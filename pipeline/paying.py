"""Calls beside the images that cost money too: each has its line in the ledger."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from pipeline.calls import CallId
from pipeline.domain import Brief
from pipeline.errors import OutcomeUnknown, StageFailed

T = TypeVar("T")


def withheld(brief: Brief) -> str | None:
    """Return why no hosted model may be asked beside the images, if that is so."""
    if brief.settings.confidential:
        return "it is confidential"
    # What is left of it is not known before the images are paid for.
    return None if brief.settings.max_cost is None else "the cost is limited by maxCost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought(Generic[T]):
    """What a call brought, its cost in US dollars, and the provider's id of it."""

    value: T
    cost: Decimal
    external_id: str | None


class Payments(Protocol):
    """The part of a run's journal that keeps its ledger."""

    async def side_call_opened(self, model: str, provider: str, expected: Decimal) -> CallId: ...
    async def call_accepted(self, call: CallId, external_id: str) -> None: ...
    async def call_released(self, call: CallId, note: str) -> None: ...
    async def call_settled(self, call: CallId, amount: Decimal, note: str) -> None: ...
    async def call_held(self, call: CallId, note: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Till:
    """Pays for calls of one run."""

    payments: Payments

    async def buy(
        self,
        model: str,
        provider: str,
        expected: Decimal,
        ask: Callable[[], Awaitable[Bought[T]]],
    ) -> T:
        """Put the call on the ledger, send it once, and write down what came of it."""
        call = await self.payments.side_call_opened(model, provider, expected)
        try:
            bought = await ask()
        except OutcomeUnknown as unknown:
            await self.payments.call_held(call, unknown.message)
            raise
        except StageFailed as failed:
            if failed.external_id:
                await self.payments.call_accepted(call, failed.external_id)
            if failed.charged:
                cost = expected if failed.cost is None else failed.cost
                await self.payments.call_settled(call, cost, failed.message)
            else:
                await self.payments.call_released(call, failed.message)
            raise
        if bought.external_id:
            await self.payments.call_accepted(call, bought.external_id)
        await self.payments.call_settled(call, bought.cost, "Words, not an image")
        return bought.value
