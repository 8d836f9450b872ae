from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from resolvers.plain_words import plainly

Ask = Callable[..., Awaitable[ExecutionResult]]

SUBMIT = """
mutation ($input: GenerateFromPromptInput!) { generateFromPrompt(input: $input) { __typename } }
"""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "Expected a value of type 'GenerateFromPromptInput!', not null."),
        ({"prompt": None}, "at .prompt: Expected a value of type 'String!', not null."),
        ({"prompt": {"unknown": 1}}, 'String cannot represent a non string value: {"unknown": 1}'),
        ({"prompt": [None, True]}, "String cannot represent a non string value: [null, true]"),
        ({"prompt": "a", "x": 1}, """unknown field 'x', found: {"prompt": "a", "x": 1}."""),
        ({"prompt": "a", "x": list(range(99))}, "not to include unknown field 'x'."),
        ({"prompt": "a", "settings": {"enhance": "yes"}}, 'a non boolean value: "yes"'),
        ({"prompt": "a", "settings": {"count": 1.5}}, "represent non-integer value: 1.5"),
        ({"prompt": "a", "settings": {"maxCost": {"a": 1}}}, "a string of at most six places."),
    ],
)
async def test_what_is_of_another_type_is_told_without_python(
    ask_shut: Ask, given: Any, told: str
) -> None:
    result = await ask_shut(SUBMIT, input=given)

    assert result.errors is not None
    assert result.errors[0].message.startswith("Variable '$input' has invalid value")
    assert result.errors[0].message.endswith(told)
    assert (result.errors[0].extensions or {})["code"] == "BAD_QUERY"


def test_what_is_written_in_the_operation_stays_as_it_is() -> None:
    said = "ID cannot represent a non-string and non-integer value: { unknown: 1 }"
    assert plainly(said) == said
