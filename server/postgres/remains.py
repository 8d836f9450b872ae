"""What a server that was not stopped leaves behind."""

import os
import signal
import subprocess
import time
from collections.abc import Set as AbstractSet
from pathlib import Path

_PROC = Path("/proc")
_OWN_ACCORD_SECONDS = 2.0
_DEADLINE_SECONDS = 30.0


def clear(cluster: Path) -> None:
    """Wait for the end of a server of this cluster whose supervisor is gone, and see to it.

    The caller holds the folder's claim. On Linux such a server is already ending by itself.
    """
    pidfile = cluster / "postmaster.pid"
    started = time.monotonic()
    told = False
    while remains := _processes(cluster):
        waited = time.monotonic() - started
        if waited > _DEADLINE_SECONDS:
            return
        if waited > _OWN_ACCORD_SECONDS and not told and (pid := _pid(pidfile)) in remains:
            os.kill(pid, signal.SIGINT)
            told = True
        time.sleep(0.05)
    # PostgreSQL would take a stranger with that pid, or a zombie that nobody reaps, for itself.
    if _exists(_pid(pidfile)):
        pidfile.unlink(missing_ok=True)


def _pid(pidfile: Path) -> int:
    """Return the pid in the file, 0 where there is none."""
    try:
        first = pidfile.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except OSError:
        return 0
    return int(first) if first.isdecimal() else 0


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return pid > 0


def _processes(cluster: Path) -> AbstractSet[int]:
    """Return the living processes of the cluster: each works in its folder."""
    if not (_PROC / "self").exists():
        return _listed(cluster)
    folder = str(cluster.resolve())
    return {int(entry.name) for entry in _PROC.iterdir() if _folder(entry) == folder}


def _folder(entry: Path) -> str | None:
    try:
        return str((entry / "cwd").readlink()) if entry.name.isdecimal() else None
    except OSError:
        return None


def _listed(cluster: Path) -> AbstractSet[int]:
    listed = subprocess.run(
        ["/bin/ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False
    ).stdout
    lines = (line.split(maxsplit=1) for line in listed.splitlines() if str(cluster) in line)
    return {int(pid) for pid, command in lines if "/bin/postgres " in command}
