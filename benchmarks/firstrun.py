"""A stranger's first minutes: clone, start, start again, sit idle.

    ./dev bench firstrun

Clones this repository's HEAD into an empty folder, runs `./dev run` there with whatever packages
the machine has cached, and prints clone_to_serving_s, then warm_start_s, the median of three more
starts with the same data, idle_rss_mb and idle_pss_mb of the whole process tree ten quiet seconds
after another, and outside_requests: its connections to anything but loopback.
RSS counts memory that PostgreSQL's processes share once for each of them; PSS counts it once.
Targets: 90 s, 3 s, 350 MB, 0.
"""

import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Self

import psutil

from benchmarks.harness.figures import machine, report
from benchmarks.harness.serving import Serving, serving

ROOT = Path(__file__).parent.parent
WARM_STARTS = 3
IDLE_SECONDS = 10
LOOK_SECONDS = 0.05
MEGABYTE = 1024 * 1024


@dataclass
class Watch:
    """Notes every peer that a process tree talks to beyond this machine."""

    pid: int
    outside: set[str] = field(default_factory=set[str])
    _enough: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._enough.wait(LOOK_SECONDS):
            for process in tree(self.pid):
                try:
                    connections = process.net_connections("inet")
                except psutil.Error:
                    continue
                self.outside |= {
                    f"{one.raddr.ip}:{one.raddr.port}"
                    for one in connections
                    if one.raddr and not ip_address(one.raddr.ip).is_loopback
                }


def tree(pid: int) -> list[psutil.Process]:
    """Return the process and all below it."""
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory(pid: int) -> tuple[float, float]:
    """Return RSS and PSS of the tree, in MB."""
    rss = pss = 0
    for process in tree(pid):
        try:
            used = process.memory_full_info()
        except psutil.Error:
            continue
        rss += used.rss
        pss += getattr(used, "pss", used.rss)
    return round(rss / MEGABYTE, 1), round(pss / MEGABYTE, 1)


def idle(server: Serving) -> tuple[float, float]:
    """Wait, then weigh."""
    time.sleep(IDLE_SECONDS)
    return memory(server.process.pid)


def started(command: Sequence[str], data: Path) -> float:
    """Start a server, stop it again, and return the seconds until it served."""
    begin = time.perf_counter()
    with serving(command=command, folder=data):
        return time.perf_counter() - begin


def main() -> None:
    """Measure in a folder that goes with us."""
    with tempfile.TemporaryDirectory(prefix="designer-bff-firstrun-") as scratch:
        Path(scratch).chmod(0o755)
        clone, data = Path(scratch) / "clone", Path(scratch) / "data"
        data.mkdir()
        command = [str(clone / "dev"), "run"]
        begin = time.perf_counter()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        cloned = time.perf_counter() - begin
        first = cloned + started(command, data)
        warm = [started(command, data) for _ in range(WARM_STARTS)]
        with (
            serving(command=command, folder=data) as server,
            Watch(server.process.pid) as watch,
        ):
            rss, pss = idle(server)
        for peer in sorted(watch.outside):
            print(f"it talked to {peer}")
    report(
        {
            **machine(),
            "clone_to_serving_s": round(first, 1),
            "warm_start_s": round(statistics.median(warm), 2),
            "idle_rss_mb": rss,
            "idle_pss_mb": pss,
            "outside_requests": len(watch.outside),
        }
    )


if __name__ == "__main__":
    main()
