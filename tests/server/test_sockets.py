"""graphql-transport-ws on a real socket: who may come in, and what runs."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from pipeline.domain import Viewer


@asynccontextmanager
async def opened(address: str, **headers: str) -> AsyncGenerator[ClientConnection]:
    async with connect(
        f"{address.replace('http', 'ws')}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers=headers,
        proxy=None,
    ) as socket:
        yield socket


async def send(socket: ClientConnection, **message: object) -> None:
    await socket.send(json.dumps(message))


async def receive(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        message: dict[str, Any] = json.loads(await socket.recv())
        return message


async def closing(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as caught:
        await receive(socket)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


async def subscribe(socket: ClientConnection, query: str, id: str = "1") -> None:
    await send(socket, type="subscribe", id=id, payload={"query": query})


async def test_a_subscription_runs_to_its_end(live: str) -> None:
    async with opened(live) as socket:
        await send(socket, type="connection_init")
        assert await receive(socket) == {"type": "connection_ack"}
        await subscribe(socket, "subscription { ticks(until: 3) { seq } }")
        messages = [await receive(socket) for _ in range(4)]
    seqs = [one["payload"]["data"]["ticks"]["seq"] for one in messages[:3]]
    assert seqs == [1, 2, 3]
    assert messages[3] == {"type": "complete", "id": "1"}


async def test_queries_run_on_a_socket_too(live: str) -> None:
    async with opened(live) as socket:
        await send(socket, type="connection_init", payload={"Authorization": "Bearer dbff_ada"})
        await receive(socket)
        await subscribe(socket, "{ me }")
        assert (await receive(socket))["payload"] == {"data": {"me": "Ada"}}


async def test_the_key_may_come_with_the_handshake(exposed_live: str) -> None:
    async with opened(exposed_live, Authorization="Bearer dbff_ada") as socket:
        await send(socket, type="connection_init")
        assert await receive(socket) == {"type": "connection_ack"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({}, 4401),
        (None, 4401),
        ({"authorization": 5}, 4401),
        ({"authorization": "Bearer dbff_eve"}, 4403),
        ({"AUTHORIZATION": "Basic eve"}, 4403),
    ],
)
async def test_a_missing_and_a_wrong_key_close_the_socket(
    exposed_live: str, payload: object, code: int
) -> None:
    async with opened(exposed_live) as socket:
        await send(socket, type="connection_init", payload=payload)
        assert await closing(socket) == code


async def test_nothing_runs_before_the_init(exposed_live: str) -> None:
    async with opened(exposed_live, Authorization="Bearer dbff_ada") as socket:
        await subscribe(socket, "{ me }")
        assert await closing(socket) == 4401


async def test_a_revoked_key_starts_nothing_more(
    exposed_live: str, keyring: dict[str, Viewer]
) -> None:
    async with opened(exposed_live) as socket:
        await send(socket, type="connection_init", payload={"authorization": "Bearer dbff_ada"})
        await receive(socket)
        keyring.clear()
        await subscribe(socket, "{ me }")
        assert await closing(socket) == 4403


async def test_an_init_may_have_null_for_a_payload(live: str) -> None:
    async with opened(live) as socket:
        await send(socket, type="connection_init", payload=None)
        assert (await receive(socket))["type"] == "connection_ack"


async def test_a_second_init_closes_the_socket(live: str) -> None:
    async with opened(live) as socket:
        await send(socket, type="connection_init")
        await receive(socket)
        await send(socket, type="connection_init")
        assert await closing(socket) == 4429


@pytest.mark.parametrize("after", [0, 2])
async def test_a_subscription_that_is_refused_or_breaks_ends_with_an_error(
    live: str, after: int
) -> None:
    async with opened(live) as socket:
        await send(socket, type="connection_init")
        await receive(socket)
        await subscribe(
            socket, f'subscription {{ broken(after: {after}, code: "GONE") {{ seq }} }}'
        )
        for seq in range(1, after + 1):
            assert (await receive(socket))["payload"] == {"data": {"broken": {"seq": seq}}}
        ended = await receive(socket)
        assert (ended["type"], ended["id"]) == ("error", "1")
        assert ended["payload"][0]["extensions"] == {"code": "GONE"}
        await subscribe(socket, "{ me }")
        assert (await receive(socket))["payload"] == {"data": {"me": "Local designer"}}


async def test_a_field_that_fails_is_an_answer_still(live: str) -> None:
    async with opened(live) as socket:
        await send(socket, type="connection_init")
        await receive(socket)
        await subscribe(socket, "{ boom }")
        answer = await receive(socket)
        assert (answer["type"], answer["payload"]["data"]) == ("next", None)


async def test_a_server_that_closes_sends_its_watchers_to_the_next(live: str) -> None:
    async with opened(live) as socket:
        await send(socket, type="connection_init")
        await receive(socket)
        await subscribe(socket, 'subscription { broken(after: 0, code: "SERVER_CLOSING") { seq } }')
        assert await closing(socket) == 1012


async def test_one_of_several_operations_has_to_be_named(live: str) -> None:
    both = "subscription A { ticks(until: 1) { seq } } query B { me }"
    async with opened(live) as socket:
        await send(socket, type="connection_init")
        await receive(socket)
        await subscribe(socket, both)
        refused = await receive(socket)
        assert (refused["type"], refused["id"]) == ("error", "1")
        assert refused["payload"][0]["extensions"] == {"code": "BAD_REQUEST"}
        assert "operation name" in refused["payload"][0]["message"]
        payload = {"query": both, "operationName": "B"}
        await send(socket, type="subscribe", id="1", payload=payload)
        assert (await receive(socket))["payload"] == {"data": {"me": "Local designer"}}


async def test_a_hundred_subscriptions_are_the_limit(live: str) -> None:
    async with opened(live) as socket:
        await send(socket, type="connection_init")
        await receive(socket)
        for number in range(101):
            await subscribe(socket, "subscription { silence { seq } }", str(number))
        refused = await receive(socket)
        assert (refused["type"], refused["id"]) == ("error", "100")
        assert refused["payload"][0]["extensions"] == {"code": "TOO_MANY_SUBSCRIPTIONS"}
        await send(socket, type="complete", id="0")
        await subscribe(socket, "{ me }", "again")
        assert (await receive(socket))["payload"] == {"data": {"me": "Local designer"}}


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        "[]",
        '"text"',
        "5",
        "{}",
        '{"type": "nonsense"}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": "{ me }"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ me }", "variables": 5}}',
        '{"type": "subscribe", "id": [], "payload": {"query": "{ me }"}}',
        '{"type": "complete"}',
        '{"type": "complete", "id": {}}',
        '{"type": "subscribe", "id": "%s", "payload": {"query": "{ me }"}}' % ("1" * 257),
    ],
)
async def test_what_is_no_message_closes_the_socket(live: str, message: str) -> None:
    async with opened(live) as socket:
        await send(socket, type="connection_init")
        await receive(socket)
        await socket.send(message)
        assert await closing(socket) == 4400


async def test_the_old_protocol_is_gone(live: str) -> None:
    address = f"{live.replace('http', 'ws')}/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-ws")], proxy=None) as socket:
        assert await closing(socket) == 4406
