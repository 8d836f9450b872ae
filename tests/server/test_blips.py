"""PostgreSQL is restarted, and its connections are cut, while runs are under way."""

import asyncio
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.domain import StageName
from server.postgres import EmbeddedPostgres
from storage.accounts import ensure_local_viewer
from storage.database import open_pool
from storage.migrate import migrate
from tests.server.painting import Painter, Studio, eventually

RUNS = 24
CUT = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid()
"""


@dataclass
class Restarting:
    """A PostgreSQL whose address stays when it is restarted."""

    server: EmbeddedPostgres
    sockets: Path

    @property
    def dsn(self) -> str:
        return f"postgresql://postgres@/postgres?host={quote(str(self.sockets))}"

    def start(self) -> None:
        self.server.start()
        self.sockets.unlink(missing_ok=True)
        self.sockets.symlink_to(self.server.dsn.partition("host=")[2])


@pytest.fixture
def restarting(postgres_folder: Path) -> Generator[Restarting]:
    server = EmbeddedPostgres(postgres_folder / "postgres", durable=False)
    one = Restarting(server, postgres_folder / "sockets")
    one.start()
    yield one
    server.stop()


async def test_nothing_is_lost_when_postgresql_goes_and_comes_back(
    restarting: Restarting, tmp_path: Path
) -> None:
    await migrate(restarting.dsn)
    async with open_pool(restarting.dsn) as pool:
        await ensure_local_viewer(pool)
        studio = Studio.on(pool, restarting.dsn, tmp_path)
        painter = Painter(studio.painter.may, seconds=0.2)
        studio = replace(studio, painter=painter, paid=True, slots=8)
        for _ in range(RUNS):
            await studio.submit(count=2)
        async with studio.at_work():
            for made in (4, 10, 16):
                await studio.begun(made)
                await pool.fetchval(CUT)
            await studio.begun(22)
            await asyncio.to_thread(restarting.server.stop)
            restarting.start()
            await eventually(lambda: studio.all_are("COMPLETED"), within=60)

        assert await studio.checkpoints() == dict.fromkeys(StageName, RUNS)
        assert await pool.fetchval("select sum(takeovers) from generations") == 0
        assert await pool.fetchval("select count(*) from generation_assets") == 2 * RUNS
        states = await pool.fetch("select state, count(*) from charges group by state")
        assert {row["state"]: row["count"] for row in states} == {"SETTLED": 2 * RUNS}
        assert await pool.fetchval("select count(*) from pgqueuer") == 0
        assert painter.painted == 2 * RUNS
