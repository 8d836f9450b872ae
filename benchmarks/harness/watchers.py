"""Many cheap clients of graphql-transport-ws in one process, which note what arrives and when.

They write and read frames themselves: a client library would take longer than the servers do.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import cast
from urllib.parse import urlsplit

WATCH = """
subscription ($id: ID!) {
  generationEvents(id: $id) {
    __typename generationId seq cursor at
    ... on StageProgress { name fraction message }
  }
}
"""
AT_ONCE = 50
SECONDS = 120.0

_SEQ = re.compile(rb'"seq": ?(\d+)')
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_UPGRADE = (
    "GET /graphql HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


@dataclass(slots=True, eq=False)
class Watcher(asyncio.Protocol):
    """One socket with one subscription; `arrivals` are (seq, monotonic time) in their order."""

    host: str
    generation: str
    key: str | None = None
    arrivals: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    ready: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    closed: str | None = None
    _transport: asyncio.Transport | None = None
    _rest: bytes = b""
    _upgraded: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(_UPGRADE.format(host=self.host).encode())

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"the connection is lost: {exc}")

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        start = 0
        if not self._upgraded:
            start = data.find(b"\r\n\r\n") + 4
            if start < 4:
                self._rest = data
                return
            self._welcome(data[:start])
        now = time.monotonic()
        while (frame := _frame(data, start)) is not None:
            code, first, start = frame
            self._hear(code, data[first:start], now)
        self._rest = data[start:]

    def leave(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _welcome(self, head: bytes) -> None:
        if b" 101 " not in head[:20]:
            self._end(head.decode(errors="replace"))
            return
        self._upgraded = True
        payload = {"authorization": f"Bearer {self.key}"} if self.key else {}
        self._say({"type": "connection_init", "payload": payload})

    def _hear(self, code: int, body: bytes, now: float) -> None:
        if code == _TEXT:
            found = _SEQ.search(body)
            if found is not None:
                self.arrivals.append((int(found[1]), now))
            else:
                self._answer(json.loads(body))
        elif code == _PING:
            self._send(_PONG, body)
        elif code == _CLOSE:
            self._end(f"closed with {int.from_bytes(body[:2])}: {body[2:].decode()}")

    def _answer(self, message: Mapping[str, object]) -> None:
        match message["type"]:
            case "connection_ack":
                payload = {"query": WATCH, "variables": {"id": self.generation}}
                self._say({"id": "1", "type": "subscribe", "payload": payload})
                if not self.ready.done():
                    self.ready.set_result(None)
            case "ping":
                self._say({"type": "pong"})
            case "pong":
                pass
            case _:
                self._end(json.dumps(message))

    def _say(self, message: Mapping[str, object]) -> None:
        self._send(_TEXT, json.dumps(message).encode())

    def _send(self, code: int, body: bytes) -> None:
        size = len(body)
        length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2)
        # A mask of zeros leaves the body as it is.
        if self._transport is not None:
            self._transport.write(bytes((0x80 | code,)) + length + bytes(4) + body)

    def _end(self, why: str) -> None:
        self.closed = self.closed or why
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(why))


def _frame(data: bytes, start: int) -> tuple[int, int, int] | None:
    """Return the code of the frame at `start` and where its body begins and ends, once whole."""
    if len(data) < start + 2:
        return None
    size, first = data[start + 1], start + 2
    if size >= 126:
        first += 2 if size == 126 else 8
        size = int.from_bytes(data[start + 2 : first])
    end = first + size
    return None if len(data) < max(end, first) else (data[start] & 0x0F, first, end)


@asynccontextmanager
async def watching(
    url: str, generations: Sequence[str], keys: Sequence[str | None] = (None,)
) -> AsyncGenerator[list[Watcher]]:
    """Give a socket for each of `generations`, acknowledged, and close them in the end."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 80
    loop = asyncio.get_running_loop()
    watchers: list[Watcher] = []
    try:
        for first in range(0, len(generations), AT_ONCE):
            batch = [
                Watcher(address.netloc, generation, keys[(first + place) % len(keys)])
                for place, generation in enumerate(generations[first : first + AT_ONCE])
            ]
            watchers += batch
            for one in batch:
                await loop.create_connection(partial(_itself, one), host, port)
            async with asyncio.timeout(SECONDS):
                await asyncio.gather(*(one.ready for one in batch))
        yield watchers
    finally:
        for one in watchers:
            one.leave()


def _itself(one: Watcher) -> Watcher:
    return one


async def arrived(watchers: Sequence[Watcher], each: int, seconds: float) -> None:
    """Wait until every one of them has heard `each` events, or the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if all(len(one.arrivals) >= each or one.closed for one in watchers):
            return
        await asyncio.sleep(0.05)
