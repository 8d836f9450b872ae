"""`designer-bff prune`, and the same beside a worker."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from server.__main__ import main
from server.pruning import keep_of, pruning
from server.settings import Settings
from storage.tasks import running

OLD_KEY = """
insert into idempotency_keys (user_id, mutation, key, request_hash, created_at)
values (gen_random_uuid(), 'generate', 'k', '', now() - interval '8 days')
"""
KEYS = "select count(*) from idempotency_keys"


def on(dsn: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.fixture
def dsn(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return database_url


def test_a_rehearsal_says_what_would_go(dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    on(dsn, OLD_KEY)

    assert main(["prune", "--dry-run"]) == 0
    assert "         1 idempotency keys would go\n" in capsys.readouterr().out
    assert on(dsn, KEYS) == 1
    assert main(["prune"]) == 0
    assert "         1 idempotency keys gone\n" in capsys.readouterr().out
    assert on(dsn, KEYS) == 0


def test_settings_say_how_long(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on(dsn, OLD_KEY)
    monkeypatch.setenv("KEEP_IDEMPOTENCY_DAYS", "9")
    assert main(["prune"]) == 0
    assert on(dsn, KEYS) == 1
    monkeypatch.setenv("KEEP_IDEMPOTENCY_DAYS", "6")
    assert main(["prune"]) == 2
    assert "KEEP_IDEMPOTENCY_DAYS" in capsys.readouterr().err


async def test_a_worker_removes_it_by_itself(pool: asyncpg.Pool) -> None:
    keep = keep_of(Settings())
    assert keep.events == timedelta(days=30)
    async with (
        asyncio.timeout(10),
        running(pruning(pool, keep, wait=0.01, interval=0.05)),
    ):
        for _ in range(2):
            await pool.execute(OLD_KEY)
            while await pool.fetchval(KEYS):
                await asyncio.sleep(0.02)
