import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import openai
import pytest
from replicate.client import Client

from twin.config import OPENAI_KEY, REPLICATE_TOKEN, Config, Latency
from twin.serving import Running, running

Start = Callable[..., Awaitable[Running]]
Connect = Callable[..., Client]


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    return tmp_path / "bill.jsonl"


@pytest.fixture
async def start(bill: Path) -> AsyncGenerator[Start]:
    """Start a twin without latency; keyword arguments are those of its `Config`."""
    async with AsyncExitStack() as stack:

        async def started(**config: object) -> Running:
            given = {"bill": bill, "latency": Latency(scale=0), **config}
            return await stack.enter_async_context(running(Config(**given)))  # type: ignore[arg-type]

        yield started


@pytest.fixture
async def twin(start: Start) -> Running:
    return await start()


@pytest.fixture
async def connect() -> AsyncGenerator[Connect]:
    """Make clients of Replicate, with headers such as `cancel_after`; close them in the end."""
    async with AsyncExitStack() as stack:

        def connected(twin: Running, *, token: str = REPLICATE_TOKEN, **headers: str) -> Client:
            # The client can't be closed, but its transport can.
            transport = httpx.AsyncHTTPTransport()
            stack.push_async_callback(transport.aclose)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return Client(
                api_token=token, base_url=twin.replicate, headers=named, transport=transport
            )

        yield connected


@pytest.fixture
def client(twin: Running, connect: Connect) -> Client:
    return connect(twin)


@pytest.fixture
async def openai_client(twin: Running) -> AsyncGenerator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        api_key=OPENAI_KEY, base_url=twin.openai, max_retries=0
    ) as client:
        yield client


@dataclass(frozen=True, slots=True)
class Letter:
    """A webhook as it arrived; the names of headers in lower case."""

    target: str
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class Mailbox:
    """Takes webhooks; the first ones get the answers in `answers`, the others 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list[int])
    letters: asyncio.Queue[Letter] = field(default_factory=asyncio.Queue[Letter])

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.split(": ", 1) for line in lines if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        self.letters.put_nowait(Letter(first.split(" ")[1], headers, body.decode()))
        status = self.answers.pop(0) if self.answers else 200
        writer.write(
            f"HTTP/1.1 {status} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        writer.close()
        await writer.wait_closed()

    async def next(self) -> Letter:
        return await asyncio.wait_for(self.letters.get(), 10)


@pytest.fixture
async def mailbox() -> AsyncGenerator[Mailbox]:
    mailbox = Mailbox()
    server = await asyncio.start_server(mailbox.take, "127.0.0.1", 0)
    mailbox.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks?run=7"
    async with server:
        yield mailbox
