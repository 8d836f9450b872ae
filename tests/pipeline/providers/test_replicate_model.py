"""The adapter for Replicate, through the real SDK, against the twin."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from pipeline.calls import CallId, News, OpenCall
from pipeline.catalogue.inputs import text
from pipeline.catalogue.replicate import MODELS
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import AspectRatio, FinalPrompt, Quality
from pipeline.errors import (
    AlreadyTaken,
    BadOutput,
    CallFailed,
    ContentRejected,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
)
from pipeline.imaging import ImageRequest, Reference
from pipeline.photos import prepared
from pipeline.providers.replicate.model import ReplicateModel
from pipeline.providers.replicate.searching import Pace
from pipeline.providers.replicate.wire import Account, Wire, connected
from twin.config import REPLICATE_TOKEN, Latency
from twin.faults import (
    Broken,
    Dropped,
    Early,
    Failed,
    Fault,
    Hanging,
    Refused,
    Shape,
    Shaped,
    Slow,
    Spoil,
    Spoiled,
    Throttled,
    Unpaid,
)
from twin.requests import digest
from twin.script import Rule, When, Where
from twin.serving import Running

Start = Callable[..., Awaitable[Running]]

BRIEFLY = Pace(deadline=timedelta(seconds=1), least=0.05)
LONG = Pace(deadline=timedelta(seconds=30), least=0.05)
CREATE = Where(provider="replicate", endpoint="create")
LIST = Where(endpoint="list")
ONCE = When(next=1)


@dataclass
class Ledger:
    """Which call has which id, as the database keeps it."""

    ids: dict[CallId, str] = field(default_factory=dict[CallId, str])
    given: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, call: CallId, external_id: str) -> None:
        if external_id in [known for one, known in self.ids.items() if one != call]:
            raise AlreadyTaken
        self.ids[call] = external_id
        self.given.set()


@dataclass
class House:
    """A workshop whose models stand at the twin."""

    twin: Running
    wire: Wire
    ledger: Ledger = field(default_factory=Ledger)
    news: News = field(default_factory=News)
    pace: Pace = field(default_factory=lambda: replace(LONG))
    abandoned: bool = False

    def model(self, key: str) -> ReplicateModel:
        found = SHIPPED.find(key)
        assert found

        async def wanted(_call: CallId) -> bool:
            return not self.abandoned

        return ReplicateModel(
            model=found, wire=self.wire, news=self.news, pace=self.pace, wanted=wanted
        )

    async def make(self, key: str, request: ImageRequest) -> Image.Image:
        assert request.call
        call = request.call
        result = await self.model(key).generate(
            request, lambda found: self.ledger.accept(call, found)
        )
        assert result.metadata["predictionId"] == self.ledger.ids[call]
        return opened(result.content)

    async def resume(
        self, key: str, request: ImageRequest, *, external_id: str | None = None
    ) -> Image.Image:
        assert request.call
        call = OpenCall(
            id=request.call, slot=0, model=key, external_id=external_id, sent_at=datetime.now(UTC)
        )
        result = await self.model(key).resume(
            request, call, lambda found: self.ledger.accept(call.id, found)
        )
        return opened(result.content)

    def meets(self, fault: Fault, where: Where = CREATE, when: When = ONCE) -> None:
        self.twin.twin.script.add([Rule(fault, where, when)])

    @property
    def billed(self) -> list[str]:
        return [str(row["id"]) for row in self.twin.twin.bill.rows() if isinstance(row, dict)]

    def asked(self, endpoint: str) -> list[dict[str, object]]:
        entries = [entry for entry in self.twin.twin.journal.shown() if isinstance(entry, dict)]
        return [dict(entry) for entry in entries if entry["endpoint"] == endpoint]


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def request(**more: object) -> ImageRequest:
    given: dict[str, object] = {
        "prompt": FinalPrompt(text="a red silk gown", negative="buttons"),
        "aspect_ratio": AspectRatio.PORTRAIT_3_4,
        "quality": Quality.STANDARD,
        "style": None,
        "seed": 7,
        "slot": 0,
        "call": CallId(uuid4()),
        **more,
    }
    return ImageRequest(**given)  # type: ignore[arg-type]


def photo() -> Reference:
    content = BytesIO()
    Image.effect_noise((300, 200), 60).convert("RGB").save(content, "JPEG")
    return Reference(content.getvalue(), "image/jpeg")


@asynccontextmanager
async def house_at(twin: Running, *, answers_in: float = 30.0) -> AsyncGenerator[House]:
    account = Account(token=REPLICATE_TOKEN, base=twin.replicate)
    async with connected(account, timedelta(seconds=30), answers_in=answers_in) as wire:
        yield House(twin, wire)


@pytest.fixture
async def house(twin: Running) -> AsyncGenerator[House]:
    async with house_at(twin) as house:
        yield house


@pytest.mark.parametrize("key", [model.key for model in MODELS])
async def test_every_model_takes_what_we_ask_and_makes_the_image(house: House, key: str) -> None:
    image = await house.make(key, request(references=(photo(),)))

    assert abs(image.width * 4 - image.height * 3) <= 0.02 * image.height * 3
    assert list(house.ledger.ids.values()) == house.billed


@pytest.mark.parametrize("ratio", AspectRatio)
async def test_a_model_without_the_ratio_is_cut_to_it(house: House, ratio: AspectRatio) -> None:
    wanted = request(aspect_ratio=ratio)
    image = await house.make("imagen-4-fast", wanted)
    across, down = ratio.terms
    assert image.width / image.height == pytest.approx(across / down, rel=0.02)


async def test_what_a_model_lacks_is_put_differently_and_said(house: House) -> None:
    wanted = request(aspect_ratio=AspectRatio.PORTRAIT_9_21, source_influence=0.2)
    result = await house.model("imagen-4-ultra").generate(wanted, _nowhere)
    assert [word for word in ("negative", "9:21") if word in " ".join(result.warnings)] == [
        "negative",
        "9:21",
    ]
    (asked,) = house.asked("create")
    assert asked["input"] == {
        "prompt": "a red silk gown\n\nAvoid: buttons.",
        "aspect_ratio": "9:16",
        "output_format": "png",
        "safety_filter_level": "block_only_high",
    }


async def test_a_model_with_the_fields_gets_negative_prompt_seed_and_influence(
    house: House,
) -> None:
    await house.make("sd3.5", request(references=(photo(),), source_influence=1.0))
    (asked,) = house.asked("create")
    given = asked["input"]
    assert isinstance(given, dict)
    assert (given["negative_prompt"], given["seed"]) == ("buttons", 7)
    assert given["prompt_strength"] == 0.35


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("nano-banana-pro", "image_input"),
        ("flux-2-pro", "input_images"),
        ("flux-1.1-pro-ultra", "image_prompt"),
        ("stable-diffusion-3.5-large", "image"),
        ("seedream-4", "image_input"),
    ],
)
async def test_the_photos_own_bytes_arrive_and_do_not_stay(
    house: House, key: str, name: str
) -> None:
    original = photo()
    model = house.model(key)
    await house.make(key, request(references=(original,)))

    (asked,) = house.asked("create")
    given = asked["input"]
    assert isinstance(given, dict)
    sent = digest(prepared(original, model.model.photo_limits).content)
    assert given[name] in (sent, [sent])
    kept = await house.wire.client.files.async_list()
    assert list(kept) == []


@pytest.mark.parametrize("shape", Shape)
async def test_an_output_in_any_shape_is_read(house: House, shape: Shape) -> None:
    house.meets(Shaped(shape))
    assert (await house.make("flux-schnell", request())).width


async def test_an_output_counts_before_the_prediction_says_so(house: House) -> None:
    house.meets(Early(seconds=60))
    async with asyncio.timeout(10):
        await house.make("flux-schnell", request())


@pytest.mark.parametrize(
    ("fault", "words", "wait"),
    [
        (Throttled(), "no more requests", 30),
        (Throttled(retry_after=4), "no more requests", 4),
        (Unpaid(), "credit", None),
    ],
)
async def test_a_refusal_to_start_costs_nothing(
    house: House, fault: Fault, words: str, wait: float | None
) -> None:
    house.meets(fault)
    with pytest.raises(ProviderUnavailable, match=words) as caught:
        await house.make("flux-schnell", request())
    assert (caught.value.charged, caught.value.retry_after) == (False, wait)
    assert caught.value.transient is (wait is not None)
    assert house.billed == []


async def test_a_wrong_key_and_a_model_that_is_gone_cost_nothing(house: House) -> None:
    stranger = Account(token="r8_" + "x" * 37, base=house.twin.replicate)
    async with connected(stranger, timedelta(seconds=30)) as wire:
        with pytest.raises(ProviderUnavailable, match=r"^Replicate does not accept the key$"):
            await House(house.twin, wire).make("flux-schnell", request())
    gone = replace(house.model("recraft-v3").model, slug="recraft-ai/recraft-v1")
    model = replace(house.model("recraft-v3"), model=gone)
    with pytest.raises(ProviderUnavailable, match="any more"):
        await model.generate(request(), _nowhere)
    assert house.billed == []


async def test_a_request_that_the_catalogue_gets_wrong_is_not_sent(house: House) -> None:
    model = house.model("recraft-v3")
    inputs = model.model.inputs
    assert inputs
    wrong = replace(model.model, inputs=replace(inputs, constants={"steps": 4}))
    with pytest.raises(StageFailed, match="no field steps") as caught:
        await replace(model, model=wrong).generate(request(), _nowhere)
    assert not caught.value.elsewhere
    assert house.asked("create") == []


async def test_a_request_that_replicate_finds_wrong_is_not_tried_elsewhere(house: House) -> None:
    model = house.model("recraft-v3")
    inputs = model.model.inputs
    assert inputs
    drifted = replace(inputs, declared=(*inputs.declared, text("mood")), constants={"mood": "calm"})
    with pytest.raises(StageFailed, match="mood") as caught:
        await replace(model, model=replace(model.model, inputs=drifted)).generate(
            request(), _nowhere
        )
    assert (caught.value.code, caught.value.elsewhere) == ("REQUEST_REFUSED", False)
    assert house.billed == []


async def test_a_server_that_can_not_be_reached_costs_nothing(house: House) -> None:
    away = Account(token=REPLICATE_TOKEN, base="http://127.0.0.1:9")
    async with connected(away, timedelta(seconds=30)) as wire:
        with pytest.raises(ProviderUnavailable) as caught:
            await House(house.twin, wire).make("flux-schnell", request())
    assert caught.value.transient


@pytest.mark.parametrize(
    "fault",
    [Broken(status=502, accepted=True), Dropped(accepted=True), Hanging(accepted=True)],
)
@pytest.mark.parametrize("key", ["flux-schnell", "nano-banana-pro"])
async def test_a_lost_answer_is_found_again_and_paid_once(
    twin: Running, fault: Fault, key: str
) -> None:
    async with house_at(twin, answers_in=0.5) as house:
        house.meets(fault)
        assert (await house.make(key, request(references=(photo(),)))).width
        assert house.billed == list(house.ledger.ids.values())


@pytest.mark.parametrize("fault", [Broken(status=500), Dropped(), Hanging()])
async def test_a_request_that_never_arrived_is_known_not_to_have_run(
    twin: Running, fault: Fault
) -> None:
    async with house_at(twin, answers_in=0.5) as house:
        house.pace = replace(BRIEFLY)
        house.meets(fault)
        with pytest.raises(ProviderUnavailable, match="never got") as caught:
            await house.make("flux-schnell", request())
    assert caught.value.transient
    assert house.billed == []


async def test_an_outcome_that_can_not_be_found_out_stays_unknown(house: House) -> None:
    house.pace = replace(BRIEFLY)
    house.meets(Dropped(accepted=True))
    house.meets(Broken(status=503), LIST, When())
    with pytest.raises(OutcomeUnknown):
        await house.make("flux-schnell", request())
    assert len(house.billed) == 1


async def test_two_that_ask_the_same_share_no_prediction(house: House) -> None:
    house.meets(Dropped(accepted=True), when=When(next=2))
    one, other = request(), request()
    await asyncio.gather(house.make("imagen-4-fast", one), house.make("imagen-4-fast", other))
    assert sorted(house.billed) == sorted(house.ledger.ids.values())
    assert len(house.billed) == 2


async def test_of_two_that_ask_the_same_only_the_one_that_ran_is_paid(house: House) -> None:
    house.pace = replace(BRIEFLY)
    house.meets(Dropped(accepted=True), when=When(on=(1,)))
    house.meets(Dropped(), when=When(on=(2,)))
    outcomes = await asyncio.gather(
        house.make("imagen-4-fast", request()),
        house.make("imagen-4-fast", request()),
        return_exceptions=True,
    )
    assert sum(isinstance(one, ProviderUnavailable) for one in outcomes) == 1
    assert house.billed == list(house.ledger.ids.values())


@pytest.mark.parametrize(
    ("fault", "error", "charged"),
    [
        (Refused(reason="sexual"), ContentRejected, False),
        (Failed(), CallFailed, False),
        (Spoiled(Spoil.EMPTY), BadOutput, True),
        (Spoiled(Spoil.BLANK), BadOutput, True),
        (Spoiled(Spoil.HTML), BadOutput, True),
        (Spoiled(Spoil.TRUNCATED), BadOutput, True),
        (Spoiled(Spoil.CUT), BadOutput, True),
        (Spoiled(Spoil.EXPIRED), BadOutput, True),
        (Spoiled(Spoil.FOREIGN), BadOutput, True),
    ],
)
async def test_work_that_comes_to_nothing(
    house: House, fault: Fault, error: type[StageFailed], charged: bool
) -> None:
    house.meets(fault)
    with pytest.raises(error) as caught:
        await house.make("flux-schnell", request())
    assert caught.value.charged is charged
    assert bool(house.billed) is charged


async def test_the_reason_of_a_refusal_is_the_providers(house: House) -> None:
    house.meets(Refused(reason="sexual"))
    with pytest.raises(ContentRejected, match="flagged as sensitive"):
        await house.make("flux-schnell", request())


async def test_the_token_goes_to_no_other_host(house: House) -> None:
    account = house.wire.account
    assert account.trusts("https://replicate.delivery/a.png")
    assert account.trusts("https://pbxt.replicate.delivery/a.png")
    assert account.trusts(f"{account.base}/delivery/a.png")
    for other in (
        "https://evilreplicate.delivery/a.png",
        "https://replicate.delivery.evil.example/a.png",
        "http://replicate.delivery/a.png",
        "https://replicate.delivery:8443/a.png",
        "https://user@evil.example/replicate.delivery",
        "file:///etc/passwd",
    ):
        assert not account.trusts(other)


async def test_a_deadline_in_the_queue_costs_nothing(start_twin: Start) -> None:
    twin = await start_twin(latency=Latency(image=(30, 30), queue=1))
    account = Account(token=REPLICATE_TOKEN, base=twin.replicate)
    async with connected(account, timedelta(seconds=1)) as wire:
        house = House(twin, wire)
        with pytest.raises(ProviderUnavailable, match="did not start"):
            await house.make("flux-schnell", request())
    assert house.billed == []


async def test_a_deadline_at_work_is_paid(twin: Running) -> None:
    account = Account(token=REPLICATE_TOKEN, base=twin.replicate)
    async with connected(account, timedelta(seconds=1)) as wire:
        house = House(twin, wire)
        house.meets(Slow(seconds=60))
        with pytest.raises(CallFailed, match="stopped") as caught:
            await house.make("flux-schnell", request())
    assert caught.value.charged
    assert house.billed == list(house.ledger.ids.values())


async def test_what_nobody_wants_any_more_is_stopped(house: House) -> None:
    house.meets(Slow(seconds=60))
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    await house.ledger.given.wait()
    house.abandoned = True

    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    assert wanted.call
    one = await house.wire.get(house.ledger.ids[wanted.call])
    async with asyncio.timeout(5):
        while not one.over:
            one = await house.wire.get(one.id)
    assert one.status == "canceled"


async def test_what_another_worker_goes_on_with_is_not_stopped(house: House) -> None:
    house.meets(Slow(seconds=0.5))
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    await house.ledger.given.wait()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    assert wanted.call
    known = house.ledger.ids[wanted.call]
    assert (await house.resume("flux-schnell", wanted, external_id=known)).width
    assert house.billed == [known]


async def test_a_call_that_is_broken_off_while_it_is_sent_has_its_id_all_the_same(
    house: House,
) -> None:
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    while not house.asked("create"):
        await asyncio.sleep(0)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert wanted.call in house.ledger.ids


async def test_a_worker_that_died_before_it_sent_pays_nothing(house: House) -> None:
    house.pace = replace(BRIEFLY)
    with pytest.raises(ProviderUnavailable, match="never got"):
        await house.resume("flux-schnell", request())
    assert house.billed == []


@pytest.mark.parametrize("key", ["flux-schnell", "nano-banana-pro"])
async def test_a_worker_that_died_before_it_knew_the_id_pays_once(house: House, key: str) -> None:
    wanted = request(references=(photo(),))
    died, buried = asyncio.Event(), asyncio.Event()

    async def accept(_id: str) -> None:
        died.set()
        await buried.wait()

    house.meets(Slow(seconds=0.5))
    making = asyncio.create_task(house.model(key).generate(wanted, accept))
    await died.wait()

    assert (await house.resume(key, wanted)).width
    making.cancel()
    buried.set()
    await asyncio.wait([making])
    assert house.billed == list(house.ledger.ids.values())


async def test_an_output_that_is_deleted_by_now_was_paid(start_twin: Start) -> None:
    twin = await start_twin(retention=timedelta(seconds=0.5))
    async with house_at(twin) as house:
        wanted = request()
        await house.make("flux-schnell", wanted)
        assert wanted.call
        known = house.ledger.ids[wanted.call]
        while not (await house.wire.get(known)).removed:
            await asyncio.sleep(0.05)
        with pytest.raises(CallFailed) as caught:
            await house.resume("flux-schnell", wanted, external_id=known)
    assert (caught.value.code, caught.value.charged) == ("OUTPUT_LOST", True)


async def test_news_wakes_whoever_waits(house: House) -> None:
    house.pace = replace(LONG, least=30, most=30)
    house.meets(Slow(seconds=0.3))
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    await house.ledger.given.wait()
    assert wanted.call
    async with asyncio.timeout(10):
        while not making.done():
            house.news.tell(wanted.call, house.ledger.ids[wanted.call])
            await asyncio.sleep(0.05)
    assert (await making).width


async def test_news_tells_the_id_of_a_lost_answer(house: House) -> None:
    house.meets(Dropped(accepted=True))
    house.meets(Broken(status=503), LIST, When())
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    while not (house.asked("list") and house.billed):
        await asyncio.sleep(0.01)
    assert wanted.call
    house.news.tell(wanted.call, house.billed[0])
    assert (await making).width


async def _nowhere(_id: str) -> None:
    pass
