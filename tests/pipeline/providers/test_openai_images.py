"""The image models of OpenAI through the real SDK, against the twin."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import openai
import pytest
from PIL import Image

from pipeline.calls import CallId, OpenCall
from pipeline.catalogue.openai import RATES
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import AspectRatio, FinalPrompt, ImageStyle, Quality
from pipeline.errors import (
    BadOutput,
    ContentRejected,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
)
from pipeline.imaging import ImageRequest, ImageResult, Reference
from pipeline.photos import prepared
from pipeline.providers.openai.images import OpenAIImages
from twin.config import OPENAI_KEY
from twin.faults import (
    Broken,
    Dropped,
    Failed,
    Fault,
    Hanging,
    Refused,
    Slow,
    Spoil,
    Spoiled,
    Throttled,
    Unpaid,
)
from twin.requests import digest
from twin.script import Rule, When, Where
from twin.serving import Running

Meets = Callable[[Fault], None]

REQUEST = ImageRequest(
    prompt=FinalPrompt(text="a red gown", negative="fur"),
    aspect_ratio=AspectRatio.PORTRAIT_2_3,
    quality=Quality.STANDARD,
    style=None,
    seed=7,
    slot=0,
)


@dataclass(slots=True)
class Desk:
    """A model, the twin behind it, and the ids that were written down."""

    twin: Running
    client: openai.AsyncOpenAI
    ids: list[str] = field(default_factory=list[str])

    def model(self, key: str = "gpt-image-2.6-flare") -> OpenAIImages:
        found = SHIPPED.find(key)
        assert found is not None
        return OpenAIImages(client=self.client, model=found, rates=RATES.get(key))

    async def accepted(self, external: str) -> None:
        self.ids.append(external)

    async def make(
        self, request: ImageRequest = REQUEST, key: str = "gpt-image-2.6-flare"
    ) -> ImageResult:
        return await self.model(key).generate(request, self.accepted)

    @property
    def bill(self) -> Sequence[Mapping[str, object]]:
        return [row for row in self.twin.twin.bill.rows() if isinstance(row, dict)]

    @property
    def asked(self) -> list[Mapping[str, object]]:
        """The bodies that the twin was sent."""
        return [
            row["input"]
            for row in self.twin.twin.journal.shown()
            if isinstance(row, dict) and isinstance(row["input"], dict)
        ]


@pytest.fixture
async def desk(twin: Running) -> AsyncGenerator[Desk]:
    async with openai.AsyncOpenAI(
        api_key=OPENAI_KEY, base_url=twin.openai, max_retries=0
    ) as client:
        yield Desk(twin, client)


@pytest.fixture
def meets(twin: Running) -> Meets:
    """Let the next request meet a fault."""

    def add(fault: Fault) -> None:
        twin.twin.script.add([Rule(fault, Where("openai"), When(next=1))])

    return add


def photo() -> Reference:
    encoded = BytesIO()
    Image.effect_noise((640, 480), 60).convert("RGB").save(encoded, "JPEG")
    return Reference(encoded.getvalue(), "image/jpeg")


def size_of(result: ImageResult) -> tuple[int, int]:
    with Image.open(BytesIO(result.content)) as image:
        image.load()
        return image.size


async def test_an_image_comes_with_its_cost_and_is_billed_once(desk: Desk) -> None:
    result = await desk.make()
    assert result.content_type == "image/png"
    assert size_of(result) == (1024, 1536)
    (charge,) = desk.bill
    assert result.cost == Decimal(str(charge["usd"]))
    assert desk.ids == [charge["id"]] == [result.metadata["requestId"]]


async def test_what_the_model_lacks_is_mapped_and_said(desk: Desk) -> None:
    seeded = replace(REQUEST, quality=Quality.HD, style=ImageStyle.VIVID, own_negative=True)
    result = await desk.make(seeded)
    (asked,) = desk.asked
    assert asked["prompt"] == "a red gown\n\nAvoid: fur."
    assert (asked["quality"], asked["n"], asked["output_format"]) == ("high", 1, "png")
    assert not {"seed", "style", "negative_prompt", "response_format"} & asked.keys()
    assert [warning.split(": ")[0] for warning in result.warnings] == [
        "GPT Image 2.6 flare takes no negative prompt",
        "GPT Image 2.6 flare has no rendering styles",
    ]


async def test_a_negative_that_is_not_the_designers_is_put_without_a_word(desk: Desk) -> None:
    result = await desk.make(REQUEST)

    assert desk.asked[0]["prompt"] == "a red gown\n\nAvoid: fur."
    assert result.warnings == ()


@pytest.mark.parametrize(
    "ratio", [AspectRatio.SQUARE, AspectRatio.PORTRAIT_9_21, AspectRatio.LANDSCAPE_4_3]
)
async def test_a_ratio_comes_out_as_it_was_asked_for(desk: Desk, ratio: AspectRatio) -> None:
    result = await desk.make(replace(REQUEST, aspect_ratio=ratio))
    width, height = size_of(result)
    across, down = ratio.terms
    assert width * down == height * across


async def test_the_quote_is_what_is_billed(desk: Desk) -> None:
    found = SHIPPED.find("gpt-image-2.6-flare")
    assert found is not None
    for ratio in (AspectRatio.SQUARE, AspectRatio.PORTRAIT_3_4, AspectRatio.LANDSCAPE_21_9):
        result = await desk.make(replace(REQUEST, aspect_ratio=ratio))
        quoted = found.price(Quality.STANDARD, ratio, characters=len("a red gown\n\nAvoid: fur."))
        assert quoted is not None
        assert result.cost is not None
        assert abs(quoted - result.cost) / result.cost < Decimal("0.02")


async def test_the_photos_bytes_arrive_without_their_metadata(desk: Desk) -> None:
    given = photo()
    result = await desk.make(replace(REQUEST, references=(given,)))
    (asked,) = desk.asked
    found = SHIPPED.find("gpt-image-2.6-flare")
    assert found is not None
    sent = prepared(given, found.photo_limits)
    assert asked["image"] == [digest(sent.content)]
    assert result.cost == Decimal(str(desk.bill[0]["usd"]))


async def test_an_image_on_its_way_is_shown_and_billed(desk: Desk) -> None:
    call, shown = CallId(uuid4()), list[bytes]()

    async def show(picture: bytes) -> None:
        shown.append(picture)

    for references in ((), (photo(),)):
        desk.twin.twin.bill.rows()
        model = desk.model()
        asked = replace(REQUEST, partials=2, call=call, references=references)
        with model.previews.watched(call, show):
            result = await model.generate(asked, desk.accepted)
        assert size_of(result) == (1024, 1536)
        charge = desk.bill[-1]
        assert result.cost == Decimal(str(charge["usd"]))
        assert desk.ids[-1] == charge["id"] == result.metadata["requestId"]
    assert len(shown) == 4
    assert all(picture.startswith(b"\x89PNG") for picture in shown)
    found = SHIPPED.find("gpt-image-2.6-flare")
    assert found is not None
    quoted = found.price(Quality.STANDARD, REQUEST.aspect_ratio, characters=24, partials=2)
    assert quoted is not None
    assert abs(quoted / Decimal(str(desk.bill[0]["usd"])) - 1) < Decimal("0.02")


async def test_what_shows_nothing_is_not_asked_to(desk: Desk) -> None:
    await desk.make(replace(REQUEST, partials=3, aspect_ratio=AspectRatio.SQUARE), "dall-e-3")
    assert "stream" not in desk.asked[0]


async def test_how_closely_to_follow_the_photo_is_told_where_that_can_be_told(desk: Desk) -> None:
    close = replace(REQUEST, references=(photo(),), source_influence=0.9)
    await desk.make(close, "gpt-image-1.5")
    await desk.make(replace(close, source_influence=0.2), "gpt-image-1.5")
    await desk.make(close, "gpt-image-2")
    assert [asked.get("input_fidelity") for asked in desk.asked] == ["high", "low", None]


async def test_the_retired_dall_e_runs_as_it_did(desk: Desk) -> None:
    styled = replace(
        REQUEST,
        aspect_ratio=AspectRatio.LANDSCAPE_16_9,
        quality=Quality.HD,
        style=ImageStyle.NATURAL,
    )
    result = await desk.make(styled, "dall-e-3")
    (asked,) = desk.asked
    assert (asked["quality"], asked["style"], asked["size"]) == ("hd", "natural", "1792x1024")
    assert result.revised_prompt == "A fashion photograph: a red gown\n\nAvoid: fur."
    width, height = size_of(result)
    assert width * 9 == height * 16
    assert result.cost is None


@pytest.mark.parametrize(
    ("fault", "transient", "wait"),
    [
        (Throttled(retry_after=4), True, 4.0),
        (Throttled(), True, 20.0),
        (Unpaid(), False, None),
    ],
)
async def test_a_refusal_to_run_it_is_known_not_to_have_run(
    desk: Desk, meets: Meets, fault: Fault, transient: bool, wait: float | None
) -> None:
    meets(fault)
    with pytest.raises(ProviderUnavailable) as refused:
        await desk.make()
    assert (refused.value.transient, refused.value.retry_after) == (transient, wait)
    assert not desk.bill
    assert not desk.ids


async def test_a_refused_content_names_what_was_seen(desk: Desk, meets: Meets) -> None:
    for partials in (0, 2):
        meets(Refused(reason="violence"))
        refusal = r"refused the content \(violence\): put it in other"
        with pytest.raises(ContentRejected, match=refusal):
            await desk.make(replace(REQUEST, partials=partials))
    assert not desk.bill


@pytest.mark.parametrize(
    "fault",
    [
        Broken(status=500, accepted=True),
        Broken(status=503, accepted=True),
        Broken(status=502),
        Failed(charged=True),
        Dropped(accepted=True),
        Dropped(),
        Hanging(accepted=True),
        Spoiled(Spoil.CUT),
    ],
)
@pytest.mark.parametrize("partials", [0, 2])
async def test_what_breaks_off_after_it_was_sent_is_unknown_and_not_sent_again(
    desk: Desk, meets: Meets, fault: Fault, partials: int
) -> None:
    meets(fault)
    impatient = replace(desk.model(), patience=1.0 if isinstance(fault, Hanging) else 30.0)
    with pytest.raises(OutcomeUnknown, match="can't be asked"):
        await impatient.generate(replace(REQUEST, partials=partials), desk.accepted)
    assert len(desk.asked) == 1
    assert len(desk.bill) <= 1


async def test_the_id_of_a_server_error_is_kept_for_the_inquiry(desk: Desk, meets: Meets) -> None:
    meets(Broken(accepted=True))
    with pytest.raises(OutcomeUnknown):
        await desk.make()
    assert desk.ids == [desk.bill[0]["id"]]


@pytest.mark.parametrize("partials", [0, 1])
@pytest.mark.parametrize("how", [Spoil.EMPTY, Spoil.BLANK, Spoil.HTML, Spoil.TRUNCATED])
async def test_an_answer_without_an_image_is_a_failure_that_costs(
    desk: Desk, meets: Meets, how: Spoil, partials: int
) -> None:
    meets(Spoiled(how))
    with pytest.raises(BadOutput) as failed:
        await desk.make(replace(REQUEST, partials=partials))
    assert failed.value.charged
    (entry,) = desk.bill
    # A stream that ends without its image says nothing of tokens: it costs what was expected.
    told = None if partials and how is Spoil.EMPTY else Decimal(str(entry["usd"]))
    assert failed.value.cost == told


async def test_an_image_of_another_size_still_gets_its_ratio(desk: Desk, meets: Meets) -> None:
    meets(Spoiled(Spoil.SMALL))
    width, height = size_of(await desk.make())
    assert abs(width / height - 2 / 3) < 0.02


async def test_a_server_that_is_not_there_is_known_not_to_have_run() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        async with openai.AsyncOpenAI(
            api_key=OPENAI_KEY, base_url=nowhere, max_retries=0
        ) as client:
            found = SHIPPED.find("gpt-image-2")
            assert found is not None
            with pytest.raises(ProviderUnavailable) as refused:
                await OpenAIImages(client=client, model=found).generate(REQUEST, _forgotten)
            assert refused.value.transient


async def test_a_wrong_key_is_said_without_any_of_it(desk: Desk) -> None:
    stranger = replace(desk.model(), client=desk.client.with_options(api_key="sk-wrong"))
    with pytest.raises(ProviderUnavailable) as refused:
        await stranger.generate(REQUEST, desk.accepted)
    assert refused.value.message == "OpenAI does not accept the key"


async def test_a_model_that_is_gone_is_said(desk: Desk) -> None:
    model = desk.model()
    gone = replace(model, model=replace(model.model, slug="gpt-image-0"))
    with pytest.raises(ProviderUnavailable, match="does not offer this model"):
        await gone.generate(REQUEST, desk.accepted)


async def test_what_is_refused_as_wrong_goes_nowhere_else(desk: Desk) -> None:
    model = desk.model()
    wrong = replace(model, model=replace(model.model, slug="dall-e-3"))
    with pytest.raises(StageFailed, match="Unknown parameter: 'output_format'") as refused:
        await wrong.generate(REQUEST, desk.accepted)
    assert not refused.value.elsewhere
    assert refused.value.code == "REQUEST_REFUSED"


async def test_a_cancelled_call_hangs_up_and_is_billed_all_the_same(
    desk: Desk, meets: Meets
) -> None:
    meets(Slow(seconds=60))
    making = asyncio.create_task(desk.make())
    async with asyncio.timeout(10):
        while not desk.bill:
            await asyncio.sleep(0.02)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert len(desk.bill) == 1


async def test_a_call_of_another_worker_is_never_sent_again(desk: Desk) -> None:
    call = OpenCall(
        id=CallId(uuid4()),
        slot=0,
        model="gpt-image-2.6-flare",
        external_id=None,
        sent_at=datetime.now(UTC),
    )
    with pytest.raises(OutcomeUnknown):
        await desk.model().resume(REQUEST, call, desk.accepted)
    assert not desk.asked


async def _forgotten(_external: str) -> None:
    pass
