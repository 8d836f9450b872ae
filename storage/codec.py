"""Domain values to JSON columns and back."""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


# To build an adapter takes as long as to use it some hundreds of times.
@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def encode(value: object) -> Any:
    """Return `value` as JSON types; decimals and times become strings."""
    kind: Any = type(value)
    return _adapter(kind).dump_python(value, mode="json")


def decode(kind: type[T], stored: Any) -> T:
    """Return the `kind` that `encode` made `stored` from."""
    wanted: Any = kind
    value: T = _adapter(wanted).validate_python(stored)
    return value


def decode_json(kind: type[T], stored: str) -> T:
    """Return likewise what was stored, from its JSON text, which is quicker."""
    wanted: Any = kind
    value: T = _adapter(wanted).validate_json(stored)
    return value
