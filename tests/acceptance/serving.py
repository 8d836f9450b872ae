"""The real command, serving from a folder of its own."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server import postgres
from server.postgres import remains

PROGRAM = str(Path(sys.executable).with_name("designer-bff"))
SECONDS = 30

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that has named its address."""

    process: subprocess.Popen[str]
    url: str
    data: Path

    @property
    def database(self) -> str:
        dsn = postgres.running(self.data / "postgres")
        assert dsn is not None
        return dsn

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(SECONDS)


@contextmanager
def data_folder() -> Generator[Path]:
    """Give a folder that PostgreSQL's account may enter, as pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="designer-bff-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        # Where the server was killed, PostgreSQL still writes for a moment.
        remains.clear(folder / "postgres" / "cluster")


@contextmanager
def serving(data: Path, environ: Mapping[str, str] | None = None) -> Generator[Serving]:
    """Serve on a free port; in the end the server has to go in good order, if it has not yet."""
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0", "--data", str(data)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=data,
        env=environment(environ),
    )
    try:
        yield Serving(process, _address(process), data)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
    finally:
        process.kill()
        process.communicate()


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment without our variables, but for those in `more`."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **(more or {})}


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := _ADDRESS.search(line):
            return found[0]
    raise AssertionError("the server ended before it named its address")
