"""A benchmark sees what little a process did."""

import os
import time

import pytest

from benchmarks.harness.pinning import cpu_seconds


def test_a_millisecond_of_work_is_seen() -> None:
    for _ in range(5):
        before = cpu_seconds(os.getpid())
        began = time.process_time()
        while time.process_time() - began < 0.001:
            pass
        assert cpu_seconds(os.getpid()) - before >= 0.0009


def test_a_process_that_is_gone_is_an_error() -> None:
    with pytest.raises(OSError, match="process 4194305"):
        cpu_seconds(4194305)
