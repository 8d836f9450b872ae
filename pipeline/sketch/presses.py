"""A few presses side by side, kept alive from picture to picture.

The renderer holds the interpreter's lock while it works, hence processes and no threads.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from pipeline.errors import StageFailed
from pipeline.sketch import press

_PATIENCE = 20.0


class _Press:
    """One child process, started when it is first needed and again after it broke."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def start(self) -> Process:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                press.__file__,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                # Ctrl-C is for the server, which lets the picture be finished.
                start_new_session=True,
            )
        return self._process

    async def print(self, svg: bytes) -> bytes:
        """Return the PNG; whatever interrupts it leaves no half-read answer behind."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await _exchange(await self.start(), svg)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.communicate())


@dataclass(frozen=True, slots=True)
class Presses:
    """Prints on whichever press is free; raises `StageFailed` where one breaks."""

    _free: asyncio.LifoQueue[_Press]

    async def print(self, svg: str) -> bytes:
        """Return the PNG of an SVG."""
        one = await self._free.get()
        try:
            return await one.print(svg.encode())
        except (OSError, EOFError, TimeoutError, RuntimeError) as error:
            # uvloop says by a RuntimeError that the pipe is closed.
            raise StageFailed("The renderer stopped; the picture can be drawn again.") from error
        finally:
            self._free.put_nowait(one)


@asynccontextmanager
async def presses(count: int) -> AsyncGenerator[Presses, None]:
    """Keep up to `count` presses, one of them warm from the start, until the block ends."""
    every = [_Press() for _ in range(count)]
    free = asyncio.LifoQueue[_Press]()
    for one in reversed(every):
        free.put_nowait(one)
    try:
        await every[0].start()
        yield Presses(free)
    finally:
        for one in every:
            await one.stop()


async def _exchange(process: Process, svg: bytes) -> bytes:
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise EOFError
    stdin.write(len(svg).to_bytes(press.PREFIX, "big") + svg)
    await stdin.drain()
    length = int.from_bytes(await stdout.readexactly(press.PREFIX), "big")
    return await stdout.readexactly(length)
