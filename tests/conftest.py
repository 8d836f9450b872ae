"""What tests share: a PostgreSQL with databases of their own, a server, a few photos."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from server.postgres import EmbeddedPostgres
from storage.database import open_pool
from storage.migrate import migrate
from tests.acceptance.serving import Serving, data_folder, serving
from tests.storage.redis_server import RedisServer
from tests.storage.redis_server import serving as serving_redis

# Being told to end, pytest clears up as it does at Ctrl-C: no database and no folder stays.
signal.signal(signal.SIGTERM, signal.default_int_handler)


@dataclass(frozen=True, slots=True)
class Server:
    """A server to make databases on; the dsn is an administrator's."""

    dsn: str
    strategy: str
    remote: bool = False

    def address(self, database: str) -> str:
        return urlsplit(self.dsn)._replace(path=f"/{database}").geturl()

    async def create(self, template: str) -> str:
        """Make a copy of `template` and return its name."""
        name = f"test_{uuid4().hex}"
        await self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {self.strategy}")
        return name

    async def drop(self, name: str) -> None:
        await self._run(f"DROP DATABASE {name} WITH (FORCE)")

    async def settle(self) -> None:
        """Wait until it has been up so long that a lease which is over counts as that."""
        await self._run("SELECT pg_sleep_until(pg_postmaster_start_time() + interval '2 seconds')")

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture
def postgres_folder() -> Generator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres() -> Generator[Server]:
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Server(given, "wal_log", remote=True)
        return
    with data_folder() as folder, EmbeddedPostgres(folder / "postgres", durable=False) as embedded:
        yield Server(embedded.dsn, "file_copy")


@pytest.fixture(scope="session")
def migrated(postgres: Server) -> Generator[str]:
    """Name the database that the others are copies of."""
    name = asyncio.run(postgres.create("template0"))
    try:
        asyncio.run(migrate(postgres.address(name)))
        asyncio.run(postgres.settle())
        yield name
    finally:
        asyncio.run(postgres.drop(name))


@pytest.fixture
async def database_url(postgres: Server, migrated: str) -> AsyncGenerator[str]:
    """Give the address of a migrated database of this test's own."""
    name = await postgres.create(migrated)
    yield postgres.address(name)
    await postgres.drop(name)


@pytest.fixture
async def empty_database_url(postgres: Server) -> AsyncGenerator[str]:
    """Give the address of a database that no migration has seen."""
    name = await postgres.create("template0")
    yield postgres.address(name)
    await postgres.drop(name)


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[asyncpg.Pool]:
    async with open_pool(database_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def running_redis(tmp_path_factory: pytest.TempPathFactory) -> Generator[RedisServer]:
    with serving_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(running_redis: RedisServer) -> RedisServer:
    """Give a Redis that others have used, at its address even if they ended it."""
    running_redis.start()
    return running_redis


@pytest.fixture(scope="session")
def product() -> Generator[Serving]:
    """Give the product as users start it, on a folder that nothing was in."""
    with data_folder() as data, serving(data) as served:
        yield served


@pytest.fixture(scope="session")
def photos() -> Path:
    """Name the folder of the garment photos."""
    return Path(__file__).parent / "photos"
