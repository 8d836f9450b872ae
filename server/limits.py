"""How much a request may send."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.refusals import refusal

_DRAIN_BYTES: Final = 64 * 1024 * 1024
_DRAIN_SECONDS: Final = 10.0


class _BodyTooLarge(Exception):
    """More came than is allowed."""


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Answers 413 to a body of too many bytes, counted as they come.

    `uploads` is the limit of a multipart body, `others` that of one that is parsed as a whole.
    """

    app: ASGIApp
    uploads: int
    others: int = 1024 * 1024

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        multipart = headers.get("content-type", "").lower().startswith("multipart/")
        limit = self.uploads if multipart else self.others
        if _announced(headers) <= limit:
            try:
                await self.app(scope, _counted(receive, limit), send)
            except _BodyTooLarge:
                pass
            else:
                return
        # Whoever is still sending would meet a reset connection and never read the answer;
        # whoever waits for a go-ahead would get it.
        if "expect" not in headers:
            await _drain(receive)
        message = f"A request of this kind may have at most {limit / 1_048_576:.3g} MB."
        response = refusal(413, "BODY_TOO_LARGE", message, {"Connection": "close"})
        await response(scope, receive, send)


def _counted(receive: Receive, limit: int) -> Receive:
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise _BodyTooLarge
        return message

    return counted


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0


async def _drain(receive: Receive) -> None:
    read = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while read < _DRAIN_BYTES:
                message = await receive()
                read += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
