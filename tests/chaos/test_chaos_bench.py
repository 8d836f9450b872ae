"""The short form of ./dev bench chaos: processes and servers fall, and nobody misses an event."""

from tests.benching import bench

SHORT = (
    "--runs=30",
    "--clients=12",
    "--faults=10",
    "--slots=2",
    "--stage=0.6",
    "--span=8",
    "--seconds=150",
    "--seed=2",
)


def test_nothing_is_lost_or_done_twice() -> None:
    figures = bench("chaos", *SHORT)

    assert figures["runs"] == 30
    assert figures["postgres_restarts"] == figures["redis_restarts"] == 1
    assert figures["workers_killed"] > 0
    assert figures["workers_stopped"] > 0
    # By a client of its run, and by one of all runs.
    assert figures["told"] == 2 * figures["events"]
    assert figures["connections"] > 2 * 12
