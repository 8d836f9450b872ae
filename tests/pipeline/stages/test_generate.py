from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast
from uuid import uuid4

import pytest

from pipeline.calls import CallId, OpenCall
from pipeline.domain import (
    Brief,
    Draft,
    Failure,
    FinalPrompt,
    GenerationId,
    GenerationMode,
    Run,
    Slot,
    StageStatus,
    WorkspaceId,
)
from pipeline.errors import CallFailed, StageFailed, StoreUnreachable
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, Journal
from pipeline.results import Rendering
from pipeline.routing import Choice
from pipeline.stages.generate import Generate, Order

RUN = Run(
    id=GenerationId(uuid4()),
    workspace=WorkspaceId(uuid4()),
    brief=Brief(mode=GenerationMode.FROM_PROMPT, prompt="a dress"),
    attempt=1,
    claim=1,
    takeovers=0,
    seed=1,
)
PRICE = Decimal("0.04")
ORDER = Order(FinalPrompt(text="a dress"), None, (Choice("paid", PRICE), Choice("other", PRICE)))


@dataclass(frozen=True, slots=True)
class Painter:
    """Fails at the slots in `not_for`."""

    not_for: frozenset[int] = frozenset()

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        del accepted
        if request.slot in self.not_for:
            raise CallFailed("it broke")
        return ImageResult(content=b"image", content_type="image/png", cost=Decimal("0.03"))

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        del call
        return await self.generate(request, accepted)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store that may be full."""

    full: bool = False

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        del key, content, content_type
        if self.full:
            raise StoreUnreachable("The disk is full")

    async def get(self, key: str) -> bytes:
        raise LookupError(key)

    async def delete(self, key: str) -> None:
        raise LookupError(key)

    def url(self, key: str) -> str:
        return key


@dataclass(slots=True)
class Record:
    """The part of a journal that making images writes to."""

    drafts: list[Slot]
    lines: dict[CallId, str] = field(default_factory=dict[CallId, str])
    failures: dict[int, Failure] = field(default_factory=dict[int, Failure])
    spent: Decimal = Decimal(0)

    async def slots(self) -> Sequence[Slot]:
        return self.drafts

    async def open_calls(self) -> Sequence[OpenCall]:
        return ()

    async def call_opened(
        self, request: ImageRequest, model: str, expected: Decimal | None
    ) -> CallId:
        del request, model, expected
        call = CallId(uuid4())
        self.lines[call] = "RESERVED"
        return call

    async def call_accepted(self, call: CallId, external_id: str) -> None:
        raise LookupError(f"{external_id} of {call}: nothing here gives ids")

    async def call_released(self, call: CallId, note: str) -> None:
        del note
        self.lines[call] = "RELEASED"

    async def call_settled(self, call: CallId, amount: Decimal | None, note: str) -> None:
        del note
        self.lines[call] = "SETTLED"
        self.spent += amount or 0

    async def slot_made(self, index: int, call: CallId, draft: Draft, cost: Decimal | None) -> None:
        del index, draft
        await self.call_settled(call, cost, "")

    async def slot_failed(self, index: int, failure: Failure) -> None:
        self.failures[index] = failure


async def made(
    record: Record, *, paid: Painter | None = None, staging: Shelf | None = None
) -> Rendering:
    async def report(_fraction: float | None, _message: str | None) -> None:
        return None

    models = {"paid": paid or Painter(), "other": Painter()}
    stage = Generate(models, staging or Shelf(), Shelf())
    return await stage(RUN, ORDER, cast("Journal", record), report)


def slot(index: int, draft: Draft | None = None) -> Slot:
    return Slot(index=index, status=StageStatus.PENDING, seed=index, draft=draft)


async def test_an_image_that_can_not_be_kept_is_paid_for_and_says_why() -> None:
    record = Record([slot(0)])

    with pytest.raises(StageFailed, match="The disk is full") as failed:
        await made(record, staging=Shelf(full=True))

    assert failed.value.charged
    assert (list(record.lines.values()), record.spent) == (["SETTLED"], Decimal("0.03"))
    assert record.failures[0].code == "STORE_UNREACHABLE"


async def test_the_model_that_stood_in_is_named_as_the_maker() -> None:
    rendering = await made(Record([slot(0)]), paid=Painter(frozenset({0})))

    assert (rendering.model, rendering.summary) == ("other", "other made 1 image")
    assert rendering.warnings == ("paid could not make image 1: it broke",)


async def test_all_models_that_made_images_are_named_also_those_of_an_earlier_worker() -> None:
    draft = Draft(key="k", content_type="image/png", model="other")

    rendering = await made(Record([slot(0, draft), slot(1), slot(2)]))

    assert rendering.model == "paid"
    assert rendering.summary == "paid and other made 3 images"
