"""A client as a frontend would be: mutations over HTTP, events over graphql-transport-ws."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("graphql-transport-ws")

STARTED = "... on Generation { id } ... on UserError { code message }"
START = {
    "FROM_PROMPT": (
        "mutation ($input: GenerateFromPromptInput!)"
        f" {{ started: generateFromPrompt(input: $input) {{ {STARTED} }} }}"
    ),
    "FROM_SPEC": (
        "mutation ($input: GenerateFromSpecInput!)"
        f" {{ started: generateFromSpec(input: $input) {{ {STARTED} }} }}"
    ),
    "FROM_IMAGE": (
        "mutation ($input: GenerateFromImageInput!)"
        f" {{ started: generateFromImage(input: $input) {{ {STARTED} }} }}"
    ),
}
WATCH = (
    "subscription { myEvents { generationId"
    " ... on StatusChanged { status error { code message stage } } } }"
)
TERMINAL = {"COMPLETED", "FAILED", "CANCELLED"}


class Refused(RuntimeError):
    """The server did not do what was asked; the message holds its answer."""


@dataclass(frozen=True, slots=True)
class Client:
    """Talks to one server."""

    url: str
    http: httpx.AsyncClient

    async def start(self, mode: str, given: Mapping[str, Any], photo: Path | None = None) -> str:
        """Start a run and return its id."""
        operation = {"query": START[mode], "variables": {"input": dict(given)}}
        if photo is None:
            answer = await self.http.post("/graphql", json=operation)
        else:
            operation["variables"] = {"input": {**given, "image": None}}
            answer = await self.http.post(
                "/graphql",
                data={
                    "operations": json.dumps(operation),
                    "map": '{"0": ["variables.input.image"]}',
                },
                files={"0": (photo.name, photo.read_bytes(), "image/jpeg")},
                headers={"GraphQL-Require-Preflight": "1"},
            )
        told = answer.json()
        if told.get("errors"):
            raise Refused(f"{mode} was refused: {told['errors']}")
        started = told["data"]["started"]
        if "id" not in started:
            raise Refused(f"{mode} was refused: {started}")
        return str(started["id"])

    @asynccontextmanager
    async def events(self) -> AsyncGenerator[AsyncIterator[dict[str, Any]]]:
        """Give all events of the workspace from now on."""
        address = self.url.replace("http", "ws", 1) + "/graphql"
        async with connect(address, subprotocols=[PROTOCOL], proxy=None) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            answer = json.loads(await socket.recv())
            if answer["type"] != "connection_ack":
                raise Refused(f"the connection was refused: {answer}")
            subscribe = {"id": "1", "type": "subscribe", "payload": {"query": WATCH}}
            await socket.send(json.dumps(subscribe))
            async with aclosing(_events(socket)) as events:
                yield events


@asynccontextmanager
async def client(url: str) -> AsyncGenerator[Client]:
    """Give a client with one kept connection."""
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
        yield Client(url, http)


async def _events(socket: ClientConnection) -> AsyncGenerator[dict[str, Any]]:
    async for text in socket:
        message = json.loads(text)
        match message["type"]:
            case "next" if not message["payload"].get("errors"):
                yield message["payload"]["data"]["myEvents"]
            case "ping":
                await socket.send(json.dumps({"type": "pong"}))
            case "complete":
                return
            case _:
                raise Refused(f"the subscription was refused: {message['payload']}")


async def ended(events: AsyncIterator[dict[str, Any]], generation: str) -> str:
    """Follow `events` until `generation` ends, and return its status."""
    async for event in events:
        if event["generationId"] == generation and event.get("status") in TERMINAL:
            return str(event["status"])
    raise RuntimeError("the stream ended first")
