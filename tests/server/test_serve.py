"""The real command in a process of its own: how it starts, and how it ends."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from server.__main__ import main
from server.postgres import remains

PROGRAM = str(Path(sys.executable).with_name("designer-bff"))
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
SECONDS = 30
WHO = "{ viewer { name } }"
START = """
mutation { generateFromPrompt(input: {prompt: "a red coat"}) { ... on Generation { id } } }
"""
LOOK = "query ($id: ID!) { generation(id: $id) { status images { status } } }"
DONE = {"status": "COMPLETED", "images": [{"status": "COMPLETED"}]}


@dataclass(frozen=True)
class Running:
    """A server that has named its address."""

    process: subprocess.Popen[str]
    url: str
    said: str
    data: Path

    @property
    def postgres(self) -> psutil.Process:
        pid = (self.data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0]
        return psutil.Process(int(pid))

    def end(self, number: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, errors


@pytest.fixture
def data() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="designer-bff-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        # Where the server was killed, PostgreSQL still writes for a moment.
        remains.clear(folder / "postgres" / "cluster")


def launched(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROGRAM, "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tempfile.gettempdir(),
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
    )


@contextmanager
def running(data: Path, *arguments: str) -> Generator[Running]:
    process = launched("--port", "0", "--data", str(data), *arguments)
    assert process.stdout is not None
    try:
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if str(data) in line:
                break
        said = "".join(lines)
        found = ADDRESS.search(said)
        assert found, process.stderr.read() if process.stderr else ""
        yield Running(process, found[0], said, data)
    finally:
        process.kill()
        process.communicate()


def refused(*arguments: str) -> str:
    """Return the one sentence that the command ends with."""
    process = launched(*arguments)
    output, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 2, errors
    assert output == ""
    assert errors.count("\n") == 1, errors
    return errors


def graphql(url: str, query: str, **variables: str) -> dict[str, Any]:
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"{url}/graphql", json=body, trust_env=False).json()
    assert "errors" not in answer
    found: dict[str, Any] = answer["data"]
    return found


def sentence(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one sentence that the command ends with before it has started anything."""
    assert main(["serve", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_a_signal_ends_everything_in_good_order(data: Path) -> None:
    with running(data) as server:
        assert graphql(server.url, WHO) == {"viewer": {"name": "Local designer"}}
        health = httpx.get(f"{server.url}/health/ready", trust_env=False)
        assert health.json() == {"status": "ok", "live": True, "ready": True, "problems": []}
        for part in (f"{server.url}/graphql", f"{server.url}/health", str(data)):
            assert part in server.said
        assert f"in use by process {server.process.pid}" in refused(
            "--port", "0", "--data", str(data)
        )
        postgres = server.postgres
        assert server.end(signal.SIGTERM) == (0, "")
        assert not postgres.is_running()


async def test_ctrl_c_tells_watchers_to_come_back(data: Path) -> None:
    with running(data, "--no-worker") as server:
        address = f"{server.url.replace('http', 'ws')}/graphql"
        protocol = Subprotocol("graphql-transport-ws")
        async with connect(address, subprotocols=[protocol], proxy=None) as watcher:
            await watcher.send('{"type": "connection_init"}')
            assert await watcher.recv() == '{"type":"connection_ack"}'
            query = "subscription { myEvents { seq } }"
            await watcher.send(
                f'{{"type": "subscribe", "id": "1", "payload": {{"query": "{query}"}}}}'
            )
            await watcher.send('{"type": "ping"}')
            assert await watcher.recv() == '{"type":"pong"}'
            ended = asyncio.create_task(asyncio.to_thread(server.end, signal.SIGINT))
            with pytest.raises(ConnectionClosed) as caught:
                await watcher.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1012
            assert await ended == (0, "")


def test_a_killed_server_starts_again(data: Path) -> None:
    with running(data, "--no-worker") as server:
        postgres = server.postgres
        server.process.kill()
        server.process.wait(SECONDS)
    with running(data, "--no-worker") as server:
        assert graphql(server.url, WHO) == {"viewer": {"name": "Local designer"}}
        assert server.postgres.pid != postgres.pid


def test_a_signal_before_it_serves_ends_it_too(data: Path) -> None:
    process = launched("--port", "0", "--data", str(data), "--no-worker")
    while not (data / "postgres").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    output, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, output, errors) == (0, "", "")


def test_a_taken_port_is_one_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = sentence(capsys, "--port", port, "--data", str(data))
    assert f"Port {port} of 127.0.0.1 is taken" in said
    assert "--port" in said
    assert list(data.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--port", "99999"), "PORT must be a whole number"),
        (("--port", "http"), "PORT must be a whole number"),
        (("--host", "203.0.113.7", "--port", "0"), "no address of this machine"),
        (("--host", "no such host", "--port", "0"), "no address of this machine"),
    ],
)
def test_an_impossible_address_is_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert words in sentence(capsys, "--data", str(data), *arguments)


def test_a_folder_that_is_none_is_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = data / "file"
    blocked.write_text("")
    assert "choose another" in sentence(capsys, "--port", "0", "--data", str(blocked))


def test_a_database_that_is_not_there_is_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/x")
    assert "check DATABASE_URL" in sentence(capsys, "--port", "0", "--data", str(data))


def test_a_database_without_tables_is_one_sentence(
    empty_database_url: str,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    arguments = ("--port", "0", "--data", str(data))
    said = sentence(capsys, *arguments)
    assert "run designer-bff migrate" in said


def test_beyond_this_machine_it_needs_a_key(data: Path) -> None:
    said = refused("--host", "0.0.0.0", "--port", "0", "--data", str(data))
    assert "needs an API key: make one with designer-bff keys create" in said


def test_a_worker_of_its_own_takes_over_what_the_server_takes_in(data: Path) -> None:
    with running(data, "--no-worker") as server:
        asked = graphql(server.url, START)["generateFromPrompt"]
        command = [PROGRAM, "worker", "--data", str(data)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as worker:
            deadline = time.monotonic() + SECONDS
            while (found := graphql(server.url, LOOK, id=asked["id"])["generation"]) != DONE:
                assert found["status"] in ("PENDING", "PROCESSING")
                assert time.monotonic() < deadline
                time.sleep(0.1)
            worker.send_signal(signal.SIGTERM)
            _, log = worker.communicate(timeout=SECONDS)
            assert worker.returncode == 0
            assert f":{worker.pid} takes generation".encode() in log


def test_a_worker_without_a_database_is_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["worker", "--data", str(data)]) == 2
    assert "needs the PostgreSQL that the servers use" in capsys.readouterr().err
