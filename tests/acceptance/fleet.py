"""Servers and workers, each a process of its own, as on many machines."""

import re
import subprocess
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.serving import PROGRAM, SECONDS, environment

_READY = re.compile(r"(http://127\.0\.0\.1:\d+)/health|works on the queue")


@dataclass(frozen=True, slots=True)
class Member:
    """A server at its `url`, or a worker, which has none."""

    process: subprocess.Popen[str]
    url: str

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(SECONDS)


@dataclass(frozen=True, slots=True)
class Fleet:
    servers: list[Member]
    workers: list[Member]


@contextmanager
def fleet(
    folder: Path, environ: Mapping[str, str], *, servers: int, workers: int
) -> Generator[Fleet]:
    """Start them all at once, each with a `DATA_DIR` of its own below `folder`."""
    with ExitStack() as stack:
        serve = ("serve", "--no-worker", "--port", "0")
        members = [
            stack.enter_context(_member(folder / f"{command[0]}-{number}", environ, *command))
            for command, count in ((serve, servers), (("worker",), workers))
            for number in range(count)
        ]
        ready = [Member(process, _url(process, log)) for process, log in members]
        yield Fleet(ready[:servers], ready[servers:])


@contextmanager
def _member(
    data: Path, environ: Mapping[str, str], *command: str
) -> Generator[tuple[subprocess.Popen[str], Path]]:
    data.mkdir(parents=True)
    with (data / "log").open("w") as log:
        process = subprocess.Popen(
            [PROGRAM, *command, "--data", str(data)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=data,
            env=environment(environ),
        )
    try:
        yield process, data / "log"
    finally:
        process.kill()
        process.communicate()


def _url(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := _READY.search(line):
            return found[1] or ""
    raise AssertionError(f"a process ended before it was ready: {log.read_text()}")
