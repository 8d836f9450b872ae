from dataclasses import replace

import pytest

from benchmarks.harness.histories import (
    History,
    Logged,
    Seen,
    afterlives,
    gaps,
    misheard,
    twice,
)


def event(place: int, seq: int, kind: str = "StageProgress", *, run: str = "a") -> Logged:
    return Logged(workspace="w", place=place, run=run, seq=seq, kind=kind)


def status(place: int, seq: int, status: str, *, attempt: int = 1) -> Logged:
    return replace(event(place, seq, "StatusChanged"), status=status, attempt=attempt)


def stage(place: int, seq: int, status: str, *, name: str = "ROUTING", attempt: int = 1) -> Logged:
    return replace(event(place, seq, "StageChanged"), stage=name, status=status, attempt=attempt)


GOOD = [
    status(1, 1, "PENDING"),
    event(2, 1, "StatusChanged", run="b"),
    stage(3, 2, "RUNNING"),
    # Taken over, it runs again.
    stage(4, 3, "RUNNING"),
    stage(5, 4, "COMPLETED"),
    status(6, 5, "COMPLETED"),
    status(7, 6, "PENDING", attempt=2),
    stage(8, 7, "RUNNING", attempt=2),
    stage(9, 8, "SKIPPED", attempt=2),
    status(10, 9, "FAILED", attempt=2),
    event(11, 10, "GenerationDeleted"),
]
OF_A = [Seen("a", one.seq, one.place) for one in GOOD if one.run == "a"]
OF_ALL = [Seen(one.run, one.seq, one.place) for one in GOOD]


def heard(seen: list[Seen], run: str | None = "a") -> list[str]:
    return list(misheard(History("client 1", "w", run, seen), GOOD))


def test_a_sound_history_is_not_reported() -> None:
    assert not [*gaps(GOOD), *twice(GOOD), *afterlives(GOOD)]
    assert not heard(OF_A)
    assert not heard(OF_ALL, run=None)


@pytest.mark.parametrize(
    "log",
    [
        [event(1, 1), event(3, 2)],
        [event(1, 1), event(2, 3)],
        [event(2, 1)],
        [event(1, 1), event(2, 1)],
        [event(1, 2), event(2, 1)],
    ],
)
def test_a_log_that_does_not_count_is_reported(log: list[Logged]) -> None:
    assert any("the log of" in problem for problem in gaps(log))


@pytest.mark.parametrize("again", ["RUNNING", "COMPLETED", "FAILED"])
def test_a_stage_that_goes_on_after_its_end_is_reported(again: str) -> None:
    log = [stage(1, 1, "RUNNING"), stage(2, 2, "COMPLETED"), stage(3, 3, again)]
    assert list(twice(log)) == [f"ROUTING of a is {again} after its end"]


@pytest.mark.parametrize(
    "after",
    [
        event(2, 2),
        stage(2, 2, "COMPLETED"),
        status(2, 2, "PROCESSING"),
        status(2, 2, "COMPLETED"),
        status(2, 2, "PENDING", attempt=1),
    ],
)
def test_what_happens_after_the_end_is_reported(after: Logged) -> None:
    assert list(afterlives([status(1, 1, "COMPLETED"), after])) == [
        f"{after.kind} of a after its end"
    ]


@pytest.mark.parametrize("run", ["a", None])
def test_a_loss_is_reported(run: str | None) -> None:
    whole = OF_A if run else OF_ALL
    for missing in range(len(whole)):
        problems = heard([*whole[:missing], *whole[missing + 1 :]], run)
        assert f"lost {whole[missing]}" in problems[0]
        assert "1 lost" in problems[-1]


def test_a_repetition_is_reported() -> None:
    assert "was told 2 times" in heard([*OF_A[:3], OF_A[2], *OF_A[3:]])[0]


def test_a_disorder_is_reported() -> None:
    assert "after Seen" in heard([OF_A[1], OF_A[0], *OF_A[2:]])[0]


@pytest.mark.parametrize("stranger", [Seen("b", 1, 2), Seen("a", 2, 2), Seen("a", 12, 12)])
def test_an_event_of_another_number_or_run_is_reported(stranger: Seen) -> None:
    assert "is no event of the log" in heard([*OF_A, stranger])[0]
