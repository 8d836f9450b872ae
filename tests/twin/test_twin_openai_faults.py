import asyncio
import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from PIL import Image

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
from twin.script import Rule, When, Where
from twin.serving import Running

Meets = Callable[..., None]

GIVEN: dict[str, Any] = {"model": "gpt-image-2.6-flare", "prompt": "a red gown", "quality": "low"}


@pytest.fixture
def meets(twin: Running) -> Meets:
    """Let the next request for pictures meet a fault."""

    def add(fault: Fault) -> None:
        twin.twin.script.add([Rule(fault, Where("openai", "generate"), When(next=1))])

    return add


def charges(twin: Running) -> int:
    return len(twin.twin.bill.rows())


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (Throttled(), (429, "rate_limit_exceeded")),
        (Throttled(retry_after=4), (429, "rate_limit_exceeded")),
        (Unpaid(), (429, "insufficient_quota")),
        (Broken(status=500), (500, None)),
        (Broken(status=502), (502, None)),
        (Broken(status=503), (503, None)),
        (Refused(reason="violence"), (400, "moderation_blocked")),
        (Failed(), (500, None)),
    ],
)
async def test_a_refusal_is_not_billed(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets, fault: Fault, answer: tuple[int, Any]
) -> None:
    meets(fault)
    with pytest.raises(openai.APIStatusError) as refused:
        await openai_client.images.generate(**GIVEN)
    assert (refused.value.status_code, refused.value.code) == answer
    told = refused.value.response.headers.get("retry-after")
    assert told == ("4" if fault == Throttled(retry_after=4) else None)
    assert charges(twin) == 0


async def test_moderation_names_what_it_saw_and_may_be_charged(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets
) -> None:
    meets(Refused(reason="violence", charged=True))
    with pytest.raises(openai.BadRequestError) as refused:
        await openai_client.images.generate(**GIVEN)
    assert refused.value.type == "image_generation_user_error"
    assert "safety_violations=[violence]" in refused.value.message
    assert charges(twin) == 1


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_dropped_connection_is_billed_once_the_work_was_accepted(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets, *, accepted: bool
) -> None:
    meets(Dropped(accepted=accepted))
    with pytest.raises(openai.APIConnectionError):
        await openai_client.images.generate(**GIVEN)
    assert charges(twin) == accepted


async def test_the_sdks_own_retry_pays_twice(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets
) -> None:
    meets(Dropped(accepted=True))
    await openai_client.with_options(max_retries=1).images.generate(**GIVEN)
    assert charges(twin) == 2
    retries = [row["retry"] for row in twin.twin.journal.shown() if isinstance(row, dict)]
    assert retries == ["0", "1"]


async def test_a_server_error_may_hide_that_the_work_was_accepted(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets
) -> None:
    meets(Broken(accepted=True))
    with pytest.raises(openai.InternalServerError):
        await openai_client.images.generate(**GIVEN)
    assert charges(twin) == 1


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_hang_lasts_until_the_client_gives_up(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets, *, accepted: bool
) -> None:
    meets(Hanging(accepted=accepted))
    with pytest.raises(openai.APITimeoutError):
        await openai_client.images.generate(**GIVEN, timeout=0.5)
    assert charges(twin) == accepted


async def test_work_goes_on_and_is_billed_when_the_client_leaves(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets
) -> None:
    meets(Slow(seconds=60))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await openai_client.images.generate(**GIVEN)
    assert charges(twin) == 1


@pytest.mark.parametrize(
    ("how", "count", "head"),
    [(Spoil.EMPTY, 0, b""), (Spoil.BLANK, 1, b""), (Spoil.HTML, 1, b"<!DOCTYPE html>")],
)
async def test_an_output_may_be_no_picture(
    openai_client: AsyncOpenAI, meets: Meets, how: Spoil, count: int, head: bytes
) -> None:
    meets(Spoiled(how))
    answer = await openai_client.images.generate(**GIVEN)
    assert answer.data is not None
    contents = [base64.b64decode(image.b64_json or "") for image in answer.data]
    assert [content[: len(b"<!DOCTYPE html>")] for content in contents] == [head] * count


async def test_a_picture_may_be_cut_or_of_another_size(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets
) -> None:
    async def painted(how: Spoil) -> Image.Image:
        meets(Spoiled(how))
        answer = await openai_client.images.generate(**GIVEN)
        assert answer.data is not None
        return Image.open(BytesIO(base64.b64decode(answer.data[0].b64_json or "")))

    assert (await painted(Spoil.SMALL)).size == (64, 64)
    with pytest.raises(OSError, match="truncated"):
        (await painted(Spoil.TRUNCATED)).load()
    with pytest.raises(openai.APIConnectionError):
        await painted(Spoil.CUT)
    assert charges(twin) == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Broken(accepted=True), openai.APIError), (Dropped(accepted=True), openai.APIConnectionError)],
)
async def test_a_stream_may_break_off_after_its_first_picture(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets, fault: Fault, error: type[Exception]
) -> None:
    meets(fault)
    stream = await openai_client.images.generate(**GIVEN, stream=True, partial_images=3)
    assert (await anext(stream)).type == "image_generation.partial_image"
    with pytest.raises(error):
        await anext(stream)
    assert charges(twin) == 1
