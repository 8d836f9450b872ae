"""Live fields on real sockets: who stalls, who is one too many, who is sent to the next server."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import asyncpg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from pipeline.domain import Brief, GenerationId, GenerationMode, Stage, StageName, Viewer
from pipeline.events import Change, StageChanged, StageProgress
from pipeline.repositories import Submission
from resolvers.api import schema
from schema.context import Context
from schema.cursors import stream_cursor
from server.app import Parts, create_app
from server.serving import Server, bound
from storage import bell, events, stream
from storage.accounts import ensure_local_viewer
from storage.bell import Doorbell
from storage.broadcasts import MemoryBackend
from storage.database import transaction
from storage.generations import Generations
from storage.seats import Seats
from tests.shut import Shut, shut_library

ALL = """subscription ($after: Cursor) { myEvents(after: $after) {
  seq cursor ... on StageChanged { stage { output } } } }"""
PROGRESS = StageProgress(StageName.ANALYSIS, 0.5, None)
HEAVY = StageChanged(Stage(name=StageName.ANALYSIS, output="x" * 8000))
UPGRADE = (
    "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


@dataclass(slots=True)
class House:
    """The live part of the product, with one run."""

    pool: asyncpg.Pool
    doorbell: Doorbell
    seats: Seats
    viewer: Viewer
    run: GenerationId
    parts: Parts

    @property
    def beginning(self) -> str:
        return stream_cursor(self.viewer.workspace, 0)

    async def tell(self, *changes: Change) -> None:
        async with transaction(self.pool) as connection:
            place = await events.append(connection, self.viewer.workspace, self.run, changes)
        self.doorbell.ring(self.viewer.workspace, place)

    async def taken(self, number: int) -> None:
        """Wait until so many follow."""
        async with asyncio.timeout(10):
            while self.seats.taken != number:
                await asyncio.sleep(0.01)


@pytest.fixture
def seats() -> Seats:
    return Seats(each=3, total=100)


@pytest.fixture
async def house(pool: asyncpg.Pool, parts: Parts, seats: Seats) -> AsyncGenerator[House]:
    viewer = await ensure_local_viewer(pool)
    shut: Any = Shut()
    async with (
        bell.opened(MemoryBackend()) as doorbell,
        stream.opened(pool, doorbell, seats=seats) as live,
    ):
        brief = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a silk gown")
        run = await Generations(pool, doorbell, shut).submit(viewer, Submission(brief=brief))
        library = replace(shut_library(), stream=live)
        own = replace(
            parts,
            schema=schema,
            context=partial(Context.of, library=library),
            entrance=replace(parts.entrance, local=viewer),
        )
        yield House(pool, doorbell, seats, viewer, run.id, own)


@asynccontextmanager
async def serving(house: House, ping_seconds: float = 20.0) -> AsyncGenerator[tuple[Server, str]]:
    """Serve on a free port while the body runs."""
    listener = bound("127.0.0.1", 0)
    started = asyncio.Event()
    server = Server(
        create_app(replace(house.parts, closing=asyncio.Event())),
        on_started=started.set,
        on_ending=lambda: None,
        ping_seconds=ping_seconds,
    )
    task = asyncio.create_task(server.serve([listener]))
    await started.wait()
    try:
        yield server, f"ws://127.0.0.1:{listener.getsockname()[1]}/graphql"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def watching(address: str, after: str | None = None) -> AsyncGenerator[ClientConnection]:
    """Give a socket that has asked for all events."""
    async with connect(
        address, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None
    ) as opened:
        await opened.send('{"type": "connection_init"}')
        await opened.recv()
        payload = {"query": ALL, "variables": {"after": after}}
        await opened.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        yield opened


async def received(opened: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(20):
        message: dict[str, Any] = json.loads(await opened.recv())
        return message


async def next_event(opened: ClientConnection) -> dict[str, Any]:
    message = await received(opened)
    assert message["type"] == "next", message
    event: dict[str, Any] = message["payload"]["data"]["myEvents"]
    return event


async def refusal(opened: ClientConnection) -> str:
    message = await received(opened)
    assert (message["type"], message["id"]) == ("error", "1")
    (error,) = message["payload"]
    code: str = error["extensions"]["code"]
    return code


@pytest.mark.parametrize("seats", [Seats(each=3, total=100), Seats(each=100, total=3)])
async def test_one_too_many_is_refused_and_a_left_place_is_free(house: House) -> None:
    async with serving(house) as (_, address), AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(watching(address)) for _ in range(3)]
        await house.taken(3)
        async with watching(address) as refused:
            assert await refusal(refused) == "TOO_MANY_SUBSCRIPTIONS"
        await sockets[0].close()
        await house.taken(2)
        async with watching(address, house.beginning) as seated:
            assert (await next_event(seated))["seq"] == 1


async def test_who_stops_reading_costs_little_and_slows_nobody(house: House) -> None:
    async with serving(house) as (server, address), AsyncExitStack() as stack:
        stalled, quick = [
            await stack.enter_async_context(watching(address, house.beginning)) for _ in range(2)
        ]
        waits: list[float] = []
        assert (await next_event(quick))["seq"] == 1
        for number in range(150):
            told = time.monotonic()
            # More than the kernel holds for a socket, so that the rest is ours to hold.
            await house.tell(*[HEAVY] * 10)
            seqs = [(await next_event(quick))["seq"] for _ in range(10)]
            waits.append(time.monotonic() - told)
            assert seqs == list(range(10 * number + 2, 10 * number + 12))
        held = [one.transport.get_write_buffer_size() for one in server.server_state.connections]
        assert max(held) > 0, "nobody was stalled"
        assert max(held) < 128 * 1024
        assert sorted(waits)[len(waits) // 2] < 0.5
        seqs = [(await next_event(stalled))["seq"] for _ in range(1501)]
        assert seqs == list(range(1, 1502))


async def the_rest(opened: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """Return what comes until the socket is closed, and the code of that."""
    rest: list[dict[str, Any]] = []
    try:
        while True:
            rest.append(await next_event(opened))
    except ConnectionClosed as closed:
        return rest, closed.rcvd.code if closed.rcvd else 1006


async def test_a_restart_sends_watchers_on_and_they_miss_nothing(house: House) -> None:
    seen: list[dict[str, Any]] = []
    cursor = house.beginning
    for _ in range(3):
        async with serving(house) as (server, address), watching(address, cursor) as opened:
            await house.tell(*[PROGRESS] * 20)
            seen += [await next_event(opened) for _ in range(10)]
            server.should_exit = True
            rest, code = await the_rest(opened)
            seen += rest
            cursor = seen[-1]["cursor"]
        assert code == 1012
        await house.tell(PROGRESS)
    async with serving(house) as (_, address), watching(address, cursor) as opened:
        while len(seen) < 64:
            seen.append(await next_event(opened))
    assert [event["seq"] for event in seen] == list(range(1, 65))


async def test_a_ping_is_answered(house: House) -> None:
    async with serving(house) as (_, address), watching(address) as opened:
        await opened.send('{"type": "ping"}')
        assert await received(opened) == {"type": "pong"}


async def test_a_peer_that_is_dead_loses_its_place(house: House) -> None:
    async with serving(house, ping_seconds=0.2) as (_, address):
        port = int(address.split(":")[2].split("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(UPGRADE.encode())
        await reader.readuntil(b"\r\n\r\n")
        payload = {"type": "subscribe", "id": "1", "payload": {"query": ALL}}
        for message in ({"type": "connection_init"}, payload):
            writer.write(masked(json.dumps(message).encode()))
        await house.taken(1)
        # It answers no ping.
        await house.taken(0)
        writer.close()


def masked(text: bytes) -> bytes:
    """Return the frame of a client's text message, with a mask that changes nothing."""
    return bytes((0x81, 0x80 | 126)) + len(text).to_bytes(2, "big") + bytes(4) + text
