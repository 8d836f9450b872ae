import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from pipeline.calls import CallId, OpenCall
from pipeline.domain import AspectRatio, FinalPrompt, Quality
from pipeline.errors import CallFailed, OutcomeUnknown, ProviderUnavailable, StageFailed
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted
from pipeline.reconcile import LeftCall, Reconcile

REQUEST = ImageRequest(
    prompt=FinalPrompt(text="a dress"),
    aspect_ratio=AspectRatio.SQUARE,
    quality=Quality.STANDARD,
    style=None,
    seed=1,
    slot=0,
)
IMAGE = ImageResult(content=b"image", content_type="image/png", cost=Decimal("0.03"))
FREE_COST = ImageResult(content=b"image", content_type="image/png")


@dataclass
class Asked:
    """A model that knows what became of a call, or waits for ever."""

    outcome: StageFailed | ImageResult | None
    let_go: bool = False

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        del request, accepted
        raise AssertionError("a left call is never sent again")

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        del request, call
        await accepted("p-1")
        if self.outcome is None:
            try:
                await asyncio.Event().wait()
            finally:
                self.let_go = True
        if isinstance(self.outcome, ImageResult):
            return self.outcome
        assert self.outcome is not None
        raise self.outcome


@dataclass
class Book:
    """Lines that note how they were closed."""

    closed: list[tuple[str, Decimal | None]] = field(
        default_factory=list[tuple[str, Decimal | None]]
    )
    ids: list[str] = field(default_factory=list[str])

    async def accepted(self, call: CallId, external_id: str) -> None:
        del call
        self.ids.append(external_id)

    async def settled(self, call: CallId, amount: Decimal | None, note: str) -> None:
        del call, note
        self.closed.append(("settled", amount))

    async def released(self, call: CallId, note: str) -> None:
        del call, note
        self.closed.append(("released", None))

    async def held(self, call: CallId, note: str) -> None:
        del call, note
        self.closed.append(("held", None))


def left(request: ImageRequest | None = REQUEST, external_id: str | None = None) -> LeftCall:
    call = OpenCall(
        id=CallId(uuid4()),
        slot=0,
        model="m",
        external_id=external_id,
        sent_at=datetime.now(UTC),
    )
    return LeftCall(call=call, request=request, expected=Decimal("0.04"))


@pytest.mark.parametrize(
    ("outcome", "closed"),
    [
        (IMAGE, ("settled", Decimal("0.03"))),
        (FREE_COST, ("settled", Decimal("0.04"))),
        (CallFailed("broke", charged=True), ("settled", Decimal("0.04"))),
        (CallFailed("broke"), ("released", None)),
        (ProviderUnavailable("never arrived"), ("released", None)),
        (OutcomeUnknown("cut"), ("held", None)),
    ],
)
async def test_the_line_ends_with_what_came_of_the_call(
    outcome: StageFailed | ImageResult, closed: tuple[str, Decimal | None]
) -> None:
    book = Book()

    await Reconcile(models={"m": Asked(outcome)}, lines=book)(left())

    assert book.closed == [closed]
    assert book.ids == ["p-1"]


async def test_a_call_that_goes_on_is_let_go_and_stays_open() -> None:
    book, model = Book(), Asked(None)

    await Reconcile(models={"m": model}, lines=book, waiting=0.01)(left(external_id="p-1"))

    assert model.let_go
    assert book.closed == []


async def test_what_cannot_be_asked_is_held() -> None:
    book = Book()

    await Reconcile(models={}, lines=book)(left())
    await Reconcile(models={"m": Asked(IMAGE)}, lines=book)(left(request=None))

    assert book.closed == [("held", None), ("held", None)]
