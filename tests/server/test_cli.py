import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from server.__main__ import main
from server.checkup import examine
from server.settings import Settings, example, table
from tests.storage.redis_server import RedisServer

SUBJECTS = (
    "settings",
    "database",
    "migrations",
    "doorbell",
    "object store",
    "port",
    "disk",
    "providers",
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, on an environment without our variables."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "0")
    return tmp_path


@pytest.fixture
def settled(here: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work there with a migrated database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(here / "data"))


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


@pytest.mark.parametrize(
    ("command", "unbuffered"), [("settings", ""), ("settings", "1"), ("--help", "")]
)
def test_output_that_nobody_reads_any_more_ends_quietly(command: str, unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "server", command],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, "")


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


@pytest.mark.usefixtures("settled")
def test_a_sound_machine_passes_the_doctor(capsys: pytest.CaptureFixture[str]) -> None:
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


@pytest.mark.usefixtures("settled")
def test_the_doctor_rings(
    database_url: str,
    redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
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


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "the database itself"),
        ("postgres://", "the database itself"),
        ("memory://", "memory, so that worker and serve --no-worker won't start"),
    ],
)
def test_the_doctor_says_what_rings_without_a_server_for_it(
    url: str, said: str, tmp_path: Path
) -> None:
    nowhere = {"DATABASE_URL": "postgresql://127.0.0.1:1/none", "DATA_DIR": str(tmp_path)}
    found = examine(Settings.from_environ({"BROADCAST_URL": url, "PORT": "0"} | nowhere))
    assert [(one.fine, one.text) for one in found if one.subject == "doorbell"] == [(True, said)]


@pytest.mark.usefixtures("settled")
def test_the_doctor_wants_a_key_where_a_server_does(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOST", "0.0.0.0")
    assert main(["doctor"]) == 1
    (wrong,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG"))
    assert wrong.startswith("WRONG  API keys: none")
    assert "designer-bff keys create" in wrong

    assert main(["keys", "create", "--user", "Ada"]) == 0
    assert main(["doctor"]) == 0
    assert "ok     API keys: " in capsys.readouterr().out


def test_a_new_embedded_database_has_no_key_yet(postgres_folder: Path) -> None:
    given = {"DATA_DIR": str(postgres_folder), "HOST": "0.0.0.0", "PORT": "0"}
    found = examine(Settings.from_environ(given))
    assert [one.subject for one in found if not one.fine] == ["API keys"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", [["serve", "--no-worker"], ["worker"]])
def test_memory_rings_in_one_process_only(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BROADCAST_URL", "memory://")
    assert main(command) == 2
    told = capsys.readouterr().err
    assert "BROADCAST_URL is memory://, which no other process hears" in told
    assert told.count("\n") == 1


@pytest.mark.usefixtures("here")
def test_the_doctor_stops_at_settings_it_cannot_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.startswith("WRONG  settings: LOG_LEVEL must be one of DEBUG")
