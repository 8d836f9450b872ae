import asyncio

import pytest

from pipeline.together import together, unbroken


class Sibling:
    """Works until it is allowed to end, and notes how it ended."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.ended = ""

    async def work(self) -> str:
        self.ended = "broken off"
        await self.may.wait()
        await asyncio.sleep(0)
        self.ended = "done"
        return self.ended


async def failing() -> str:
    raise ValueError("first")


async def test_results_come_in_order() -> None:
    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    assert await together(after(turns) for turns in (3, 1, 2)) == [3, 1, 2]


async def test_nobody_works_on_once_one_has_failed() -> None:
    sibling = Sibling()

    with pytest.raises(ValueError, match="first"):
        await together([sibling.work(), failing()])

    sibling.may.set()
    await asyncio.sleep(0)
    assert sibling.ended == "broken off"
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_is_unbroken_ends_before_its_cancellation_is_felt() -> None:
    sibling = Sibling()
    task = asyncio.create_task(unbroken(sibling.work()))
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
    assert not task.done()

    sibling.may.set()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert sibling.ended == "done"


async def test_what_is_unbroken_answers_and_fails_as_usual() -> None:
    sibling = Sibling()
    sibling.may.set()
    assert await unbroken(sibling.work()) == "done"
    with pytest.raises(ValueError, match="first"):
        await unbroken(failing())
