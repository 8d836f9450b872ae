"""The benchmarks in small: they work, and what has to be right at any size is."""

import json
import subprocess
import sys
from typing import Any


def figures_of(name: str, *options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", f"benchmarks.{name}", *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def test_events_reach_many_sockets_beside_those_of_others() -> None:
    parts = ("--part", "many_runs", "--part", "one_run")
    figures = figures_of("fanout", *parts, "--sockets=30", "--events=8", "--rounds=1")
    assert figures["lost"] == 0
    for part in ("many_runs", "one_run"):
        for measure in ("us", "yoga_us", "over_yoga", "strawberry_us", "p99_ms"):
            assert figures[f"{part}_{measure}"] > 0
    assert figures["kb_per_connection"] > 0


def test_events_are_timed_from_their_commit() -> None:
    figures = figures_of("events", "--backend=redis", "--live=4", "--seconds=2")
    assert figures["lost"] == 0
    assert figures["redis_events"] > 0
    assert 0 < figures["event_p50_ms"] <= figures["event_p95_ms"]


def test_starts_rates_and_claims_are_told() -> None:
    options = ("--starts=4", "--workers=1", "--runs=20", "--waiting=300", "--claims=5")
    figures = figures_of("queue", *options, "--rounds=1")
    assert figures["starts"] == 4
    assert 0 < figures["start_p50_ms"] <= figures["start_p99_ms"]
    assert figures["runs_per_s_1"] > 0
    assert figures["cpu_ms_per_run"] > 0
    assert figures["claim_ms"] > 0
    assert figures["claim_waiting_ms"] > 0


def test_another_worker_goes_on_when_one_is_killed() -> None:
    figures = figures_of("failover", "--kills=1", "--lease=1")
    assert figures["kills"] == 1
    assert figures["unfinished"] == 0
    assert 0 < figures["failover_max_s"] < 30
