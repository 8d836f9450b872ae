"""A twin of the providers, a server, and workers that may be killed: each a process of its own."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from server.postgres import running as running_postgres

PROGRAM = str(Path(sys.executable).with_name("designer-bff"))
WORKER = (PROGRAM, "worker")
INSTANT = (sys.executable, "-P", "-m", "benchmarks.harness.instant")
"""A worker whose stages are told how long to take; options follow."""
EXPORT = re.compile(r"^export (\w+)=(.+)$", re.MULTILINE)
START_SECONDS = 90.0
STOP_SECONDS = 30.0


@dataclass(slots=True)
class Fleet:
    """Processes on one folder; `environ` is what server and workers are told."""

    folder: Path
    environ: Mapping[str, str]
    url: str
    database: str
    server: subprocess.Popen[bytes]
    worker: Sequence[str] = WORKER
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    _hired: int = 0

    def hire(self, **told: str) -> subprocess.Popen[bytes]:
        """Start one more worker, which is `told` more, and wait until it takes runs."""
        self._hired += 1
        log = self.folder / f"worker-{self._hired}.log"
        command = [*self.worker, "--data", str(self.folder / "data")]
        worker = _started(command, log, {**self.environ, **told})
        self.workers.append(worker)
        _said(log, worker, "works on the queue")
        return worker

    def kill_one(self, chance: random.Random) -> None:
        """End a worker as a power cut would."""
        self.kill(chance.choice(self.workers))

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """End this one likewise."""
        self.workers.remove(worker)
        worker.kill()
        worker.wait(STOP_SECONDS)

    def dismiss(self) -> None:
        """End all workers as a deploy does."""
        _stop(self.workers)
        self.workers.clear()

    def log(self, lines: int = 40) -> str:
        """Return the last lines of what the workers logged."""
        logs = sorted(self.folder.glob("worker-*.log"))
        return "\n".join("\n".join(log.read_text().splitlines()[-lines:]) for log in logs)


@contextmanager
def scratch() -> Generator[Path]:
    """Give a folder that goes with us, and that PostgreSQL's account may enter."""
    with tempfile.TemporaryDirectory(prefix="designer-bff-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def twin(folder: Path, *options: str) -> Generator[dict[str, str]]:
    """Give the variables that point the product at a twin, whose bill is `folder`/bill.jsonl."""
    log = folder / "twin.log"
    command = [PROGRAM, "twin", "--bill", str(folder / "bill.jsonl"), *options]
    process = _started(command, log, {})
    try:
        yield dict(EXPORT.findall(_said(log, process, "# the bill is")))
    finally:
        _stop([process])


@contextmanager
def fleet(
    folder: Path, environ: Mapping[str, str], *, workers: int, worker: Sequence[str] = WORKER
) -> Generator[Fleet]:
    """Give a server without a worker of its own, and so many workers beside it."""
    data, port = folder / "data", _free_port()
    data.mkdir()
    data.chmod(0o755)
    url = f"http://127.0.0.1:{port}"
    told = {"WEBHOOK_URL": url, **environ}
    command = [PROGRAM, "serve", "--no-worker", "--port", str(port), "--data", str(data)]
    log = folder / "server.log"
    server = _started(command, log, told)
    running = Fleet(folder, told, url, "", server, worker)
    try:
        _said(log, server, "is ready")
        running.database = running_postgres(data / "postgres") or ""
        for _ in range(workers):
            running.hire()
        yield running
    finally:
        _stop(running.workers)
        _stop([server])


def _started(
    command: Sequence[str], log: Path, environ: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    clean = {
        name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ
    }
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env={**clean, **environ},
        )


def _said(log: Path, process: subprocess.Popen[bytes], words: str) -> str:
    """Wait until the process has logged `words`, and return the whole log."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        text = log.read_text()
        if words in text:
            return text
        time.sleep(0.05)
    raise RuntimeError(f"{log.stem} did not get ready:\n{log.read_text()}")


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
