"""How long the analyser takes for each of the photos it is given, and its peak memory."""

import resource
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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"latency a photo ({len(photos)}): p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    print(f"peak memory of the process: {peak:.0f} MB")


def _milliseconds(reader: Reader, photo: bytes) -> float:
    start = time.perf_counter()
    reader.read(photo)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
