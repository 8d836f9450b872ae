"""Which core a process runs on, what it takes of it, and of memory."""

import ctypes
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

KILOBYTE = 1024
_TICKS = os.sysconf("SC_CLK_TCK")
_libc = ctypes.CDLL(None)


def cores() -> tuple[int, int]:
    """Return the core of the server under test and the one of all the rest, the same if need be."""
    found = sorted(os.sched_getaffinity(0))
    return found[0], found[-1]


def pin(pid: int, core: int) -> None:
    """Keep all threads of the process on that core; its children to come inherit it."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def below(pid: int) -> Iterator[int]:
    """Give the processes that it started, and theirs."""
    for child in psutil.Process(pid).children(recursive=True):
        yield child.pid


def cpu_seconds(pid: int) -> float:
    """Return the processor time of the process, to the nanosecond.

    Raises:
        OSError: there is no such process.
    """
    clock = ctypes.c_int()
    if error := _libc.clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise OSError(error, os.strerror(error), f"process {pid}")
    return time.clock_gettime(clock.value)


def cpu_seconds_with_ended(pid: int) -> float:
    """Return the seconds of the process and of its children that ended, to a hundredth."""
    # The name in brackets may hold anything, so the fields count from its end.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def rss_kb(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / KILOBYTE
