"""JSON as a type, and the checks that make a foreign value one."""

import json
from typing import Any, TypeAlias, cast

from pipeline.errors import InvalidInput

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = "dict[str, Json]"


def checked_json(given: Any, field: str, *, most_bytes: int, most_levels: int) -> Json:
    """Return `given` as JSON; raise `InvalidInput` where it is none, too large or too deep."""
    _check_levels(given, field, most_levels)
    try:
        size = len(json.dumps(given, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{field} is no JSON.", field=field) from error
    if size > most_bytes:
        message = f"{field} has {size} bytes; at most {most_bytes} are read."
        raise InvalidInput(message, field=field)
    return cast("Json", given)


def _check_levels(given: Any, field: str, most: int) -> None:
    """Walk level by level, so that no depth can exhaust the stack."""
    level: list[object] = [given]
    for _ in range(most + 1):
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                pairs = cast("dict[object, object]", value)
                if not all(isinstance(key, str) for key in pairs):
                    raise InvalidInput(f"{field} is no JSON.", field=field)
                inner.extend(pairs.values())
            elif isinstance(value, list):
                inner.extend(cast("list[object]", value))
        if not inner:
            return
        level = inner
    raise InvalidInput(f"{field} is nested deeper than {most} levels.", field=field)
