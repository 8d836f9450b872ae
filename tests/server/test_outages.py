"""What a client is told while PostgreSQL is away."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from server.app import Parts, create_app
from server.postgres import EmbeddedPostgres
from server.settings import Settings
from server.wiring import founded, serving_parts
from storage.accounts import ApiKeys
from storage.migrate import migrate
from tests.server.conftest import Served

PROTOCOL = Subprotocol("graphql-transport-ws")
QUERY = "{ generations(first: 1) { totalCount } }"


@pytest.fixture
async def without_postgres(
    postgres_folder: Path, tmp_path: Path
) -> AsyncGenerator[tuple[Starlette, str]]:
    """Give an API whose PostgreSQL has just ended, and a key of it."""
    with EmbeddedPostgres(postgres_folder / "postgres", durable=False) as server:
        await migrate(server.dsn)
        settings = Settings(data_dir=tmp_path)
        async with (
            founded(settings, server.dsn, one_process=True) as on,
            serving_parts(on, loopback=True) as parts,
        ):
            _, key = await ApiKeys(on.pool).create("ada")
            server.stop()
            yield create_app(parts), key


async def test_clients_are_told_to_come_back_soon(without_postgres: tuple[Starlette, str]) -> None:
    app, key = without_postgres
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.post("/graphql", json={"query": QUERY})
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "UNAVAILABLE"}
        headers = {"Authorization": f"Bearer {key}"}
        refused = await client.post("/graphql", json={"query": QUERY}, headers=headers)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}


async def test_a_socket_is_closed_for_another_try(
    without_postgres: tuple[Starlette, str], served: Served
) -> None:
    app, key = without_postgres
    async with served(app) as address:
        url = f"{address.replace('http', 'ws', 1)}/graphql"
        async with connect(url, subprotocols=[PROTOCOL], proxy=None) as socket:
            hello = {"type": "connection_init", "payload": {"authorization": f"Bearer {key}"}}
            await socket.send(json.dumps(hello))
            await socket.wait_closed()
    assert (socket.close_code, socket.close_reason) == (1013, "UNAVAILABLE")


async def test_who_hangs_up_in_mid_request_is_no_failure_of_ours(
    parts: Parts, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(create_app(parts)) as address:
        port = int(address.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n")
        writer.write(b"Content-Type: application/json\r\n\r\n{")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        async with httpx.AsyncClient(base_url=address) as client:
            assert (await client.get("/health")).status_code == 200
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
