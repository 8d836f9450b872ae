"""JSON as a type, and reading it without trust."""

from typing import TypeAlias, cast

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = "dict[str, Json]"


def as_object(value: object) -> JsonObject:
    """Return an object as it is, and an empty one for anything else."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Json]:
    """Return a list as it is, and an empty one for anything else."""
    return cast("list[Json]", value) if isinstance(value, list) else []


def as_text(value: object) -> str:
    """Return a text as it is, and an empty one for anything else."""
    return value if isinstance(value, str) else ""


def as_whole(value: object, otherwise: int) -> int:
    """Return a whole number as it is; `otherwise` for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
