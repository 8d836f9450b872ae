"""A server of the benchmark's own, in a folder that goes with it."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server: its address, and its process."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def serving(*, command: Sequence[str] = (), folder: Path | None = None) -> Generator[Serving]:
    """Start the product on a free port with data of its own, and stop it again."""
    program = list(command) or [str(Path(sys.executable).with_name("designer-bff")), "serve"]
    with tempfile.TemporaryDirectory(prefix="designer-bff-bench-") as scratch:
        data = folder or Path(scratch)
        if folder is None:
            # PostgreSQL runs as another account where root starts it.
            data.chmod(0o755)
        process = subprocess.Popen(
            [*program, "--port", "0", "--data", str(data)], stdout=subprocess.PIPE, text=True
        )
        try:
            yield Serving(_address(process), process)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := ADDRESS.search(line):
            return found[0]
    raise RuntimeError("the server ended before it named its address")
