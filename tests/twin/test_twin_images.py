import base64
from collections.abc import Awaitable, Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI
from openai.types import Image as OpenAIImage
from PIL import Image, ImageStat

from twin.config import OPENAI_KEY, Limits
from twin.serving import Running

Start = Callable[..., Awaitable[Running]]

MODEL = "gpt-image-2.6-flare"
PHOTO = (Path(__file__).parents[1] / "photos" / "orange-dress.jpg").read_bytes()
GIVEN: dict[str, Any] = {"model": MODEL, "prompt": "a red silk gown", "quality": "low"}


def picture(image: OpenAIImage) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(image.b64_json or "")))


def usd(twin: Running) -> list[str]:
    return [str(row["usd"]) for row in twin.twin.bill.rows() if isinstance(row, dict)]


async def test_pictures_come_in_the_size_format_and_number_that_were_asked(
    openai_client: AsyncOpenAI,
) -> None:
    answer = await openai_client.images.generate(
        **GIVEN, size="864x1152", output_format="webp", n=2
    )
    assert (answer.size, answer.output_format, answer.quality) == ("864x1152", "webp", "low")
    assert answer.data is not None
    pictures = [picture(image) for image in answer.data]
    assert [(one.format, one.size) for one in pictures] == [("WEBP", (864, 1152))] * 2
    assert pictures[0].tobytes() != pictures[1].tobytes()
    red, green, _ = ImageStat.Stat(pictures[0].convert("RGB")).mean
    assert red > green


async def test_a_background_may_be_left_out(openai_client: AsyncOpenAI) -> None:
    answer = await openai_client.images.generate(**GIVEN, background="transparent")
    assert answer.data is not None
    image = picture(answer.data[0])
    assert image.mode == "RGBA"
    alpha = image.getchannel("A")
    assert (alpha.getpixel((0, 0)), alpha.getpixel((512, 512))) == (0, 255)


async def test_the_bill_is_what_the_usage_says_under_the_requests_id(
    twin: Running, openai_client: AsyncOpenAI
) -> None:
    raw = await openai_client.images.with_raw_response.generate(
        model="gpt-image-2.5-flare", prompt="four" * 4, quality="medium", size="1024x1536"
    )
    usage = raw.parse().usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (4, 343)
    (row,) = twin.twin.bill.rows()
    assert isinstance(row, dict)
    assert row["id"] == raw.headers["x-request-id"]
    assert row["usd"] == "0.01031"
    assert raw.headers["x-ratelimit-remaining-requests"] == "249"


async def test_a_stream_shows_the_picture_coming(twin: Running, openai_client: AsyncOpenAI) -> None:
    stream = await openai_client.images.generate(**GIVEN, stream=True, partial_images=2)
    events = [event async for event in stream]
    assert [event.type for event in events] == [
        "image_generation.partial_image",
        "image_generation.partial_image",
        "image_generation.completed",
    ]
    last = events[-1]
    assert last.type == "image_generation.completed"
    assert (last.usage.output_tokens, last.size) == (196 + 2 * 100, "1024x1024")
    assert Image.open(BytesIO(base64.b64decode(last.b64_json))).size == (1024, 1024)
    assert len(usd(twin)) == 1


async def test_an_edit_gets_the_photos_and_paints_in_their_colour(
    twin: Running, openai_client: AsyncOpenAI
) -> None:
    answer = await openai_client.images.edit(
        model="gpt-image-2.6-sunburst",
        prompt="a studio photograph of this dress",
        image=[("dress.jpg", PHOTO, "image/jpeg"), ("again.jpg", PHOTO, "image/jpeg")],
        size="1024x1536",
        quality="high",
    )
    assert answer.data is not None
    assert answer.usage is not None
    assert answer.usage.input_tokens_details.image_tokens > 0
    red, _, blue = ImageStat.Stat(picture(answer.data[0]).convert("RGB")).mean
    assert red > 1.3 * blue
    *_, asked = twin.twin.journal.shown()
    assert isinstance(asked, dict)
    assert isinstance(asked["input"], dict)
    digest = f"sha256:{sha256(PHOTO).hexdigest()} ({len(PHOTO)} bytes)"
    assert asked["input"]["image"] == [digest, digest]
    assert asked["input"]["size"] == "1024x1536"


async def test_an_edit_of_one_photo_streams_too(openai_client: AsyncOpenAI) -> None:
    stream = await openai_client.images.edit(
        model=MODEL, prompt="this dress", image=PHOTO, stream=True, partial_images=1
    )
    types = [event.type async for event in stream]
    assert types == ["image_edit.partial_image", "image_edit.completed"]


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"size": "1000x1000"}, "invalid_size", "size"),
        ({"size": "4000x1008"}, "invalid_size", "size"),
        ({"quality": "hd"}, "invalid_value", "quality"),
        ({"n": 11}, "integer_above_max_value", "n"),
        ({"n": 0}, "integer_below_min_value", "n"),
        ({"prompt": "x" * 32_001}, "string_above_max_length", "prompt"),
        ({"response_format": "url"}, "unknown_parameter", "response_format"),
        ({"style": "vivid"}, "unknown_parameter", "style"),
        ({"extra_body": {"seed": 4}}, "unknown_parameter", "seed"),
        ({"background": "transparent", "output_format": "jpeg"}, "invalid_value", "background"),
    ],
)
async def test_a_parameter_that_the_model_does_not_take_is_refused(
    twin: Running, openai_client: AsyncOpenAI, given: dict[str, Any], code: str, param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await openai_client.images.generate(**{**GIVEN, **given})
    assert (refused.value.code, refused.value.param) == (code, param)
    assert refused.value.request_id is not None
    assert usd(twin) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"image": b"no picture"}, "invalid_image_file"),
        ({"image": PHOTO, "mask": b"no picture"}, "invalid_image_file"),
        ({"image": PHOTO, "input_fidelity": "high"}, "unknown_parameter"),
        ({"image": [PHOTO] * 17}, "array_above_max_length"),
    ],
)
async def test_an_edit_that_can_not_be_made_is_refused(
    openai_client: AsyncOpenAI, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await openai_client.images.edit(**{"model": MODEL, "prompt": "this dress", **given})
    assert refused.value.code == code


async def test_a_wrong_key_is_refused(twin: Running) -> None:
    async with AsyncOpenAI(api_key="sk-other", base_url=twin.openai, max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as refused:
            await client.images.generate(**GIVEN)
    assert refused.value.code == "invalid_api_key"


async def test_requests_beyond_the_limit_are_told_when_to_come_again(start: Start) -> None:
    twin = await start(limits=Limits(images=1))
    async with AsyncOpenAI(api_key=OPENAI_KEY, base_url=twin.openai, max_retries=0) as client:
        await client.images.generate(**GIVEN)
        with pytest.raises(openai.RateLimitError) as refused:
            await client.images.generate(**GIVEN)
        await client.models.list()
    assert refused.value.code == "rate_limit_exceeded"
    assert 50 < int(refused.value.response.headers["retry-after"]) <= 60


@pytest.mark.parametrize("model", ["dall-e-3", "dall-e-2", "gpt-image-1", "gpt-image-9"])
async def test_models_that_are_gone_are_not_found(
    twin: Running, openai_client: AsyncOpenAI, model: str
) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        await openai_client.images.generate(model=model, prompt="a hat")
    assert refused.value.code == "model_not_found"
    assert usd(twin) == []


async def test_retired_models_are_served_when_told(start: Start) -> None:
    twin = await start(serve_retired=True)
    async with AsyncOpenAI(api_key=OPENAI_KEY, base_url=twin.openai, max_retries=0) as client:
        answer = await client.images.generate(
            model="dall-e-3", prompt="a red hat", size="1792x1024", quality="hd", style="natural"
        )
        assert answer.data is not None
        assert answer.data[0].revised_prompt == "A fashion photograph: a red hat"
        async with httpx.AsyncClient() as http:
            content = (await http.get(answer.data[0].url or "")).content
        assert Image.open(BytesIO(content)).size == (1792, 1024)
        await client.images.generate(model="gpt-image-1", prompt="a red hat", quality="high")
        assert "dall-e-3" in [model.id async for model in client.models.list()]
    assert usd(twin) == ["0.12", "0.166415"]


async def test_models_say_when_they_will_be_gone(openai_client: AsyncOpenAI) -> None:
    dates = {model.id: model.shutdown_date async for model in openai_client.models.list()}
    assert dates["gpt-image-2"] is None
    assert dates["gpt-4.1"] == "2027-01-14"
    assert "dall-e-3" not in dates
    assert (await openai_client.models.retrieve(MODEL)).id == MODEL
