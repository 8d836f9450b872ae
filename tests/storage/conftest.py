"""Viewers, and what they own, for tests of storage."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from pipeline.domain import (
    Asset,
    AssetKind,
    Brief,
    Draft,
    GenerationId,
    GenerationMode,
    GenerationStatus,
    StoredImage,
    UserId,
    Viewer,
    WorkspaceId,
)
from pipeline.repositories import Submission
from storage import verbs
from storage.asset_records import record_asset
from storage.events import Bell
from storage.generations import Generations
from storage.objects import LocalObjects
from tests.shut import SilentBell
from tests.storage.workbench import Bench, bench_on


@pytest.fixture
def bell() -> Bell:
    return SilentBell()


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path, "http://127.0.0.1:8000")


@pytest.fixture
def generations(pool: asyncpg.Pool, bell: Bell, objects: LocalObjects) -> Generations:
    return Generations(pool, bell, objects)


@pytest.fixture
def new_viewer(pool: asyncpg.Pool) -> Callable[[str], Awaitable[Viewer]]:
    """Give a function that adds a user of that name, with their workspace."""

    async def add(name: str) -> Viewer:
        user, workspace = UserId(uuid4()), WorkspaceId(uuid4())
        await pool.execute("insert into users (id, name) values ($1, $2)", user, name)
        await pool.execute(
            "insert into workspaces (id, name, owner_id) values ($1, $2, $3)",
            workspace,
            name,
            user,
        )
        return Viewer(user, workspace, name, name)

    return add


@pytest.fixture
async def viewer(new_viewer: Callable[[str], Awaitable[Viewer]]) -> Viewer:
    return await new_viewer("Ada")


@pytest.fixture
async def stranger(new_viewer: Callable[[str], Awaitable[Viewer]]) -> Viewer:
    return await new_viewer("Bo")


@pytest.fixture
def start(generations: Generations) -> Callable[[Viewer], Awaitable[GenerationId]]:
    """Give a function that submits a run."""

    async def submit(viewer: Viewer) -> GenerationId:
        brief = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a silk gown")
        return (await generations.submit(viewer, Submission(brief=brief))).id

    return submit


@pytest.fixture
def end(pool: asyncpg.Pool) -> Callable[[GenerationId, GenerationStatus], Awaitable[None]]:
    """Give a function that ends a run two seconds after it was created."""

    async def change(generation: GenerationId, status: GenerationStatus) -> None:
        await pool.execute(
            "update generations set status = $2, completed_at = created_at + interval '2 seconds'"
            " where id = $1",
            generation,
            status,
        )
        await pool.execute(verbs.AUDIT_STATUS, generation)

    return change


@pytest.fixture
def deliver(
    pool: asyncpg.Pool, objects: LocalObjects
) -> Callable[[Viewer, GenerationId, AssetKind], Awaitable[Asset]]:
    """Give a function that records an image of a run."""

    async def record(viewer: Viewer, generation: GenerationId, kind: AssetKind) -> Asset:
        key = f"{viewer.workspace}/{uuid4().hex * 2}.png"
        return await record_asset(
            pool,
            viewer.workspace,
            generation,
            StoredImage(key, "image/png", 100, 64, 48),
            objects.url(key),
            kind=kind,
            draft=Draft(key="staged", content_type="image/png", model="sketch"),
            provider="local",
            seed=7,
        )

    return record


@pytest.fixture
async def bench(pool: asyncpg.Pool, tmp_path: Path) -> Bench:
    return await bench_on(pool, tmp_path)


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened
