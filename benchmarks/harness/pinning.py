"""Which core a process runs on, what it takes of it, and of memory."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil

KILOBYTE = 1024
_TICKS = os.sysconf("SC_CLK_TCK")


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


def cpu_seconds(pid: int, *, ended: bool = False) -> float:
    """Return the processor time of the process, with that of its children that `ended`."""
    # The name in brackets may hold anything, so the fields count from its end.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11 : 15 if ended else 13]) / _TICKS


def rss_kb(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / KILOBYTE
