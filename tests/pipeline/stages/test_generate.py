from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import cast
from uuid import uuid4

import pytest
from PIL import Image

from pipeline.calls import CallId, OpenCall
from pipeline.domain import (
    Draft,
    Failure,
    FinalPrompt,
    GenerationSettings,
    Run,
    Slot,
    StageStatus,
    StoredImage,
)
from pipeline.errors import (
    CallFailed,
    ClaimLost,
    DeadlineExceeded,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
    StoreUnreachable,
)
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, Journal
from pipeline.previews import Previews
from pipeline.results import Rendering
from pipeline.routing import Choice
from pipeline.stages.generate import Generate, Order, rescued
from tests.pipeline.stages.dress_run import RUN

PRICE = Decimal("0.04")
LATE = DeadlineExceeded("it took too long")
ORDER = Order(FinalPrompt(text="a dress"), None, (Choice("paid", PRICE), Choice("other", PRICE)))


def drawn() -> bytes:
    encoded = BytesIO()
    Image.new("RGB", (1024, 512), "red").save(encoded, "PNG")
    return encoded.getvalue()


PICTURE = drawn()


@dataclass(frozen=True, slots=True)
class Painter:
    """Fails at the slots in `not_for`."""

    not_for: frozenset[int] = frozenset()
    previews: Previews = field(default_factory=Previews)
    picture: bytes = PICTURE
    failure: StageFailed = field(default_factory=partial(CallFailed, "it broke"))

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        del accepted
        if request.slot in self.not_for:
            raise self.failure
        for _ in range(request.partials):
            await self.previews.tell(request.call, self.picture)
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
    notes: list[str] = field(default_factory=list[str])
    spent: Decimal = Decimal(0)
    shown: list[StoredImage] = field(default_factory=list[StoredImage])
    passed_on: list[tuple[int, str, str]] = field(default_factory=list[tuple[int, str, str]])
    lost: bool = False

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

    async def call_held(self, call: CallId, note: str) -> None:
        self.lines[call] = "UNKNOWN"
        self.notes.append(note)

    async def call_settled(self, call: CallId, amount: Decimal | None, note: str) -> None:
        del note
        self.lines[call] = "SETTLED"
        self.spent += amount or 0

    async def slot_made(self, index: int, call: CallId, draft: Draft, cost: Decimal | None) -> None:
        del index, draft
        await self.call_settled(call, cost, "")

    async def slot_shown(
        self, index: int, image: StoredImage, put: Callable[[], Awaitable[None]]
    ) -> None:
        del index
        await put()
        if self.lost:
            raise ClaimLost(RUN.id)
        self.shown.append(image)

    async def slot_passed_on(self, index: int, trouble: str, message: str) -> None:
        self.passed_on.append((index, trouble, message))

    async def slot_failed(self, index: int, failure: Failure) -> None:
        self.failures[index] = failure


async def silent(_fraction: float | None, _message: str | None) -> None:
    return None


async def made(
    record: Record,
    *,
    run: Run = RUN,
    paid: Painter | None = None,
    other: Painter | None = None,
    staging: Shelf | None = None,
    objects: Shelf | None = None,
) -> Rendering:
    painter = paid or Painter()
    models = {"paid": painter, "other": other or Painter()}
    stage = Generate(models, staging or Shelf(), objects or Shelf(), painter.previews, 2)
    return await stage(run, ORDER, cast("Journal", record), silent)


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
    assert rendering.warnings == ()


async def test_that_another_model_is_asked_is_said_before_it_is() -> None:
    record = Record([slot(0)])

    await made(record, paid=Painter(frozenset({0})))

    note = "paid could not make image 1: it broke"
    assert record.passed_on == [(0, note, f"{note}; other is asked instead")]


@pytest.mark.parametrize(
    ("failure", "asked"),
    [
        (ProviderUnavailable("this model is gone"), ["one/second"]),
        (ProviderUnavailable("no credit", everywhere=True), ["two/first"]),
    ],
)
async def test_what_holds_for_a_whole_provider_asks_none_of_its_other_models(
    failure: StageFailed, asked: list[str]
) -> None:
    record = Record([slot(0)])
    keys = "one/first", "one/second", "two/first"
    broke = Painter(frozenset({0}), failure=failure)
    models = {**dict.fromkeys(keys, Painter()), "one/first": broke}
    stage = Generate(models, Shelf(), Shelf(), provider_of=lambda key: key.partition("/")[0])
    order = replace(ORDER, choices=tuple(Choice(key, PRICE) for key in keys))

    rendering = await stage(RUN, order, cast("Journal", record), silent)

    assert [rendering.model] == asked


async def test_what_nobody_knows_is_not_sent_again_and_says_what_can_be_done() -> None:
    record = Record([slot(0), slot(1)])

    await made(record, paid=Painter(frozenset({0}), failure=OutcomeUnknown("it broke off")))

    remedy = "$0.04 is held until the operator decides, and a retry may be billed once more"
    assert record.failures[0].message == f"it broke off; {remedy}"
    assert not record.failures[0].charged
    assert sorted(record.lines.values()) == ["SETTLED", "UNKNOWN"]
    assert record.notes == ["it broke off"]


async def test_the_last_model_passes_nothing_on() -> None:
    record = Record([slot(0), slot(1)])

    await made(record, paid=Painter(frozenset({0})), other=Painter(frozenset({0})))

    assert len(record.passed_on) == 1
    assert record.failures[0].message == "it broke"


async def test_what_was_made_in_time_is_gone_on_with_and_what_was_not_says_why() -> None:
    draft = Draft(key="k", content_type="image/png", model="other")
    failed = replace(slot(1), failure=CallFailed("it broke").failure())
    record = Record([slot(0, draft), failed, slot(2)])

    rendering = await rescued(cast("Journal", record), LATE)

    assert (rendering.made, rendering.wanted, rendering.model) == (1, 3, "other")
    assert rendering.summary == "other made 1 of 3 images"
    assert {index: one.code for index, one in record.failures.items()} == {2: "DEADLINE_EXCEEDED"}


async def test_without_any_image_being_late_is_a_failure() -> None:
    record = Record([slot(0), slot(1)])

    with pytest.raises(DeadlineExceeded):
        await rescued(cast("Journal", record), LATE)

    assert record.failures == {}


async def test_all_models_that_made_images_are_named_also_those_of_an_earlier_worker() -> None:
    draft = Draft(key="k", content_type="image/png", model="other")

    rendering = await made(Record([slot(0, draft), slot(1), slot(2)]))

    assert rendering.model == "paid"
    assert rendering.summary == "paid and other made 3 images"


async def test_an_image_on_its_way_is_shown_small() -> None:
    record = Record([slot(0)])

    await made(record)

    assert [(one.content_type, one.width, one.height) for one in record.shown] == [
        ("image/webp", 512, 256),
        ("image/webp", 512, 256),
    ]


@pytest.mark.parametrize("trouble", ["store", "claim", "picture"])
async def test_an_image_that_can_not_be_shown_is_made_all_the_same(trouble: str) -> None:
    record = Record([slot(0)], lost=trouble == "claim")
    painter = Painter(picture=b"nonsense" if trouble == "picture" else PICTURE)

    rendering = await made(record, paid=painter, objects=Shelf(full=trouble == "store"))

    assert (rendering.made, record.shown) == (1, [])


async def test_nothing_is_spent_on_showing_where_the_cost_is_limited() -> None:
    record = Record([slot(0)])
    limited = replace(RUN.brief, settings=GenerationSettings(max_cost=Decimal(1)))

    await made(record, run=replace(RUN, brief=limited))

    assert record.shown == []
