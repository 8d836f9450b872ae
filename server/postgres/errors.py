"""Why the embedded PostgreSQL does not run; each message ends in the remedy.

PostgresFailed
  + FolderTaken      another process runs a server on the data folder
  + FolderUnusable   the data folder cannot be made, entered or written
  + DiskFull
"""

import errno
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import DesignerError

_FULL = "No space left on device"


class PostgresFailed(DesignerError):
    """It did not start, for a reason that its log tells."""


class FolderTaken(PostgresFailed):
    """Another process runs a server on the data folder."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"The data folder {folder} is in use by {holder}: "
            "end that one, or choose another folder by --data or DATA_DIR"
        )
        self.pid = pid


class FolderUnusable(PostgresFailed):
    """The data folder cannot be made, entered or written."""


class DiskFull(PostgresFailed):
    """No space is left under the data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The disk is full under {folder}: free 100 MB there, or choose another by DATA_DIR"
        )


def failure(folder: Path, output: str, doing: str) -> PostgresFailed:
    """Read from what a PostgreSQL program printed why it failed at `doing`."""
    if _FULL in output:
        return DiskFull(folder)
    lines = [line for line in output.splitlines() if line.strip()]
    told = [line for line in lines if "FATAL" in line or "error:" in line] or lines[-1:]
    reason = told[0].strip() if told else "it said nothing"
    return PostgresFailed(
        f"PostgreSQL failed to {doing} under {folder} ({reason}): "
        "mend that, choose another folder by DATA_DIR, or use a server of yours by DATABASE_URL"
    )


@contextmanager
def usable(folder: Path) -> Generator[None]:
    """Turn what the file system refuses inside the body into one of our errors."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(folder) from error
        raise FolderUnusable(
            f"The data folder {folder} cannot be used ({error.strerror}): "
            "make it writable, or choose another by DATA_DIR"
        ) from error
