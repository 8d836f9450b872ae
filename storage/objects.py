"""Objects as files below a folder of this machine."""

import asyncio
import errno
import os
import re
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from pipeline.errors import ObjectMissing, StoreUnreachable

CONTENT_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}

_KEY = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/[0-9a-f]{64}\.(jpg|png|webp)"
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class StoreUnwritable(StoreUnreachable):
    """The folder of the objects takes nothing more; the message names the remedy."""


def is_key(key: str, content_type: str | None = None) -> bool:
    """Tell whether an object can lie there, and be of that type where one is given."""
    return _KEY.fullmatch(key) is not None and content_type in (None, content_type_of(key))


def content_type_of(key: str) -> str:
    """Return the type that a key's ending stands for."""
    return CONTENT_TYPES[key.rpartition(".")[2]]


@dataclass(frozen=True, slots=True)
class LocalObjects:
    """An object store below `root`, whose objects the app serves below `base_url`/objects."""

    root: Path
    base_url: str

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store it whole or not at all, on the disk when this returns.

        Raises `StoreUnwritable`, and `ValueError` for a key that is none or of another type.
        """
        path = self.path(key)
        if path is None or not is_key(key, content_type):
            raise ValueError(f"{key!r} is no key for {content_type}")
        await asyncio.to_thread(_write, path, content)

    async def get(self, key: str) -> bytes:
        """Raise `ObjectMissing` where there is none."""
        path = self.path(key)
        try:
            return await asyncio.to_thread(_required(path, key).read_bytes)
        except FileNotFoundError as error:
            raise ObjectMissing(key) from error

    async def delete(self, key: str) -> None:
        """Do nothing where there is none."""
        path = self.path(key)
        if path is not None:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def url(self, key: str) -> str:
        """Return where a browser fetches it."""
        return f"{self.base_url}/objects/{key}"

    def path(self, key: str) -> Path | None:
        """Return where the object lies or would lie; None if `key` can't be one."""
        return self.root / key if is_key(key) else None

    async def older_than(self, age: timedelta) -> list[str]:
        """Return the keys of what was last put so long ago."""
        return await asyncio.to_thread(_older_than, self.root, time.time() - age.total_seconds())

    async def problem(self) -> str | None:
        """Return a sentence if nothing can be stored now."""
        try:
            await asyncio.to_thread(_try_writing, self.root)
        except StoreUnwritable as error:
            return str(error)
        return None


def _required(path: Path | None, key: str) -> Path:
    if path is None:
        raise ObjectMissing(key)
    return path


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        # The key names the content: what lies there is the same.
        _freshen(path)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_beside(path, content)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path.parent, error) from error


def _freshen(path: Path) -> None:
    """Let `older_than` count from now on; on a disk that is read-only it need not."""
    with suppress(OSError):
        os.utime(path)


def _older_than(root: Path, moment: float) -> list[str]:
    found: list[str] = []
    for path in root.glob("*/*"):
        key = f"{path.parent.name}/{path.name}"
        with suppress(FileNotFoundError):
            if is_key(key) and path.stat().st_mtime < moment:
                found.append(key)
    return found


def _write_beside(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _sync_folder(folder: Path) -> None:
    # A rename outlives a power cut only once its folder is on the disk too.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _try_writing(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root) as file:
            file.write(bytes(4096))
            file.flush()
    except OSError as error:
        raise _unwritable(root, error) from error


def _unwritable(folder: Path, error: OSError) -> StoreUnwritable:
    if error.errno in _FULL:
        return StoreUnwritable(f"The disk of {folder} is full: free some space.")
    reason = error.strerror or type(error).__name__
    return StoreUnwritable(f"{folder} cannot be written ({reason}): check its owner and mode.")
