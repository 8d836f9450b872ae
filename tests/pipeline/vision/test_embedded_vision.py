"""The embedded analyser as the pipeline calls it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from time import perf_counter

import pytest

from pipeline.errors import StageFailed
from pipeline.providers.embedded_vision import EmbeddedVision


@pytest.fixture
async def vision() -> AsyncGenerator[EmbeddedVision]:
    vision = EmbeddedVision(cores=2)
    await vision.warm_up()
    yield vision
    vision.close()


async def test_event_loop_stays_free(vision: EmbeddedVision, photo: Callable[[str], bytes]) -> None:
    reading = [asyncio.create_task(vision.analyse(photo("floral-dress"))) for _ in range(4)]
    ticks, longest, last = 0, 0.0, perf_counter()
    while not all(task.done() for task in reading):
        await asyncio.sleep(0.001)
        now = perf_counter()
        ticks, longest, last = ticks + 1, max(longest, now - last), now
    specs = [task.result() for task in reading]
    assert ticks > 10
    assert longest < 0.5
    assert all(spec == specs[0] for spec in specs)


async def test_undecodable_photo_fails_the_stage(vision: EmbeddedVision) -> None:
    with pytest.raises(StageFailed, match="no image") as failed:
        await vision.analyse(b"These bytes are no picture.")
    assert failed.value.code == "UNREADABLE_PHOTO"
