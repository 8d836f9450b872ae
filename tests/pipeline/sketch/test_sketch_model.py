import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import psutil
import pytest

from pipeline.domain import AspectRatio, FinalPrompt, Quality
from pipeline.errors import StageFailed
from pipeline.imaging import ImageRequest
from pipeline.providers.sketch import Sketch, sketching
from pipeline.sketch.draw import draw
from pipeline.spec import GarmentSpec, SpecSource, SpecText

PANTS = GarmentSpec(garment_type=SpecText("pants", 1.0, SpecSource.DESIGNER))


def request(text: str, spec: GarmentSpec | None = None, seed: int = 1) -> ImageRequest:
    return ImageRequest(
        prompt=FinalPrompt(text=text),
        aspect_ratio=AspectRatio.SQUARE,
        quality=Quality.STANDARD,
        style=None,
        seed=seed,
        slot=0,
        spec=spec,
    )


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


@asynccontextmanager
async def one_press() -> AsyncGenerator[tuple[Sketch, int], None]:
    before = children()
    async with sketching(1) as model:
        (pid,) = children() - before
        yield model, pid


async def test_a_sentence_becomes_its_garment() -> None:
    async with sketching(1) as model:
        made = await model.generate(request("a striped navy midi skirt"))
    assert made.content_type == "image/png"
    assert made.content.startswith(b"\x89PNG")
    assert made.metadata["garmentType"] == "skirt"
    assert made.metadata["pattern"] == "striped"


async def test_what_is_only_guessed_is_said() -> None:
    async with sketching(1) as model:
        told = await model.generate(request("a red dress"))
        guessed = await model.generate(request("rotes Kleid"))
        other = await model.generate(request("a blue sari with orange embroidery"))
        suit = await model.generate(request("a charcoal suit with tapered trousers"))
    assert told.warnings == ()
    assert other.warnings == (
        "sketch can't draw a sari: a plain t-shirt stands in",
        "sketch doesn't draw the orange embroidery",
    )
    assert suit.warnings == ("Of a suit, sketch draws the jacket",)
    assert "a plain t-shirt stands in" in guessed.warnings[0]
    assert "No colour was named" in guessed.warnings[1]


async def test_the_designers_words_win_but_over_what_is_locked() -> None:
    locked = replace(PANTS, garment_type=replace(PANTS.garment_type, locked=True))
    async with sketching(1) as model:
        free = await model.generate(request("a red dress with dots", PANTS))
        bound = await model.generate(request("a red dress with dots", locked))
    assert free.metadata["garmentType"] == "dress"
    assert bound.metadata["garmentType"] == "pants"
    assert bound.metadata["pattern"] == "dotted"


async def test_the_press_prints_what_draw_draws() -> None:
    async with sketching(1) as model:
        made = await model.generate(request("", PANTS, seed=7))
    assert made.content == draw(PANTS, AspectRatio.SQUARE, 7)


async def test_a_killed_press_is_a_retryable_failure_and_is_replaced() -> None:
    async with one_press() as (model, pid):
        await model.generate(request("", PANTS))
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(StageFailed) as raised:
            await model.generate(request("", PANTS))
        assert raised.value.retryable
        again = await model.generate(request("", PANTS))
    assert again.content.startswith(b"\x89PNG")


async def test_a_cancelled_request_does_not_spoil_the_next() -> None:
    async with sketching(1) as model:
        expected = (await model.generate(request("", PANTS, seed=2))).content
        cancelled = asyncio.create_task(model.generate(request("a blue hat", seed=1)))
        while not children():
            await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert (await model.generate(request("", PANTS, seed=2))).content == expected


async def test_many_at_once_share_two_presses_and_leave_none() -> None:
    before = children()
    async with sketching(2) as model:
        made = await asyncio.gather(*(model.generate(request("", PANTS, seed=i)) for i in range(6)))
        assert len(children() - before) == 2
    assert len({image.content for image in made}) == 6
    assert children() == before
