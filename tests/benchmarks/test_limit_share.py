import subprocess
import sys

import pytest

from benchmarks.limits import most_in_a_window, throughput_share


def test_calls_that_come_as_soon_as_they_may_use_the_whole_limit() -> None:
    times = [0.0] * 240 + [60.0] * 240 + [120.0]
    assert throughput_share(times, 240) == 1
    assert throughput_share(times[:-1], 240) == 1
    assert most_in_a_window(times) == 240


def test_calls_one_after_the_other_use_nearly_all_of_it() -> None:
    assert throughput_share([nth * 0.25 for nth in range(500)], 240) == pytest.approx(
        0.96, abs=0.01
    )


def test_a_slow_tail_lowers_the_share() -> None:
    times = [0.0] * 240 + [60.0] * 240 + [120.0] + [720.0] * 19
    assert throughput_share(times, 240) == pytest.approx(120 / 720)


def test_jobs_of_which_none_waits_are_refused() -> None:
    command = [sys.executable, "-P", "-m", "benchmarks.limits", "--jobs", "240"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "more than --limit" in done.stderr
