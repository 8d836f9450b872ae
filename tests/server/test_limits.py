"""Bodies that are too large, however they come."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import httpx
import pytest

FORM = {"Content-Type": "multipart/form-data; boundary=x", "GraphQL-Require-Preflight": "1"}
MEGABYTE = 1024 * 1024


@pytest.fixture
async def client(live: str) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=live, trust_env=False) as opened:
        yield opened


async def streamed(size: int) -> AsyncIterator[bytes]:
    yield b'--x\r\nContent-Disposition: form-data; name="0"; filename="a"\r\n\r\n'
    for _ in range(size // 65536):
        yield bytes(65536)
    yield b"\r\n--x--\r\n"


@pytest.mark.parametrize("size", [7 * MEGABYTE, 25 * MEGABYTE])
async def test_an_announced_upload_is_refused_readably(
    client: httpx.AsyncClient, size: int
) -> None:
    answer = await client.post("/graphql", content=bytes(size), headers=FORM)
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_an_upload_that_does_not_say_its_size_is_counted(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", content=streamed(8 * MEGABYTE), headers=FORM)
    assert answer.status_code == 413


async def test_an_upload_within_the_limit_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", content=streamed(2 * MEGABYTE), headers=FORM)
    assert answer.status_code == 400
    assert "GraphQL" in answer.json()["errors"][0]["message"]


async def test_a_document_may_have_a_megabyte(client: httpx.AsyncClient) -> None:
    padding = " " * MEGABYTE
    answer = await client.post("/graphql", json={"query": "{ me }" + padding})
    assert answer.status_code == 413
    answer = await client.post("/graphql", json={"query": "{ me }" + padding[: MEGABYTE // 2]})
    assert answer.status_code == 200


async def test_whoever_waits_for_a_go_ahead_gets_the_refusal(client: httpx.AsyncClient) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 900000000\r\nExpect: 100-continue\r\n\r\n"
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()
    await writer.wait_closed()
