"""A server that the documents' commands talk to, and the folder of a clone to run them in."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

_PROGRAM = Path(sys.executable).with_name("designer-bff")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_END_SECONDS = 30


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    """Give the address of a real server with data of its own."""
    with _open_folder() as folder:
        process = subprocess.Popen(
            [_PROGRAM, "serve", "--port", "0", "--data", folder / "data"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.communicate(timeout=_END_SECONDS)


@pytest.fixture
def clone() -> Generator[Path]:
    """Give a folder that looks like a clone to whoever stands in it, and can be written to."""
    with _open_folder() as folder:
        for name in ("tests", "docs", "schema"):
            (folder / name).symlink_to(ROOT / name)
        (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
        yield folder


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := _ADDRESS.search(line):
            return found[0]
    raise AssertionError("the server ended before it named its address")


@contextmanager
def _open_folder() -> Generator[Path]:
    """Give a folder that PostgreSQL's account may enter."""
    with tempfile.TemporaryDirectory(prefix="designer-bff-docs-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
