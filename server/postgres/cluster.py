"""PostgreSQL's own files: made whole or not at all, and only used where they fit."""

import shutil
import tempfile
from pathlib import Path

from server.postgres.account import Account
from server.postgres.errors import FolderUnusable, failure, usable
from server.postgres.folder import Folder

_SCRATCH = "initdb-"
_OPTIONS = (
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
)


def initialise(folder: Folder, programs: Path, account: Account, *, durable: bool) -> None:
    """Make the cluster; raises `PostgresFailed` or one of its kinds."""
    for abandoned in folder.root.glob(f"{_SCRATCH}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    with usable(folder.root):
        scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=folder.root))
        account.give(scratch)
    sync = () if durable else ("--no-sync",)
    try:
        made = account.run(programs / "initdb", "-D", scratch, *_OPTIONS, *sync, cwd=folder.root)
        if made.returncode != 0:
            raise failure(folder.root, made.stdout, "make its files")
        scratch.rename(folder.cluster)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def require_fitting(cluster: Path, programs: Path, account: Account) -> None:
    """Raise `FolderUnusable` where another user or another PostgreSQL made the cluster."""
    if not account.owns(cluster):
        raise FolderUnusable(
            f"{cluster} belongs to user {cluster.stat().st_uid}: "
            "run as that user, or choose another folder by DATA_DIR"
        )
    ours = account.run(programs / "postgres", "--version", cwd=cluster.parent).stdout
    theirs = cluster.joinpath("PG_VERSION").read_text(encoding="utf-8").strip()
    if theirs not in ours.replace(".", " ").split():
        raise FolderUnusable(
            f"{cluster} was made by PostgreSQL {theirs}, and this is {ours.split()[-1]}: "
            "dump it with the release that made it, and choose another folder by DATA_DIR"
        )
