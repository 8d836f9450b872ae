import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from pipeline.calls import OpenCall
from pipeline.deadlines import Allowance, waiting_in_turn
from pipeline.domain import AspectRatio, FinalPrompt, Quality
from pipeline.errors import DeadlineExceeded
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted
from pipeline.providers.limited import Limited

REQUEST = ImageRequest(
    prompt=FinalPrompt(text="a dress"),
    aspect_ratio=AspectRatio.SQUARE,
    quality=Quality.STANDARD,
    style=None,
    seed=1,
    slot=0,
)


async def accepted(_external_id: str) -> None:
    return None


async def test_what_takes_too_long_is_stopped_and_says_so() -> None:
    with pytest.raises(DeadlineExceeded, match=r"ROUTING took longer than 0\.05 seconds"):
        async with Allowance(0.05, "ROUTING"):
            await asyncio.Event().wait()


async def test_what_has_no_time_left_does_not_begin() -> None:
    with pytest.raises(DeadlineExceeded):
        async with Allowance(-1, "The run"):
            await asyncio.Event().wait()


async def test_what_is_in_time_has_the_rest_left() -> None:
    async with Allowance(60, "The run") as allowance:
        await asyncio.sleep(0.05)
    left = allowance.left
    assert 0 < left < 59.96
    await asyncio.sleep(0.05)
    assert allowance.left == left


async def test_a_timeout_of_the_work_itself_stays_one() -> None:
    with pytest.raises(TimeoutError):
        async with Allowance(60, "The run"), asyncio.timeout(0.01):
            await asyncio.Event().wait()


async def test_waiting_in_turn_costs_no_time_of_all_that_it_is_part_of() -> None:
    async with Allowance(0.3, "The run") as run, Allowance(0.2, "GENERATION") as stage:
        with waiting_in_turn():
            left = run.left, stage.left
            await asyncio.sleep(0.5)
            assert (run.left, stage.left) == left


async def test_time_stands_still_until_the_last_one_had_its_turn() -> None:
    async def wait(seconds: float) -> None:
        with waiting_in_turn():
            await asyncio.sleep(seconds)

    async with Allowance(0.3, "GENERATION") as stage:
        await asyncio.gather(wait(0.1), wait(0.6))
        assert stage.left > 0


class Gate:
    """Admits after a while."""

    @asynccontextmanager
    async def admitted(self, provider: str) -> AsyncGenerator[None]:
        del provider
        await asyncio.sleep(0.4)
        yield


class Model:
    """Takes its time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        del request, accepted
        await asyncio.sleep(self.seconds)
        return ImageResult(content=b"", content_type="image/png")

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        del call
        return await self.generate(request, accepted)


async def test_the_wait_for_a_seat_does_not_count_and_the_call_does() -> None:
    async with Allowance(0.3, "GENERATION"):
        await Limited(Model(0), "p", Gate()).generate(REQUEST, accepted)
    with pytest.raises(DeadlineExceeded):
        async with Allowance(0.3, "GENERATION"):
            await Limited(Model(5), "p", Gate()).generate(REQUEST, accepted)
