from decimal import Decimal

import pytest

from benchmarks.harness.books import Billed, Ended, Line, unended, unequal

PRICE = Decimal("0.04")


def line(
    state: str = "SETTLED",
    *,
    provider: str = "replicate",
    amount: Decimal = PRICE,
    external_id: str | None = "a",
) -> Line:
    return Line(
        id="1", provider=provider, model="m", state=state, amount=amount, external_id=external_id
    )


def entry(name: str = "a", provider: str = "replicate") -> Billed:
    return Billed(provider, name, "m", PRICE)


def test_what_agrees_is_not_reported() -> None:
    lines = [line(), line("RELEASED", amount=Decimal(0), external_id=None)]
    assert not list(unequal(lines, [entry()]))


def test_a_held_line_stands_for_an_entry_that_cannot_be_asked_about() -> None:
    lines = [line("UNKNOWN", provider="openai", external_id=None)]
    assert not list(unequal(lines, [entry("b", "openai")]))
    assert not list(unequal(lines, []))


@pytest.mark.parametrize(
    ("lines", "bill", "said"),
    [
        ([line("RESERVED", amount=Decimal(0))], [], "nobody knows"),
        ([line()], [], "never billed"),
        ([line()], [entry(), entry()], "billed 2 times"),
        ([line(amount=Decimal("0.03"))], [entry()], "another amount"),
        ([line("RELEASED", amount=Decimal(0))], [entry()], "and released"),
        ([line("UNKNOWN")], [entry()], "billed and held"),
        ([line()], [entry(), entry("b")], "not in the ledger"),
        (
            [line("UNKNOWN", provider="openai", external_id=None)],
            [entry("b", "openai"), entry("c", "openai")],
            "2 billed entries for 1 held",
        ),
        ([line(), line(external_id="b")], [entry()], "replicate: settled 0.08, billed 0.04"),
    ],
)
def test_what_does_not_fit_is_named(lines: list[Line], bill: list[Billed], said: str) -> None:
    assert any(said in problem for problem in unequal(lines, bill))


def test_a_run_has_to_end_with_a_reason() -> None:
    runs = [
        Ended("1", "COMPLETED", None, None),
        Ended("2", "FAILED", "BAD_OUTPUT", "no image"),
        Ended("3", "FAILED", None, None),
        Ended("4", "PROCESSING", None, None),
        Ended("5", "CANCELLED", None, None),
    ]
    problems = list(unended(runs, frozenset("5")))
    assert [problem.split()[1] for problem in problems] == ["3", "4"]
