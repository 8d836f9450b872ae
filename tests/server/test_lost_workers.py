"""Processes that are stopped, continued and killed while they work on a run."""

import asyncio
import os
import signal
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import pytest

from pipeline.domain import StageName
from server.queue import POLL_SECONDS, STALE
from server.settings import Settings
from server.upkeep import KEEP_INTERVAL, SWEEP_INTERVAL
from server.worker import MAX_TAKEOVERS
from storage.accounts import ensure_local_viewer
from tests.server.lone_worker import hired
from tests.server.painting import Studio, eventually


@pytest.fixture
async def studio(pool: asyncpg.Pool, database_url: str, tmp_path: Path) -> Studio:
    await ensure_local_viewer(pool)
    return Studio.on(pool, database_url, tmp_path)


async def there(folder: Path, pattern: str, count: int = 1) -> None:
    async def found() -> bool:
        return len(list(folder.glob(pattern))) >= count

    await eventually(found)


async def test_who_was_stopped_takes_nothing_from_its_successor_which_may_die(
    studio: Studio, tmp_path: Path
) -> None:
    with hired(studio.dsn, tmp_path, 2) as first, hired(studio.dsn, tmp_path, 2) as second:
        await there(tmp_path, "ready-*", 2)
        await studio.submit()
        await there(tmp_path, "begun-*")
        stopped, heir = first, second
        if list(tmp_path.glob(f"begun-{second.pid}-*")):
            stopped, heir = second, first
        os.kill(stopped.pid, signal.SIGSTOP)
        await there(tmp_path, f"begun-{heir.pid}-*")

        os.kill(stopped.pid, signal.SIGCONT)
        await there(tmp_path, f"dropped-{stopped.pid}")
        assert await studio.db.fetchval("select claim from generations") == 2
        assert not list(tmp_path.glob(f"dropped-{heir.pid}"))

        heir.kill()
        killed = asyncio.get_running_loop().time()
        await there(tmp_path, f"begun-{stopped.pid}-*", 2)
        assert asyncio.get_running_loop().time() - killed < 10
        (tmp_path / "go").touch()
        await studio.becomes("COMPLETED")

    assert await studio.db.fetchval("select takeovers from generations") == 2
    assert await studio.db.fetchval("select count(*) from generation_assets") == 1
    assert await studio.checkpoints() == dict.fromkeys(StageName, 1)


async def test_a_run_that_kills_worker_after_worker_is_given_up(
    studio: Studio, tmp_path: Path
) -> None:
    (tmp_path / "deadly").touch()
    await studio.submit()
    await studio.db.execute("update generations set takeovers = $1", MAX_TAKEOVERS - 2)
    with ExitStack() as stack:
        workers = [stack.enter_context(hired(studio.dsn, tmp_path, 1)) for _ in range(4)]
        await studio.becomes("FAILED")
        dead = [one for one in workers if one.poll() == -signal.SIGKILL]

    assert len(dead) == 3
    error = await studio.db.fetchval("select error from generations")
    assert error["code"] == "WORKER_LOST"
    assert f"{MAX_TAKEOVERS + 1} times" in error["message"]


def test_by_default_others_go_on_within_ten_seconds_and_a_pause_of_three_is_no_loss() -> None:
    lease = Settings().lease_seconds
    margin = 2.0
    assert lease + SWEEP_INTERVAL + margin <= 10
    assert STALE.total_seconds() + POLL_SECONDS + margin <= 10
    assert lease - KEEP_INTERVAL - margin >= 3
