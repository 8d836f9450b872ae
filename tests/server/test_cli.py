import socket
import subprocess
import sys
from pathlib import Path

import pytest

from server.__main__ import main
from server.settings import example, table
from tests.storage.redis_server import RedisServer

SUBJECTS = ("settings", "database", "migrations", "object store", "port", "disk", "providers")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, on an environment without our variables."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "0")
    return tmp_path


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.startswith("designer-bff 0.")


def test_help_lists_the_commands_without_importing_them() -> None:
    script = (
        "import sys; from server.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print([m for m in sys.modules if m in ('asyncpg', 'cv2', 'starlette')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "migrate" in done.stdout
    assert "check settings, database" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_settings_are_printed_as_they_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == 0
    assert capsys.readouterr().out == example()
    assert main(["settings", "--markdown"]) == 0
    assert capsys.readouterr().out == table()


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["nonsense"])
    assert "invalid choice: 'nonsense'" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_what_is_wrong_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "x")
    assert main(["migrate"]) == 2
    told = capsys.readouterr().err
    assert told == (
        "designer-bff: PORT must be a whole number from 0 to 65535, and is 'x': "
        "mend it or remove it\n"
    )


@pytest.mark.usefixtures("here")
def test_migrate_says_what_it_applied(
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    assert main(["migrate"]) == 0
    assert "applied 0001_" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "the database is up to date\n"


def test_a_sound_machine_passes_the_doctor(
    here: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(here / "data"))
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"ok     {subject}" for subject in SUBJECTS]


def test_the_doctor_names_what_is_wrong(
    here: Path,
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocked = here / "file"
    blocked.touch()
    (here / ".env").write_text("PROT=8000\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("PORT", str(listener.getsockname()[1]))
        monkeypatch.setenv("DATABASE_URL", empty_database_url)
        monkeypatch.setenv("DATA_DIR", str(blocked / "data"))
        assert main(["doctor"]) == 1
    wrong = [line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG")]
    assert [line.removeprefix("WRONG  ").split(":")[0] for line in wrong] == [
        "settings",
        "migrations",
        "object store",
        "port",
    ]
    assert "PROT" in wrong[0]
    assert "run designer-bff migrate" in wrong[1]


def test_the_doctor_rings(
    here: Path,
    database_url: str,
    redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(here / "data"))
    heard = "ok     doorbell: what is rung at BROADCAST_URL is heard there"
    for url, said in (
        (redis.url, heard),
        (database_url, heard),
        ("redis://127.0.0.1:1", "WRONG  doorbell: Error 111 connecting to 127.0.0.1:1"),
    ):
        monkeypatch.setenv("BROADCAST_URL", url)
        assert main(["doctor"]) == int(said != heard)
        lines = capsys.readouterr().out.splitlines()
        (line,) = [line for line in lines if " doorbell: " in line]
        assert line.startswith(said)


@pytest.mark.usefixtures("here")
def test_the_doctor_stops_at_settings_it_cannot_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.startswith("WRONG  settings: LOG_LEVEL must be one of DEBUG")
