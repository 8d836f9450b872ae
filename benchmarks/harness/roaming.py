"""Clients that hang up at random, come back by cursor to any server, and note all they are told."""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from benchmarks.harness.histories import History, Seen
from pipeline.domain import WorkspaceId
from schema.cursors import stream_cursor, stream_position
from schema.ids import Kind, generation_id, global_id

RUN = """subscription ($id: ID!, $after: Cursor) {
  told: generationEvents(id: $id, after: $after) { generationId seq cursor }
}"""
ALL = "subscription ($after: Cursor) { told: myEvents(after: $after) { generationId seq cursor } }"
PROTOCOL = Subprotocol("graphql-transport-ws")
LONGEST = 8.0
MOST = 40
WAIT = 0.3
# What a server may answer that can't do better now; anything else is a fault of its own.
PASSING = frozenset({"TOO_MANY_SUBSCRIPTIONS", "SERVER_CLOSING", "UNAVAILABLE"})
# Clients don't come back after these.
FINAL = frozenset(f"closed with {code}" for code in range(4400, 4500))


class Refused(Exception):
    """A server did not go on; the code says why."""


class Closed(Exception):
    """A server closed a socket in good order, with this code."""


BROKEN = (OSError, Closed, ConnectionClosed, InvalidHandshake, httpx.HTTPError)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a key and a workspace."""

    key: str
    workspace: WorkspaceId


@dataclass(slots=True)
class Roamer:
    """One client; `drops` counts how its connections ended, `strange` what none may."""

    name: str
    urls: Sequence[str]
    http: httpx.AsyncClient
    user: User
    chance: random.Random
    histories: list[History] = field(default_factory=list[History])
    connections: int = 0
    drops: Counter[str] = field(default_factory=Counter[str])
    strange: Counter[str] = field(default_factory=Counter[str])

    async def follow(self, run: str) -> None:
        """Follow a run until its stream completes."""
        history = History(self.name, str(self.user.workspace), str(generation_id(run)))
        self.histories.append(history)
        while not await self._listen(run, history.seen):
            await self._rest()

    async def follow_all(self, heads: Mapping[WorkspaceId, int]) -> None:
        """Follow all runs of the workspace, until it is told of its head and has come to it."""
        history = History(self.name, str(self.user.workspace), None)
        self.histories.append(history)
        while _place(history.seen) < heads.get(self.user.workspace, sys.maxsize):
            await self._listen(None, history.seen)
            await self._rest()

    async def catch_up(self, ends: Mapping[str, int]) -> None:
        """Take up each run that went on after its stream had completed, as by a retry."""
        for history in self.histories:
            if history.run is not None:
                while len(history.seen) < ends[history.run]:
                    await self._listen(global_id(Kind.GENERATION, UUID(history.run)), history.seen)
                    await self._rest()

    async def _rest(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, WAIT))

    async def _listen(self, run: str | None, seen: list[Seen]) -> bool:
        """Take a few events over one connection; say whether the stream completed."""
        self.connections += 1
        left = self.chance.randrange(1, MOST)
        open_stream = self.chance.choice((self._socket, self._source))
        url = self.chance.choice(self.urls)
        try:
            async with (
                asyncio.timeout(self.chance.uniform(0.2, LONGEST)),
                open_stream(url, run, self._cursor(seen)) as events,
            ):
                async for event in events:
                    seen.append(self._noted(event))
                    left -= 1
                    if not left:
                        self.drops["hung up"] += 1
                        return False
        except Refused as refused:
            code = str(refused)
            (self.drops if code in PASSING else self.strange)[code] += 1
        except BROKEN as error:
            why = _why(error)
            (self.strange if why in FINAL else self.drops)[why] += 1
        else:
            return True
        return False

    def _cursor(self, seen: Sequence[Seen]) -> str:
        """Return the cursor after the last event, or that before the first of the workspace."""
        return stream_cursor(self.user.workspace, _place(seen))

    def _noted(self, event: dict[str, Any]) -> Seen:
        place = stream_position(self.user.workspace, event["cursor"])
        run = str(generation_id(event["generationId"]))
        return Seen(run, event["seq"], -1 if place is None else place)

    @asynccontextmanager
    async def _socket(
        self, url: str, run: str | None, after: str
    ) -> AsyncGenerator[AsyncIterator[dict[str, Any]]]:
        address = f"{url.replace('http', 'ws', 1)}/graphql"
        async with connect(address, subprotocols=[PROTOCOL], proxy=None, close_timeout=1) as socket:
            hello = {
                "type": "connection_init",
                "payload": {"authorization": f"Bearer {self.user.key}"},
            }
            await socket.send(json.dumps(hello))
            await socket.recv()
            request = {"id": "1", "type": "subscribe", "payload": _request(run, after)}
            await socket.send(json.dumps(request))
            try:
                yield _messages(socket)
            finally:
                if self.chance.random() < 0.5:
                    socket.transport.abort()

    @asynccontextmanager
    async def _source(
        self, url: str, run: str | None, after: str
    ) -> AsyncGenerator[AsyncIterator[dict[str, Any]]]:
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {self.user.key}"}
        request = _request(run, after)
        if self.chance.random() < 0.5:
            # What comes later than the event itself must go before what the page began with.
            headers["Last-Event-ID"] = after
            request["variables"]["after"] = stream_cursor(self.user.workspace, 0)
        address = f"{url}/graphql"
        async with self.http.stream("POST", address, json=request, headers=headers) as answer:
            if answer.status_code != httpx.codes.OK:
                raise Refused(_code(await answer.aread(), answer.status_code))
            yield _sent(answer)


def _place(seen: Sequence[Seen]) -> int:
    return seen[-1].place if seen else 0


def _request(run: str | None, after: str) -> dict[str, Any]:
    if run is None:
        return {"query": ALL, "variables": {"after": after}}
    return {"query": RUN, "variables": {"id": run, "after": after}}


async def _messages(socket: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    async for text in socket:
        message = json.loads(text)
        match message["type"]:
            case "next":
                yield _event(message["payload"])
            case "error":
                raise Refused(message["payload"][0]["extensions"]["code"])
            case "complete":
                return
            case "ping":
                await socket.send('{"type":"pong"}')
            case _:
                pass
    raise Closed(socket.close_code)


async def _sent(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    kind = ""
    async for line in answer.aiter_lines():
        name, _, value = line.partition(":")
        if name == "event":
            kind = value.strip()
        elif name == "data" and kind == "next":
            yield _event(json.loads(value))
        elif not line and kind == "complete":
            return
    raise ConnectionError("the source ended")


def _event(payload: dict[str, Any]) -> dict[str, Any]:
    if payload.get("errors"):
        raise Refused(payload["errors"][0]["extensions"]["code"])
    event: dict[str, Any] = payload["data"]["told"]
    return event


def _code(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["errors"][0]["extensions"]["code"])
    except (ValueError, LookupError, TypeError):
        return f"HTTP {status}"


def _why(error: Exception) -> str:
    match error:
        case Closed():
            return f"closed with {error}"
        case ConnectionClosed():
            return f"closed with {error.rcvd.code if error.rcvd else 1006}"
        case TimeoutError():
            return "timed out"
        case _:
            return type(error).__name__
