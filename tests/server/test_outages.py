"""What a client is told while PostgreSQL is away."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from server.app import create_app
from server.postgres import EmbeddedPostgres
from server.settings import Settings
from server.wiring import founded, serving_parts
from storage.accounts import ApiKeys
from storage.migrate import migrate

QUERY = "{ generations(first: 1) { totalCount } }"


@pytest.fixture
async def without_postgres(
    postgres_folder: Path, tmp_path: Path
) -> AsyncGenerator[tuple[httpx.AsyncClient, str]]:
    """Give a client of an API whose PostgreSQL has just ended, and a key of it."""
    with EmbeddedPostgres(postgres_folder / "postgres", durable=False) as server:
        await migrate(server.dsn)
        settings = Settings(data_dir=tmp_path)
        async with (
            founded(settings, server.dsn, one_process=True) as on,
            serving_parts(on, loopback=True) as parts,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(create_app(parts)), base_url="http://localhost"
            ) as client,
        ):
            _, key = await ApiKeys(on.pool).create("ada")
            server.stop()
            yield client, key


async def test_clients_are_told_to_come_back_soon(
    without_postgres: tuple[httpx.AsyncClient, str],
) -> None:
    client, key = without_postgres
    answer = await client.post("/graphql", json={"query": QUERY})
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE"}
    headers = {"Authorization": f"Bearer {key}"}
    refused = await client.post("/graphql", json={"query": QUERY}, headers=headers)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
