"""What a server that was not stopped leaves behind."""

import os
import signal
import subprocess
import time
from pathlib import Path

_OWN_ACCORD_SECONDS = 2.0
_DEADLINE_SECONDS = 30.0


def clear(cluster: Path) -> None:
    """End a server of this cluster whose supervisor is gone; the caller holds the folder's claim.

    On Linux it is already ending by itself. A pid that now belongs to a stranger is forgotten.
    """
    pidfile = cluster / "postmaster.pid"
    started = time.monotonic()
    told = False
    while (pid := _pid(pidfile)) and (command := _command(pid)):
        if str(cluster) not in command:
            pidfile.unlink(missing_ok=True)
            return
        waited = time.monotonic() - started
        if waited > _DEADLINE_SECONDS:
            return
        if waited > _OWN_ACCORD_SECONDS and not told:
            os.kill(pid, signal.SIGINT)
            told = True
        time.sleep(0.05)


def _pid(pidfile: Path) -> int | None:
    try:
        first = pidfile.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    except OSError:
        return None
    return abs(int(first)) if first.strip().lstrip("-").isdigit() else None


def _command(pid: int) -> str:
    """Return the command line of a living process, "" where there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    listed = subprocess.run(  # noqa: S603 - fixed arguments
        ["/bin/ps", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.stdout.strip()
