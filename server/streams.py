"""Streams that end when their server does."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable


async def until(
    closing: asyncio.Event, stream: Callable[[], AsyncIterator[str]]
) -> AsyncGenerator[str]:
    """Yield what `stream` does, at most until `closing`.

    Its last word is missing then, which tells an event source to come back.
    """
    pieces = stream()
    closed = asyncio.create_task(closing.wait())
    piece: asyncio.Future[str | None] | None = None
    try:
        while True:
            piece = asyncio.ensure_future(anext(pieces, None))
            await asyncio.wait((piece, closed), return_when=asyncio.FIRST_COMPLETED)
            if not piece.done() or (text := piece.result()) is None:
                return
            yield text
    finally:
        closed.cancel()
        if piece:
            piece.cancel()
        await asyncio.wait({one for one in (piece, closed) if one})
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()
