"""API processes and workers on one PostgreSQL and one Redis, each of which can fall."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from server.postgres import EmbeddedPostgres
from tests.storage.redis_server import RedisServer
from tests.storage.redis_server import serving as redis_serving
from tests.storage.s3_server import free_port

PROGRAM = str(Path(sys.executable).with_name("designer-bff"))
START_SECONDS = 60.0
STOP_SECONDS = 30.0
_SET_PDEATHSIG = 1


class Database:
    """PostgreSQL at an address that it keeps when it is started anew."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(folder / "postgres", durable=False)
        self._link = folder / "socket"

    @property
    def dsn(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._link}"

    def start(self) -> None:
        """Start it in the main thread, whose end it would share."""
        self._server.start()
        (sockets,) = parse_qs(urlsplit(self._server.dsn).query)["host"]
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(sockets)

    def stop(self) -> None:
        """End it with all of its connections."""
        self._server.stop()


@dataclass(slots=True, eq=False)
class Member:
    """A process of the product, started anew at will; `busy` while something is done to it."""

    name: str
    command: Sequence[str]
    ready: str
    folder: Path
    environ: Mapping[str, str]
    busy: bool = False
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}-{self.starts}.log"

    async def start(self) -> None:
        """Return when it is ready; one that ends before, as without PostgreSQL, starts again."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            process = self._spawned()
            while process.poll() is None and time.monotonic() < until:
                if self.ready in self.log.read_text():
                    return
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.2)
        raise RuntimeError(f"{self.name} did not get ready:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)

    def send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def end(self) -> str | None:
        """End it as a deploy does, however it is; say what was wrong with that."""
        process = self._process
        if process is None:
            return None
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return f"{self.name} did not end within {STOP_SECONDS:g} s"
        return f"{self.name} ended with {code}" if code else None

    def _spawned(self) -> subprocess.Popen[bytes]:
        self.kill()
        self.starts += 1
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=_dying_with_us,  # noqa: PLW1509 - it makes one system call
            )
        return self._process


@dataclass(frozen=True, slots=True)
class Servers:
    """What all processes share."""

    database: Database
    redis: RedisServer


@dataclass(slots=True)
class Cluster:
    """All of them, the APIs by address; what is wrong when they end is added to `complaints`."""

    servers: Servers
    apis: dict[str, Member]
    workers: list[Member]
    complaints: list[str] = field(default_factory=list[str])

    @property
    def members(self) -> list[Member]:
        return [*self.apis.values(), *self.workers]

    def logs(self, lines: int = 30) -> str:
        """Return the last lines of what each has logged."""
        files = sorted({file for one in self.members for file in one.folder.glob("*-*.log")})
        texts = {file.stem: file.read_text().splitlines()[-lines:] for file in files}
        return "\n".join("\n".join((f"--- {name}", *told)) for name, told in texts.items())


@contextmanager
def standing(folder: Path) -> Generator[Servers]:
    """Give a PostgreSQL and a Redis."""
    database = Database(folder)
    database.start()
    try:
        with redis_serving(folder) as redis:
            yield Servers(database, redis)
    finally:
        database.stop()


@asynccontextmanager
async def clustered(
    folder: Path,
    servers: Servers,
    told: Mapping[str, str],
    counts: tuple[int, int],
    worker: Sequence[str],
) -> AsyncGenerator[Cluster]:
    """Give so many API processes and workers, which all are told `told`."""
    data = folder / "data"
    data.mkdir()
    environ = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ},
        "DATA_DIR": str(data),
        "DATABASE_URL": servers.database.dsn,
        "BROADCAST_URL": servers.redis.url,
        **told,
    }
    ports = [free_port() for _ in range(counts[0])]
    serve = (PROGRAM, "serve", "--no-worker", "--port")
    cluster = Cluster(
        servers,
        {
            f"http://127.0.0.1:{port}": Member(
                f"api{number}", (*serve, str(port)), "is ready", folder, environ
            )
            for number, port in enumerate(ports)
        },
        [
            Member(f"worker{number}", worker, "works on the queue", folder, environ)
            for number in range(counts[1])
        ],
    )
    try:
        await asyncio.gather(*(member.start() for member in cluster.members))
        yield cluster
    finally:
        ended = await asyncio.gather(*(asyncio.to_thread(one.end) for one in cluster.members))
        cluster.complaints += [complaint for complaint in ended if complaint]


def _dying_with_us() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL)
