"""`designer-bff restored`, on a database of its own; the drill has a test of its own."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from server.__main__ import main
from storage.identity import is_known, require_known
from storage.jobs import WORKER

OTHER = 'update database_identity set parts = parts || \'{"cluster": "other"}\''


class Database:
    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def restore(self) -> None:
        """Make it look like another."""

        async def change() -> None:
            async with asyncpg.create_pool(self._dsn, min_size=1, max_size=1) as pool:
                await require_known(pool)
                await pool.execute(OTHER)

        asyncio.run(change())

    @property
    def known(self) -> bool:
        async def ask() -> bool:
            async with asyncpg.create_pool(self._dsn, min_size=1, max_size=1) as pool:
                return await is_known(pool)

        return asyncio.run(ask())

    @contextmanager
    def worked_on(self) -> Generator[None]:
        with asyncio.Runner() as runner:
            named = {"application_name": WORKER}
            connection = runner.run(asyncpg.connect(self._dsn, server_settings=named))
            try:
                yield
            finally:
                runner.run(connection.close())


@pytest.fixture
def database(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return Database(database_url)


def test_the_doctor_says_that_it_has_to_be_run(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    database.restore()
    assert main(["doctor"]) == 1
    (wrong,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG"))
    assert "designer-bff restored" in wrong


def test_no_worker_may_be_there(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    database.restore()
    with database.worked_on():
        assert main(["restored"]) == 2
    assert "end all workers" in capsys.readouterr().err
    assert not database.known

    assert main(["restored"]) == 0
    assert database.known


def test_a_dry_run_changes_nothing(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    database.restore()
    assert main(["restored", "--dry-run"]) == 0
    assert capsys.readouterr().out == "Nothing was changed.\n"
    assert main(["restored", "--dry-run", "--intact"]) == 0
    said, end = capsys.readouterr().out.splitlines()
    assert "would be noted" in said
    assert end == "Nothing was changed."
    assert not database.known


def test_where_nothing_was_lost_it_is_only_noted(database: Database) -> None:
    database.restore()
    with database.worked_on():
        assert main(["restored", "--intact"]) == 0
    assert database.known


@pytest.mark.parametrize("text", ["yesterday", "2026-11-23T10:00:00"])
def test_a_moment_has_a_zone(
    database: Database,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    database.restore()
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_none")
    assert main(["restored", "--since", text]) == 2
    assert "--since" in capsys.readouterr().err
    assert not database.known


def test_without_replicate_it_is_left_undone_unless_told_so(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database.restore()
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_none")
    monkeypatch.setenv("REPLICATE_BASE_URL", "http://127.0.0.1:1")
    since = ["--since", "2026-11-23T10:00:00+00:00"]
    assert main(["restored", *since]) == 2
    assert "--offline" in capsys.readouterr().err
    assert not database.known

    assert main(["restored", *since, "--offline"]) == 0
    assert database.known
