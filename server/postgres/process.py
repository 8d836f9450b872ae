"""PostgreSQL as our child: born, awaited, ended, and never outliving us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from server.postgres.account import ENVIRONMENT, Account
from server.postgres.errors import usable
from server.postgres.folder import Folder

_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.01
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def spawn(
    folder: Folder, programs: Path, account: Account, settings: Sequence[str]
) -> subprocess.Popen[bytes]:
    """Start a server on the folder's cluster; on Linux it ends when the calling thread does."""
    options = [part for setting in settings for part in ("-c", setting)]
    with usable(folder.root), folder.log.open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own binaries
            [programs / "postgres", "-D", folder.cluster, *options],
            cwd=folder.root,
            env=ENVIRONMENT,
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
            # A terminal's Ctrl-C is for us alone: PostgreSQL stops last.
            start_new_session=True,
            # It runs after the change of user, which would undo it.
            preexec_fn=_dying_with_us(),  # noqa: PLW1509 - it makes two system calls
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def ready(process: subprocess.Popen[bytes], cluster: Path, deadline: float) -> bool:
    """Wait until it takes connections; False if it ended or `deadline` (monotonic) passed."""
    while process.poll() is None and time.monotonic() < deadline:
        if _status(cluster) == (str(process.pid), "ready"):
            return True
        time.sleep(_POLL_SECONDS)
    return False


def end(process: subprocess.Popen[bytes]) -> None:
    """Shut it down fast, at once if that takes too long, by force if even that does."""
    for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(sign)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


def _status(cluster: Path) -> tuple[str, str]:
    try:
        lines = cluster.joinpath("postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    # The first line is the process, the eighth whether it takes connections.
    return (lines[0], lines[7].strip()) if len(lines) > 7 else ("", "")


def _dying_with_us() -> Callable[[], None] | None:
    libc = _LIBC
    if libc is None:
        return None
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
        # It may have died before that was asked for, and then no signal comes.
        if os.getppid() != parent:
            os._exit(1)

    return ask
