from collections.abc import Callable

import pytest

from pipeline.errors import InvalidInput
from schema import rules


def test_text_stays_as_it_was_given() -> None:
    assert rules.text("  a gown\n", "prompt", 6) == "  a gown\n"


@pytest.mark.parametrize(
    "given", ["", " \n\t ", "1234567", "a" + " " * 20, "a\0b", "a\ud800b"], ids=repr
)
def test_text_that_breaks_a_rule_names_its_field(given: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        rules.text(given, "prompt", 6)
    assert refusal.value.field == "prompt"


def deep(levels: int) -> object:
    value: object = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "make",
    [
        list,
        lambda: "text",
        lambda: 3,
        lambda: {"a": "x" * (16 * 1024)},
        lambda: {"a": ["\0"]},
        lambda: {"\ud800": 1},
        lambda: {"a": float("nan")},
        lambda: deep(5000),
    ],
)
def test_what_is_no_small_object_names_its_field(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        rules.json_object(make(), "metadata")
    assert refusal.value.field == "metadata"


def test_an_object_is_kept_and_a_null_is_an_empty_one() -> None:
    assert rules.json_object({"a": [1, "é", None]}, "metadata") == {"a": [1, "é", None]}
    assert rules.json_object(None, "metadata") == {}
