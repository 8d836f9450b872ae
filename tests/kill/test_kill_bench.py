"""The short form of ./dev bench kill: workers die amid faults, and the money is right."""

from tests.benching import bench

SHORT = (
    "--runs=24",
    "--cancels=3",
    "--kills=3",
    "--scale=0.05",
    "--share=0.03",
    "--seconds=240",
    "--seed=77",
)


def test_killed_workers_spend_nothing_twice() -> None:
    figures = bench("kill", *SHORT)

    assert figures["runs"] == 27
    assert figures["kills"] > 0
    assert figures["billed_entries"] > 0
