"""Waiting for what will be there soon."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_SECONDS = 0.02


async def found(look: Callable[[], Awaitable[T]], seconds: float = 60.0) -> T:
    """Return the first answer that is not empty; raise TimeoutError where none comes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := await look():
            return answer
        await asyncio.sleep(LOOK_SECONDS)
    raise TimeoutError(f"nothing in {seconds} s")
