"""A client as a frontend is one: GraphQL over HTTP, uploads, WebSocket and SSE."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("graphql-transport-ws")
TERMINAL = {"COMPLETED", "FAILED", "CANCELLED"}
STAGES = [
    "ANALYSIS",
    "ENHANCEMENT",
    "PERSONA",
    "ROUTING",
    "OPTIMIZATION",
    "GENERATION",
    "DELIVERY",
]

_ANSWER = """__typename
  ... on Generation { id status attempt mode warnings }
  ... on UserError { code message }
  ... on InvalidInput { field }"""
START = {
    mode: f"mutation ($input: Generate{mode}Input!)"
    f" {{ answer: generate{mode}(input: $input) {{ {_ANSWER} }} }}"
    for mode in ("FromImage", "FromSpec", "FromPrompt")
}
VERB = {
    verb: f"mutation ($id: ID!) {{ answer: {verb}(id: $id)"
    f" {{ __typename ... on {done} ... on UserError {{ code message }} }} }}"
    for verb, done in (
        ("cancelGeneration", "Generation { id status attempt }"),
        ("retryGeneration", "Generation { id status attempt }"),
        ("deleteGeneration", "Deleted { id }"),
    )
}
EVENTS = """subscription ($id: ID!, $after: Cursor) {
  generationEvents(id: $id, after: $after) {
    __typename generationId seq cursor at
    ... on StatusChanged { status attempt error { code message stage } }
    ... on StageChanged { stage { name status attempt summary durationMs } }
    ... on AssetCreated { asset { id url kind } }
  }
}"""


class Refused(Exception):
    """The server refused a subscription; `code` says why, `field` where, `resume_at` what to do."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["extensions"]["code"]
        self.field = error["extensions"].get("field")
        self.resume_at = error["extensions"].get("resumeAt")


@dataclass(frozen=True, slots=True)
class Sent:
    """A server-sent event with its id."""

    id: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    """A client of one server, with one user's key."""

    url: str
    http: httpx.AsyncClient
    key: str | None = None

    async def send(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the whole answer."""
        body = {"query": query, "variables": variables}
        answer: dict[str, Any] = (await self.http.post("/graphql", json=body)).json()
        return answer

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        answer = await self.send(query, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def start(self, mode: str, **given: Any) -> dict[str, Any]:
        """Return what the mutation answers."""
        answer: dict[str, Any] = (await self.ask(START[mode], input=given))["answer"]
        return answer

    async def upload(self, photo: bytes, *, name: str = "photo.jpg", **given: Any) -> Any:
        """Send a photo, and return what the mutation answers."""
        operation = {
            "query": START["FromImage"],
            "variables": {"input": {**given, "image": None}},
        }
        answer = await self.http.post(
            "/graphql",
            data={"operations": json.dumps(operation), "map": '{"0": ["variables.input.image"]}'},
            files={"0": (name, photo, "image/jpeg")},
            headers={"GraphQL-Require-Preflight": "1"},
        )
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]["answer"]

    async def do(self, verb: str, id: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.ask(VERB[verb], id=id))["answer"]
        return answer

    async def to_end(self, id: str, after: str | None = None) -> list[dict[str, Any]]:
        """Return a generation's events, up to the end."""
        async with self.watching(EVENTS, id=id, after=after) as events:
            return [event async for event in events]

    @asynccontextmanager
    async def watching(
        self, query: str, **variables: Any
    ) -> AsyncGenerator[AsyncIterator[dict[str, Any]]]:
        """Give what a subscription of one field tells over WebSocket."""
        address = f"{self.url.replace('http', 'ws', 1)}/graphql"
        payload = {"authorization": f"Bearer {self.key}"} if self.key else {}
        async with connect(address, subprotocols=[PROTOCOL], proxy=None) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            request = {"query": query, "variables": variables}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": request}))
            async with aclosing(_told(socket)) as events:
                yield events

    @asynccontextmanager
    async def streaming(
        self, query: str, last: str | None = None, **variables: Any
    ) -> AsyncGenerator[AsyncIterator[Sent]]:
        """Give what a subscription tells over server-sent events, from after `last`."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        body = {"query": query, "variables": variables}
        async with self.http.stream("POST", "/graphql", json=body, headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async with aclosing(_sent(answer)) as events:
                yield events


@asynccontextmanager
async def client(url: str, key: str | None = None) -> AsyncGenerator[Api]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=30, trust_env=False
    ) as http:
        yield Api(url, http, key)


async def _told(socket: ClientConnection) -> AsyncGenerator[dict[str, Any]]:
    async for text in socket:
        message = json.loads(text)
        match message["type"]:
            case "next" if not message["payload"].get("errors"):
                (event,) = message["payload"]["data"].values()
                yield event
            case "next":
                raise Refused(message["payload"]["errors"][0])
            case "error":
                raise Refused(message["payload"][0])
            case "ping":
                await socket.send('{"type":"pong"}')
            case kind:
                assert kind == "complete"
                return


async def _sent(answer: httpx.Response) -> AsyncGenerator[Sent]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif fields.get("event") == "next":
            (event,) = json.loads(fields["data"])["data"].values()
            yield Sent(fields["id"], event)
            fields = {}
        elif fields.get("event") == "complete":
            return
