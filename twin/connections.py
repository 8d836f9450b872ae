"""Answers that a server should never give: none at all, or half of one."""

import asyncio
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Connection(HttpToolsProtocol):
    """HTTP/1.1 whose requests can reach the connection they came on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Leave the transport where an answer finds it."""
        super().connection_made(transport)
        # ASGI has no way to end a connection, but what is in this state every request gets.
        self.app_state = {**self.app_state, "transport": transport}


class Nothing(Response):
    """Ends the connection without a byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close and wait until it is closed."""
        del send
        close(scope)
        await gone(receive)


class Silence(Response):
    """Answers nothing for as long as the client waits."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the client has given up."""
        del scope, send
        await gone(receive)


@dataclass
class Half(Response):
    """Sends half of a file and ends the connection."""

    content: bytes
    media_type: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise all of it, send half."""
        headers = [
            (b"content-type", self.media_type.encode()),
            (b"content-length", str(len(self.content)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        half = self.content[: len(self.content) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        close(scope)
        await gone(receive)


def close(scope: Scope) -> None:
    """End the connection once what is already written has been sent."""
    scope["state"]["transport"].close()


async def gone(receive: Receive) -> None:
    """Wait until the other side is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
