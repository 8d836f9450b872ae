"""What graphql-core says of a variable's value, in words that are not Python's."""

import json
import re
from ast import literal_eval
from typing import Final

_NULL: Final = re.compile(r"Expected value of non-null type ('[^']*') not to be None\.")
_GIVEN: Final = re.compile(
    r"^(?P<said>Variable .* (?:value|found)): "
    r"(?P<given>[\[{'\"<(].*?|True|False|None)(?P<end>\.?)$",
    re.DOTALL,
)


def plainly(message: str) -> str:
    """Return the message with null for None, and what was given as JSON or not at all."""
    return _GIVEN.sub(_as_json, _NULL.sub(r"Expected a value of type \1, not null.", message))


def _as_json(found: re.Match[str]) -> str:
    said, given, end = found["said"], found["given"], found["end"]
    try:
        shown = json.dumps(literal_eval(given), ensure_ascii=False)
    # What is long was cut, and a file is no literal.
    except (ValueError, SyntaxError, TypeError, RecursionError):
        return said.removesuffix(", found") + end
    return f"{said}: {shown}{end}"
