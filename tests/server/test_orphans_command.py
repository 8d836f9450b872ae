"""`designer-bff orphans`, on a database of its own; the drill has the rest."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from server.__main__ import main
from storage.accounts import LOCAL, ensure_local_viewer
from storage.identity import note_anew

OTHER = 'update database_identity set parts = parts || \'{"cluster": "other"}\''
NOW = ["orphans", "--hours", "0"]


@pytest.fixture
def stray(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an object that nothing refers to, in the store of a database that is known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    async def prepare() -> None:
        async with asyncpg.create_pool(database_url, min_size=1, max_size=1) as pool:
            await ensure_local_viewer(pool)
            await note_anew(pool, whatever_timeline=False)

    asyncio.run(prepare())
    path = tmp_path / "objects" / str(LOCAL.workspace) / f"{1:064x}.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"pixels")
    return path


def restore(dsn: str) -> None:
    async def change() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(OTHER)
        finally:
            await connection.close()

    asyncio.run(change())


def test_a_restored_database_removes_nothing_before_it_is_known(
    stray: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    restore(database_url)
    assert main(NOW) == 0
    assert f"orphan {stray.parent.name}/{stray.name} " in capsys.readouterr().out

    assert main([*NOW, "--delete"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "designer-bff restored" in told.err
    assert stray.exists()

    assert main(["restored", "--intact"]) == 0
    assert main([*NOW, "--delete"]) == 0
    assert not stray.exists()
