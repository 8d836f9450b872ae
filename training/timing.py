"""How long the analyser takes for each of the photos it is given, and its peak memory."""

import sys
import time
from pathlib import Path

import numpy as np

from pipeline.vision.read import Reader


def main() -> None:
    """Read every photo named on the command line, one after the other."""
    photos = [Path(name).read_bytes() for name in sys.argv[1:]]
    reader = Reader.load()
    reader.read(photos[0])
    taken = [_milliseconds(reader, photo) for photo in photos]
    p50, p95 = np.percentile(taken, [50, 95])
    print(f"latency a photo ({len(photos)}): p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    print(f"peak memory of the process: {_peak():.0f} MB")


def _peak() -> float:
    """Return the peak in MB as Linux counts it; getrusage would count the parent's in, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _milliseconds(reader: Reader, photo: bytes) -> float:
    start = time.perf_counter()
    reader.read(photo)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
