"""The benchmarks' client ends with what the server said, where that refuses."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.harness.client import PROTOCOL, Client, Refused, client, ended

ACK = {"type": "connection_ack"}
DONE = {"data": {"myEvents": {"generationId": "a", "status": "COMPLETED"}}}


@asynccontextmanager
async def answering(*messages: object) -> AsyncGenerator[Client]:
    """Give a client of a server that says one of them after each of the client's messages."""

    async def answer(socket: ServerConnection) -> None:
        for message in messages:
            await socket.recv()
            await socket.send(json.dumps(message))
        await socket.wait_closed()

    async with serve(answer, "127.0.0.1", 0, subprotocols=[PROTOCOL]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with asyncio.timeout(10), client(f"http://127.0.0.1:{port}") as bff:
            yield bff


async def test_a_run_is_followed_to_its_end() -> None:
    next_one = {"id": "1", "type": "next", "payload": DONE}
    async with answering(ACK, {"type": "ping"}, next_one) as bff, bff.events() as events:
        assert await ended(events, "a") == "COMPLETED"


@pytest.mark.parametrize(
    "answers",
    [
        [{"type": "connection_error"}],
        [ACK, {"id": "1", "type": "error", "payload": [{"message": "too many"}]}],
        [ACK, {"id": "1", "type": "next", "payload": {"errors": [{"message": "too many"}]}}],
    ],
    ids=["connection", "subscription", "resolver"],
)
async def test_a_refusal_is_raised(answers: Sequence[object]) -> None:
    async with answering(*answers) as bff:
        with pytest.raises(Refused, match=r"too many|connection_error"):
            async with bff.events() as events:
                await ended(events, "a")


async def test_a_subscription_that_is_complete_ends() -> None:
    complete = {"id": "1", "type": "complete"}
    async with answering(ACK, complete) as bff, bff.events() as events:
        with pytest.raises(RuntimeError, match="the stream ended first"):
            await ended(events, "a")


async def test_errors_of_a_mutation_are_told() -> None:
    body = {"data": None, "errors": [{"message": "not so fast"}]}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    async with httpx.AsyncClient(transport=transport, base_url="http://bff") as http:
        with pytest.raises(Refused, match="not so fast"):
            await Client("http://bff", http).start("FROM_PROMPT", {"prompt": "a dress"})
