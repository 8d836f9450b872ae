"""The data folder: what lies where in it, and who holds it.

holder          locked by the process that runs the server; its pid and the socket's folder
cluster/        PostgreSQL's own, made whole or not at all
postgres.log    what it said since the last start
"""

import fcntl
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from server.postgres.account import Account
from server.postgres.errors import FolderTaken, FolderUnusable, usable

_SOCKETS = Path("/tmp")  # noqa: S108 - socket paths are limited to about 100 characters
_PREFIX = "designer-bff-"
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths under a data folder."""

    root: Path

    @property
    def holder(self) -> Path:
        return self.root / "holder"

    @property
    def cluster(self) -> Path:
        return self.root / "cluster"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    def make(self, account: Account) -> None:
        """Make it where it is missing; raises `FolderUnusable` and `DiskFull`."""
        with usable(self.root):
            for missing in reversed([p for p in (self.root, *self.root.parents) if not p.exists()]):
                missing.mkdir(exist_ok=True)
                # A folder that we make is open to the account, whatever the umask is.
                missing.chmod(0o755)
        if account.uid is not None and not account.enters(self.root):
            raise FolderUnusable(
                f"User {account.uid}, who runs PostgreSQL, cannot enter {self.root}: choose "
                "another folder by DATA_DIR, such as one under /var/lib"
            )


class Claim:
    """The lock on a data folder, held by this process until it ends or calls `release`."""

    def __init__(self, folder: Folder, account: Account) -> None:
        """Raise `FolderTaken` while another process holds it."""
        with usable(folder.root):
            self._file = folder.holder.open("a+", encoding="utf-8")
        try:
            _wait_for_lock(self._file, folder)
            with usable(folder.root):
                _remove_sockets(_read(folder).sockets)
                self.sockets = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_SOCKETS))
                account.give(self.sockets)
                self._file.truncate(0)
                self._file.write(f"{os.getpid()}\n{self.sockets}\n")
                self._file.flush()
        except BaseException:
            self._file.close()
            raise

    @property
    def dsn(self) -> str:
        return _dsn(self.sockets)

    def release(self) -> None:
        _remove_sockets(self.sockets)
        self._file.truncate(0)
        self._file.close()


def running(root: Path) -> str | None:
    """Return the address of the server that another process runs on the data folder, if one is."""
    folder = Folder(root)
    try:
        with folder.holder.open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        sockets = _read(folder).sockets
        return _dsn(sockets) if sockets else None
    return None


@dataclass(frozen=True, slots=True)
class _Holder:
    pid: int | None
    sockets: Path | None


def _read(folder: Folder) -> _Holder:
    match folder.holder.read_text(encoding="utf-8").splitlines():
        case [pid, sockets] if pid.isdigit():
            return _Holder(int(pid), Path(sockets))
        case _:
            return _Holder(None, None)


def _wait_for_lock(file: TextIO, folder: Folder) -> None:
    """Lock the file; a holder that was killed may leave the lock for a moment to its children."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _read(folder).pid
            if (pid and _alive(pid)) or time.monotonic() > deadline:
                raise FolderTaken(folder.root, pid) from None
            time.sleep(0.05)
        else:
            return


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove_sockets(sockets: Path | None) -> None:
    if sockets and sockets.parent == _SOCKETS and sockets.name.startswith(_PREFIX):
        shutil.rmtree(sockets, ignore_errors=True)


def _dsn(sockets: Path) -> str:
    return f"postgresql://postgres@/postgres?host={quote(str(sockets), safe='/')}"
