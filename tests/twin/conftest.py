from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import openai
import pytest
import replicate

from twin.config import OPENAI_KEY, REPLICATE_TOKEN, Config, Latency
from twin.serving import Running, running

Start = Callable[..., Awaitable[Running]]


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


def replicate_client(twin: Running, **headers: str) -> replicate.Client:
    return replicate.Client(api_token=REPLICATE_TOKEN, base_url=twin.replicate, headers=headers)


@pytest.fixture
def client(twin: Running) -> replicate.Client:
    return replicate_client(twin)


def openai_client(twin: Running) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key=OPENAI_KEY, base_url=twin.openai, max_retries=0)
