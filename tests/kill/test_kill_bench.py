"""The short form of ./dev bench kill: workers die amid faults, and the money is right."""

import json
import subprocess
import sys

SHORT = (
    ("--runs", "24"),
    ("--cancels", "3"),
    ("--kills", "3"),
    ("--scale", "0.05"),
    ("--share", "0.03"),
    ("--seconds", "100"),
    ("--seed", "77"),
)


def test_killed_workers_spend_nothing_twice() -> None:
    options = [word for option in SHORT for word in option]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "benchmarks.kill", *options],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["runs"] == 27
    assert figures["kills"] > 0
    assert figures["billed_entries"] > 0
