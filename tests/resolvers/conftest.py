"""The API on a database of the test's own, without HTTP."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import asyncpg
import pytest
from PIL import Image
from strawberry.types import ExecutionResult

from pipeline.domain import (
    Asset,
    AssetKind,
    Draft,
    GenerationId,
    StoredImage,
    UserId,
    Viewer,
    WorkspaceId,
)
from pipeline.errors import InvalidInput
from pipeline.personas.built_in import BUILT_IN
from resolvers.api import schema
from schema.context import Context, Library
from schema.ids import generation_id
from storage import bell, stream
from storage.asset_records import record_asset
from storage.assets import Assets
from storage.broadcasts import MemoryBackend
from storage.feedback import FeedbackBook
from storage.generations import Generations
from storage.objects import LocalObjects
from storage.personas import Personas
from storage.seats import Seats
from storage.usage import Usage
from tests.shut import SilentBell

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PHOTO_URL = "https://images.example/gown.png"

Ask = Callable[..., Awaitable[ExecutionResult]]


def png(width: int = 64, height: int = 48) -> bytes:
    written = BytesIO()
    Image.new("RGB", (width, height), (90, 30, 40)).save(written, "PNG")
    return written.getvalue()


async def fetch(url: str) -> bytes:
    if url != PHOTO_URL:
        raise InvalidInput("That address is refused.", field="imageUrl", code="URL_REFUSED")
    return png()


@dataclass
class File:
    """A file of a multipart request."""

    content: bytes

    async def read(self, size: int = -1) -> bytes:
        return self.content if size < 0 else self.content[:size]


@pytest.fixture
def photo() -> File:
    return File(png())


@pytest.fixture
def new_file() -> Callable[[bytes], File]:
    return File


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path, "http://127.0.0.1:8000")


def address(key: str) -> str:
    """Say where a browser fetches an object since the server moved."""
    return f"http://127.0.0.1:9000/objects/{key}"


@pytest.fixture
async def library(pool: asyncpg.Pool, objects: LocalObjects) -> AsyncGenerator[Library]:
    async with (
        bell.opened(MemoryBackend()) as doorbell,
        stream.opened(pool, doorbell, poll=0.05, seats=Seats(each=3)) as live,
    ):
        yield Library(
            generations=Generations(pool, SilentBell(), objects),
            assets=Assets(pool),
            feedback=FeedbackBook(pool),
            personas=Personas(pool, BUILT_IN),
            usage=Usage(pool),
            stream=live,
            fetch=fetch,
            address=address,
            providers=frozenset(),
            now=lambda: NOW,
        )


async def _viewer(pool: asyncpg.Pool, name: str) -> Viewer:
    user, workspace = UserId(uuid4()), WorkspaceId(uuid4())
    await pool.execute("insert into users (id, name) values ($1, $2)", user, name)
    await pool.execute(
        "insert into workspaces (id, name, owner_id) values ($1, $2, $3)", workspace, name, user
    )
    return Viewer(user, workspace, name, name)


@pytest.fixture
async def viewer(pool: asyncpg.Pool) -> Viewer:
    return await _viewer(pool, "Ada")


@pytest.fixture
async def stranger(pool: asyncpg.Pool) -> Viewer:
    return await _viewer(pool, "Bo")


class Shut:
    """A port that nothing may come to."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} was called")


@pytest.fixture
def ask_shut() -> Ask:
    """Give a function that executes an operation where no port but `fetch` may be called."""
    shut: Any = Shut()
    library = Library(
        generations=shut,
        assets=shut,
        feedback=shut,
        personas=shut,
        usage=shut,
        stream=shut,
        fetch=fetch,
        address=address,
        providers=frozenset(),
        now=lambda: NOW,
    )
    loaders: Any = shut
    viewer = Viewer(UserId(uuid4()), WorkspaceId(uuid4()), "Ada", "Ada")

    async def execute(operation: str, **variables: Any) -> ExecutionResult:
        return await schema.execute(
            operation, variable_values=variables, context_value=Context(viewer, library, loaders)
        )

    return execute


@pytest.fixture
def ask(library: Library, viewer: Viewer) -> Ask:
    """Give a function that executes an operation, for the viewer unless told otherwise."""

    async def execute(operation: str, *, by: Viewer = viewer, **variables: Any) -> ExecutionResult:
        return await schema.execute(
            operation, variable_values=variables, context_value=Context.of(by, library)
        )

    return execute


@pytest.fixture
def start(ask: Ask) -> Callable[..., Awaitable[str]]:
    """Give a function that starts a generation from words and returns its global id."""

    async def submit(prompt: str = "a silk gown", **settings: Any) -> str:
        answer = await ask(
            """mutation ($input: GenerateFromPromptInput!) {
                 generateFromPrompt(input: $input) { ... on Generation { id } }
               }""",
            input={"prompt": prompt, "settings": settings},
        )
        assert answer.data is not None, answer.errors
        started: str = answer.data["generateFromPrompt"]["id"]
        return started

    return submit


@pytest.fixture
def complete(
    pool: asyncpg.Pool, viewer: Viewer, objects: LocalObjects
) -> Callable[[str], Awaitable[Asset]]:
    """Give a function that gives a generation its first image and completes it."""

    async def end(id: str) -> Asset:
        key = generation_id(id)
        assert key is not None
        asset = await deliver(pool, viewer, key, objects)
        await pool.execute(
            "update generation_slots set status = 'COMPLETED', asset_id = $2"
            " where generation_id = $1 and index = 0",
            key,
            asset.id,
        )
        await pool.execute(
            "update generations set status = 'COMPLETED', completed_at = now() where id = $1", key
        )
        return asset

    return end


async def deliver(
    pool: asyncpg.Pool, viewer: Viewer, generation: GenerationId, objects: LocalObjects
) -> Asset:
    key = f"{viewer.workspace}/{uuid4().hex * 2}.png"
    return await record_asset(
        pool,
        viewer.workspace,
        generation,
        StoredImage(key, "image/png", 100, 64, 48),
        objects.url(key),
        kind=AssetKind.GENERATED,
        draft=Draft(key="staged", content_type="image/png", model="sketch"),
        provider="sketch",
        seed=7,
    )
