import asyncio
import os
import signal
from collections.abc import Generator

import pytest

from server.running import told_to_end


@pytest.fixture
def handlers() -> Generator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
async def test_the_first_signal_tells_and_the_second_ends_all_waiting() -> None:
    told_once = asyncio.Event()

    async def work() -> None:
        with told_to_end() as told:
            os.kill(os.getpid(), signal.SIGTERM)
            await told.wait()
            told_once.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await told_once.wait()
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(asyncio.CancelledError):
        await task
