import errno
from pathlib import Path

import pytest

from server.postgres.errors import DiskFull, FolderUnusable, PostgresFailed, failure, usable

FOLDER = Path("/var/lib/somewhere")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_with_its_remedy(code: int) -> None:
    with pytest.raises(DiskFull, match=r"full under /var/lib/somewhere: free .* DATA_DIR"):
        refuse(code)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOTDIR])
def test_an_unwritable_folder_is_told_with_its_remedy(code: int) -> None:
    with pytest.raises(FolderUnusable, match=r"cannot be used \(.*\): make it writable"):
        refuse(code)


def refuse(code: int) -> None:
    with usable(FOLDER):
        raise OSError(code, "refused")


def test_postgresql_may_be_the_one_that_finds_the_disk_full() -> None:
    said = "initdb: removing contents\nPANIC: could not write to file: No space left on device\n"
    assert isinstance(failure(FOLDER, said, "start"), DiskFull)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("LOG: hello\nFATAL: bad idea\nLOG: bye\n", "FATAL: bad idea"),
        ("a\ninitdb: error: no\n", "initdb: error: no"),
        ("Killed\n\n", "Killed"),
        ("", "it said nothing"),
    ],
)
def test_other_failures_give_the_telling_line(said: str, reason: str) -> None:
    error = failure(FOLDER, said, "start")
    assert type(error) is PostgresFailed
    assert f"failed to start under {FOLDER} ({reason}): " in str(error)
