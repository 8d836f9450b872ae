"""What a model takes: declared once, checked strictly, shown as JSON Schema."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from twin.values import Json, JsonObject


class Kind(StrEnum):
    """What a field holds; PICTURE is an address or a data URI."""

    TEXT = "string"
    WHOLE = "integer"
    NUMBER = "number"
    FLAG = "boolean"
    PICTURE = "uri"
    PICTURES = "array"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field; `least` and `most` bound a number, a text's characters or a list's items."""

    name: str
    kind: Kind
    required: bool = False
    default: Json = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


class Fault(StrEnum):
    """What is wrong with a field."""

    UNKNOWN = "unknown"
    MISSING = "missing"
    TYPE = "type"
    CHOICE = "choice"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A field that can't be taken; `field` is None where the model has none of that name."""

    name: str
    fault: Fault
    value: Json
    field: Field | None = None


def text(name: str, *, required: bool = False, most: int | None = None) -> Field:
    return Field(name=name, kind=Kind.TEXT, required=required, most=most)


def choice(name: str, default: str | None, options: Iterable[str]) -> Field:
    return Field(name=name, kind=Kind.TEXT, default=default, choices=tuple(options))


def whole(
    name: str,
    default: int | None = None,
    least: int | None = None,
    most: int | None = None,
) -> Field:
    return Field(name=name, kind=Kind.WHOLE, default=default, least=least, most=most)


def number(name: str, default: float, least: float, most: float) -> Field:
    return Field(name=name, kind=Kind.NUMBER, default=default, least=least, most=most)


def flag(name: str, *, default: bool = False) -> Field:
    return Field(name=name, kind=Kind.FLAG, default=default)


def picture(name: str) -> Field:
    return Field(name=name, kind=Kind.PICTURE)


def pictures(name: str, most: int) -> Field:
    return Field(name=name, kind=Kind.PICTURES, most=most, default=[])


def complaints(fields: Sequence[Field], given: JsonObject) -> Iterator[Complaint]:
    """Yield everything that is wrong with `given`; null counts as not given."""
    known = {field.name: field for field in fields}
    for name, value in given.items():
        if name not in known:
            yield Complaint(name, Fault.UNKNOWN, value)
        elif value is not None and (fault := _fault(known[name], value)):
            yield Complaint(name, fault, value, known[name])
    for field in fields:
        if field.required and given.get(field.name) is None:
            yield Complaint(field.name, Fault.MISSING, None, field)


def completed(fields: Sequence[Field], given: JsonObject) -> JsonObject:
    """Return `given` with the defaults of what it lacks."""
    said: JsonObject = {name: value for name, value in given.items() if value is not None}
    defaults: JsonObject = {one.name: one.default for one in fields if one.default is not None}
    return defaults | said


def schema_of(field: Field, order: int) -> JsonObject:
    """Return the field as Replicate's OpenAPI describes it."""
    if field.choices:
        options: list[Json] = list(field.choices)
        shape: JsonObject = {"allOf": [{"enum": options, "type": "string", "title": field.name}]}
    elif field.kind is Kind.PICTURES:
        shape = {"type": "array", "items": {"type": "string", "format": "uri"}}
    elif field.kind is Kind.PICTURE:
        shape = {"type": "string", "format": "uri"}
    else:
        shape = {"type": field.kind.value}
    shape |= {"title": field.name.replace("_", " ").title(), "x-order": order}
    if field.default is not None:
        shape["default"] = field.default
    return shape | _bounds(field)


def _bounds(field: Field) -> JsonObject:
    names = {
        Kind.TEXT: ("minLength", "maxLength"),
        Kind.PICTURES: ("minItems", "maxItems"),
    }.get(field.kind, ("minimum", "maximum"))
    bounds: JsonObject = dict(zip(names, (field.least, field.most), strict=True))
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _fault(field: Field, value: Json) -> Fault | None:
    if not _typed(field.kind, value):
        return Fault.TYPE
    if field.choices and value not in field.choices:
        return Fault.CHOICE
    amount = len(value) if isinstance(value, str | list) else value
    if isinstance(amount, int | float) and not isinstance(amount, bool):
        low, high = field.least, field.most
        if (low is not None and amount < low) or (high is not None and amount > high):
            return Fault.RANGE
    return None


def _typed(kind: Kind, value: Json) -> bool:
    if kind in {Kind.WHOLE, Kind.NUMBER}:
        types = int if kind is Kind.WHOLE else int | float
        return isinstance(value, types) and not isinstance(value, bool)
    if kind is Kind.PICTURES:
        return isinstance(value, list) and all(_is_uri(one) for one in value)
    if kind is Kind.PICTURE:
        return _is_uri(value)
    return isinstance(value, bool if kind is Kind.FLAG else str)


def _is_uri(value: Json) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://", "data:"))
