"""What may be given: each check returns the value or raises `InvalidInput` that names the field."""

from decimal import Decimal

from pipeline.errors import InvalidInput
from pipeline.records.json_values import Json, JsonObject, checked_json
from schema.spelling import storable

PROMPT = 4000
NEGATIVE_PROMPT = 2000
SEARCH = 200
COMMENT = 4000
KEY = 200
DAYS = 366
OBJECT_BYTES = 16 * 1024
OBJECT_LEVELS = 32


def text(given: str, field: str, most: int) -> str:
    """Return what was given, untouched; it must say something in at most `most` characters."""
    length = len(given.strip())
    if not length:
        raise InvalidInput(f"{field} must not be blank.", field=field)
    if length > most or len(given) > 2 * most:
        raise InvalidInput(f"{field} has {length} characters; {most} are allowed.", field=field)
    written(given, field)
    return given


def optional_text(given: str | None, field: str, most: int) -> str | None:
    return None if given is None else text(given, field, most)


def within(given: int, field: str, least: int, most: int) -> int:
    if not least <= given <= most:
        raise InvalidInput(f"{field} must be from {least} to {most}, not {given}.", field=field)
    return given


def share(given: float, field: str) -> float:
    if not 0 <= given <= 1:
        raise InvalidInput(f"{field} must be from 0 to 1, not {given:g}.", field=field)
    return given


def amount(given: Decimal, field: str) -> Decimal:
    if given <= 0:
        raise InvalidInput(f"{field} must be more than 0 dollars.", field=field)
    return given


def json_object(given: object, field: str) -> JsonObject:
    """Return a JSON object of at most 16 KB; a null is an empty one."""
    if given is None:
        return {}
    value = written(
        checked_json(given, field, most_bytes=OBJECT_BYTES, most_levels=OBJECT_LEVELS), field
    )
    if not isinstance(value, dict):
        raise InvalidInput(f"{field} must be a JSON object.", field=field)
    return value


def written(given: Json, field: str) -> Json:
    """Return what was given; its texts must be such that they can be stored."""
    if not storable(given):
        raise InvalidInput(f"{field} holds characters that no text has.", field=field)
    return given
