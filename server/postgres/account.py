"""The system account PostgreSQL runs as, since it refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_CANDIDATES = ("postgres", "nobody")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    """An account to start programs as; None stands for our own."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> Sequence[int] | None:
        return None if self.uid is None else ()

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; raises OSError where it cannot be executed."""
        return subprocess.run(  # noqa: S603 - our own binaries
            command,
            cwd=cwd,
            env=ENVIRONMENT,
            user=self.uid,
            group=self.gid,
            extra_groups=self.groups,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )

    def owns(self, folder: Path) -> bool:
        return folder.stat().st_uid == (os.geteuid() if self.uid is None else self.uid)

    def give(self, folder: Path) -> None:
        """Make a folder that we just made its own."""
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)

    def executes(self, program: Path) -> bool:
        """Tell whether it gets at the program, through every parent folder."""
        try:
            return self.run(program, "--version", cwd=Path("/")).returncode == 0
        except PermissionError:
            return False

    def enters(self, folder: Path) -> bool:
        # Not by `cwd`, which is entered before the change of user.
        return self.run("/bin/sh", "-c", 'cd "$0"', folder, cwd=Path("/")).returncode == 0


def account_for(cluster: Path) -> Account:
    """Choose the account: ourselves, or for root the cluster's owner, `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return Account()
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in _CANDIDATES:
        if name in known:
            return Account(known[name].pw_uid, known[name].pw_gid)
    return Account(65534, 65534)
