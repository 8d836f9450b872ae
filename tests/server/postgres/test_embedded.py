import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from server.postgres import EmbeddedPostgres, FolderTaken, FolderUnusable, running

HOLDER = """
import os, sys
from pathlib import Path
from server.postgres import EmbeddedPostgres
import asyncio, encodings.idna
if sys.argv[2:]:
    os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as postgres:
    print(postgres.dsn, flush=True)
    sys.stdin.readline()
"""
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def fill(dsn: str, rows: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("CREATE TABLE things (id integer PRIMARY KEY)")
        for number in range(rows):
            await connection.execute("INSERT INTO things VALUES ($1)", number)
    finally:
        await connection.close()


def counted(dsn: str) -> object:
    return asyncio.run(ask(dsn, "SELECT count(*) FROM things"))


def postmaster(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def gone(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def held(folder: Path, *arguments: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Run a server on the folder in another process; give that and the address."""
    command = [sys.executable, "-c", HOLDER, str(folder), *arguments]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().strip()
        finally:
            process.communicate("\n" if process.poll() is None else None, timeout=30)


def test_a_new_folder_gets_a_server_in_utf8(postgres_folder: Path) -> None:
    with EmbeddedPostgres(postgres_folder / "new" / "data") as embedded:
        assert embedded.running
        locale = (
            "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'postgres'"
        )
        assert asyncio.run(ask(embedded.dsn, locale)) == "bC.UTF-8"
        assert asyncio.run(ask(embedded.dsn, "SHOW fsync")) == "on"
        assert asyncio.run(ask(embedded.dsn, "SHOW listen_addresses")) == ""
    assert not embedded.running


@pytest.mark.parametrize("name", ["with a space", "long" * 30])
def test_what_was_written_is_there_after_a_stop(postgres_folder: Path, name: str) -> None:
    folder = postgres_folder / name
    with EmbeddedPostgres(folder, durable=False) as embedded:
        asyncio.run(fill(embedded.dsn, 3))
    with EmbeddedPostgres(folder, durable=False) as embedded:
        assert counted(embedded.dsn) == 3


def test_stop_ends_open_sessions_and_leaves_no_socket(postgres_folder: Path) -> None:
    async def stop_under_a_session(embedded: EmbeddedPostgres) -> None:
        connection = await asyncpg.connect(embedded.dsn)
        embedded.stop()
        with pytest.raises(asyncpg.PostgresConnectionError):
            await connection.fetchval("SELECT 1")
        connection.terminate()

    embedded = EmbeddedPostgres(postgres_folder / "data", durable=False)
    embedded.start()
    pid, sockets = postmaster(postgres_folder / "data"), Path(embedded.dsn.partition("host=")[2])
    assert sockets.is_dir()
    asyncio.run(stop_under_a_session(embedded))
    assert gone(pid)
    assert not sockets.exists()
    embedded.stop()


def test_a_folder_serves_one_process_at_a_time(postgres_folder: Path) -> None:
    folder = postgres_folder / "data"
    assert running(folder) is None
    with held(folder) as (holder, dsn):
        assert running(folder) == dsn
        with pytest.raises(FolderTaken, match=f"in use by process {holder.pid}: ") as refused:
            EmbeddedPostgres(folder).start()
        assert refused.value.pid == holder.pid
        assert asyncio.run(ask(dsn, "SELECT 1")) == 1
        holder.communicate("\n")
        assert holder.returncode == 0
    assert running(folder) is None


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a child of its parent's death")
def test_a_killed_process_takes_its_server_along(postgres_folder: Path) -> None:
    folder = postgres_folder / "data"
    with held(folder) as (holder, dsn):
        asyncio.run(fill(dsn, 50))
        pid = postmaster(folder)
        holder.kill()
        holder.wait()
        wait_until(lambda: gone(pid))
    with EmbeddedPostgres(folder, durable=False) as embedded:
        assert counted(embedded.dsn) == 50
    assert not Path(dsn.partition("host=")[2]).exists()


def test_killing_everything_loses_nothing(postgres_folder: Path) -> None:
    folder = postgres_folder / "data"
    with held(folder) as (holder, dsn):
        asyncio.run(fill(dsn, 50))
        # Stopped, the process can't see its server go first.
        holder.send_signal(signal.SIGSTOP)
        os.kill(postmaster(folder), signal.SIGKILL)
        holder.kill()
        holder.wait()
    with EmbeddedPostgres(folder, durable=False) as embedded:
        assert counted(embedded.dsn) == 50


def test_an_orphan_is_ended_before_the_next_start(postgres_folder: Path) -> None:
    folder = postgres_folder / "data"
    with held(folder) as (holder, dsn):
        asyncio.run(fill(dsn, 5))
        orphan = postmaster(folder)
        # A stopped server can't follow the signal it gets at its parent's death.
        os.kill(orphan, signal.SIGSTOP)
        holder.kill()
        holder.wait()
    resumer = subprocess.Popen(["/bin/sh", "-c", f"sleep 1; kill -CONT {orphan}"])
    with EmbeddedPostgres(folder, durable=False) as embedded:
        assert postmaster(folder) != orphan
        assert counted(embedded.dsn) == 5
    assert resumer.wait() == 0


def test_a_pid_that_went_to_a_stranger_is_forgotten(postgres_folder: Path) -> None:
    folder = postgres_folder / "data"
    with EmbeddedPostgres(folder, durable=False) as embedded:
        asyncio.run(fill(embedded.dsn, 1))
        written = (folder / "cluster" / "postmaster.pid").read_text()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        lines = [str(stranger.pid), *written.splitlines()[1:]]
        (folder / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with EmbeddedPostgres(folder, durable=False) as embedded:
            assert counted(embedded.dsn) == 1
        assert stranger.poll() is None
        stranger.kill()


def test_half_made_files_do_no_harm(postgres_folder: Path) -> None:
    folder = postgres_folder / "data"
    (folder / "initdb-abandoned").mkdir(parents=True)
    with EmbeddedPostgres(folder, durable=False) as embedded:
        assert asyncio.run(ask(embedded.dsn, "SELECT 1")) == 1
    assert not list(folder.glob("initdb-*"))


def test_another_release_of_postgresql_is_named(postgres_folder: Path) -> None:
    folder = postgres_folder / "data"
    with EmbeddedPostgres(folder, durable=False):
        pass
    (folder / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(FolderUnusable, match=r"was made by PostgreSQL 17, and this is 18\.\d+: "):
        EmbeddedPostgres(folder, durable=False).start()
    assert running(folder) is None


def test_a_folder_that_cannot_be_made_is_one_sentence(postgres_folder: Path) -> None:
    (postgres_folder / "file").touch()
    with pytest.raises(FolderUnusable, match=r"cannot be used \(Not a directory\): make it"):
        EmbeddedPostgres(postgres_folder / "file" / "data").start()


@AS_ROOT
def test_root_is_told_of_a_folder_closed_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(FolderUnusable, match=r"who runs PostgreSQL, cannot enter .*/var/lib"):
        EmbeddedPostgres(tmp_path / "data").start()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@AS_ROOT
def test_a_normal_user_runs_it_too(postgres_folder: Path) -> None:
    folder = postgres_folder / "data"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    with held(folder, "65534") as (_, dsn):
        assert asyncio.run(ask(dsn, "SELECT 1")) == 1
        assert (folder / "cluster").stat().st_uid == 65534
