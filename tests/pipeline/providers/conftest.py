from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.pipeline.providers.replicate_house import House, house_at
from twin.config import Config, Latency
from twin.serving import Running, running

Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start_twin(tmp_path: Path) -> AsyncGenerator[Start]:
    """Start a twin without latency that serves retired models too, unless told otherwise."""
    async with AsyncExitStack() as stack:

        async def start(**config: object) -> Running:
            given = {
                "bill": tmp_path / "bill.jsonl",
                "latency": Latency(scale=0),
                "serve_retired": True,
                **config,
            }
            return await stack.enter_async_context(running(Config(**given)))  # type: ignore[arg-type]

        yield start


@pytest.fixture
async def twin(start_twin: Start) -> Running:
    return await start_twin()


@pytest.fixture
async def house(twin: Running) -> AsyncGenerator[House]:
    async with house_at(twin) as house:
        yield house
