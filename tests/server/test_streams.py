"""Streams that end with their server, or with their reader, and leave nothing behind."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from server.streams import until


class Source:
    """Yields "a" and "b", then waits for ever, or ends."""

    def __init__(self, *, ends: bool) -> None:
        self.ends = ends
        self.cleaned_up = False

    async def stream(self) -> AsyncGenerator[str]:
        try:
            yield "a"
            yield "b"
            if not self.ends:
                await asyncio.Event().wait()
        finally:
            self.cleaned_up = True


def alone() -> bool:
    return asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_stream_that_ends_is_passed_on_whole() -> None:
    source = Source(ends=True)
    assert [piece async for piece in until(asyncio.Event(), source.stream)] == ["a", "b"]
    assert source.cleaned_up
    assert alone()


async def test_closing_ends_it() -> None:
    source, closing, seen = Source(ends=False), asyncio.Event(), list[str]()
    async for piece in until(closing, source.stream):
        seen.append(piece)
        if piece == "b":
            closing.set()
    assert seen == ["a", "b"]
    assert source.cleaned_up
    assert alone()


async def test_a_reader_that_goes_ends_it() -> None:
    source, waiting = Source(ends=False), asyncio.Event()

    async def read() -> None:
        async for piece in until(asyncio.Event(), source.stream):
            if piece == "b":
                waiting.set()

    reader = asyncio.create_task(read())
    await waiting.wait()
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.wait((reader,))
    assert reader.cancelled()
    assert source.cleaned_up
    assert alone()


async def test_what_breaks_it_reaches_the_reader() -> None:
    async def broken() -> AsyncGenerator[str]:
        yield "a"
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        assert [piece async for piece in until(asyncio.Event(), broken)]
    assert alone()
