"""A ledger that remembers what was done to it."""

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

from pipeline.calls import CallId


@dataclass(slots=True)
class Book:
    """A ledger of one run, as what was done to it."""

    lines: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    async def side_call_opened(self, model: str, provider: str, expected: Decimal) -> CallId:
        self.lines.append(("opened", f"{model} {provider} {expected}"))
        return CallId(uuid4())

    async def call_accepted(self, call: CallId, external_id: str) -> None:
        del call
        self.lines.append(("accepted", external_id))

    async def call_released(self, call: CallId, note: str) -> None:
        del call
        self.lines.append(("released", note))

    async def call_settled(self, call: CallId, amount: Decimal, note: str) -> None:
        del call, note
        self.lines.append(("settled", str(amount)))

    async def call_held(self, call: CallId, note: str) -> None:
        del call
        self.lines.append(("held", note))
