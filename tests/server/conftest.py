"""A small API behind the real edge, on a real socket."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from graphql import GraphQLError
from starlette.types import ASGIApp
from strawberry.file_uploads import Upload
from strawberry.schema.config import StrawberryConfig

from pipeline.domain import Viewer
from server.app import Parts, create_app
from server.auth import Entrance
from server.health import Health
from server.serving import Server, bound
from storage.accounts import LOCAL
from storage.objects import LocalObjects

Served = Callable[[ASGIApp], AbstractAsyncContextManager[str]]


@strawberry.type
class Tick:
    seq: int
    cursor: str


@strawberry.type
class Query:
    @strawberry.field
    def me(self, info: strawberry.Info[Viewer, None]) -> str:
        return info.context.name

    @strawberry.field
    def boom(self) -> int:
        raise RuntimeError("on purpose")


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def weigh(self, file: Upload) -> int:
        return len(await file.read())  # type: ignore[attr-defined]


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, until: int, after: str | None = None) -> AsyncIterator[Tick]:
        for seq in range(int(after.removeprefix("c") if after else 0) + 1, until + 1):
            yield Tick(seq=seq, cursor=f"c{seq}")

    @strawberry.subscription
    async def broken(self, after: int, code: str) -> AsyncIterator[Tick]:
        for seq in range(1, after + 1):
            yield Tick(seq=seq, cursor=f"c{seq}")
        raise GraphQLError("It breaks off.", extensions={"code": code})

    @strawberry.subscription
    async def silence(self) -> AsyncIterator[Tick]:
        await asyncio.Event().wait()
        yield Tick(seq=0, cursor="")


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys that are known here alone."""

    viewers: dict[str, Viewer]

    async def viewer_of(self, text: str) -> Viewer | None:
        return self.viewers.get(text)


class QuietSchema(strawberry.Schema):
    def process_errors(self, errors: list[Any], execution_context: Any = None) -> None:
        pass


@pytest.fixture
def keyring() -> dict[str, Viewer]:
    """Give the valid keys, to change: "dbff_ada" is Ada's."""
    return {"dbff_ada": replace(LOCAL, name="Ada")}


@pytest.fixture
def parts(keyring: dict[str, Viewer], closing: asyncio.Event, tmp_path: Path) -> Parts:
    """Give the parts of a server on loopback."""
    return Parts(
        schema=QuietSchema(Query, Mutation, Subscription, config=StrawberryConfig()),
        entrance=Entrance(Keyring(keyring), LOCAL),
        context=lambda viewer: viewer,
        objects=LocalObjects(tmp_path / "objects", "http://127.0.0.1:8000"),
        health=Health(()),
        loopback=True,
        upload_limit=2 * 1024 * 1024,
        closing=closing,
    )


@pytest.fixture
def exposed(parts: Parts) -> Parts:
    """Give the parts of a server that others can reach."""
    return replace(parts, loopback=False, entrance=replace(parts.entrance, local=None))


@pytest.fixture
def closing() -> asyncio.Event:
    """Give what is set when a served app is told to end."""
    return asyncio.Event()


@pytest.fixture
def served(closing: asyncio.Event) -> Served:
    """Give what serves an app on a free port of loopback, as `http://127.0.0.1:PORT`."""

    @asynccontextmanager
    async def serve(app: ASGIApp) -> AsyncGenerator[str]:
        listener = bound("127.0.0.1", 0)
        started = asyncio.Event()
        server = Server(app, on_started=started.set, on_ending=closing.set)
        task = asyncio.create_task(server.serve([listener]))
        await started.wait()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task

    return serve


@pytest.fixture
async def site(parts: Parts) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client of the app on loopback, without a socket between."""
    transport = httpx.ASGITransport(create_app(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def live(parts: Parts, served: Served) -> AsyncGenerator[str]:
    """Give the address of the app on loopback."""
    async with served(create_app(parts)) as address:
        yield address


@pytest.fixture
async def exposed_live(exposed: Parts, served: Served) -> AsyncGenerator[str]:
    """Give the address of the app as others can reach it."""
    async with served(create_app(exposed)) as address:
        yield address
