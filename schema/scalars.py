"""How values that GraphQL has no word for travel."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from schema.cursors import Cursor

_AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
_MICRODOLLAR = Decimal("0.000001")


@runtime_checkable
class UploadedFile(Protocol):
    """A file of a multipart request."""

    async def read(self, size: int = -1) -> bytes: ...


def written_time(value: datetime) -> str:
    """Return `value` in UTC as RFC 3339, ending in Z."""
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    return moment.isoformat().removesuffix("+00:00") + "Z"


def read_time(value: object) -> datetime:
    """Return the moment; a time without a zone is in UTC."""
    try:
        moment = datetime.fromisoformat(_string(value, "DateTime"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError('A DateTime is like "2026-05-01T09:30:00Z".') from None


def written_amount(value: Decimal) -> str:
    """Return dollars with as many of the six places as say something."""
    return f"{value.quantize(_MICRODOLLAR).normalize():f}"


def read_amount(value: object) -> Decimal:
    """Return the dollars; a number is refused, for it may have been rounded on the way."""
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        wanted = 'a decimal number such as "0.048", a string of at most six places'
        raise GraphQLError(f"An amount is {wanted}.")
    return Decimal(value)


def read_cursor(value: object) -> Cursor:
    return Cursor(_string(value, "Cursor"))


def read_upload(value: object) -> UploadedFile:
    if not isinstance(value, UploadedFile):
        raise GraphQLError("Upload must be sent as a file of a multipart request.")
    return value


def _string(value: object, scalar: str) -> str:
    if not isinstance(value, str):
        raise GraphQLError(f"{scalar} must be a string.")
    return value


def _json(value: object) -> object:
    return value


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment as RFC 3339 in UTC, such as `2026-05-01T09:30:00.125Z`. "
        "Where a given time has no zone, it is taken as UTC.",
        serialize=written_time,
        parse_value=read_time,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='US dollars, written as a decimal string of up to six places, like `"0.048"`. '
        "It is never a float, neither in answers nor in requests.",
        serialize=written_amount,
        parse_value=read_amount,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value: object, list, string, number, boolean or null.",
        serialize=_json,
        parse_value=_json,
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description="A place in the event stream of the workspace. Opaque: keep it as it is and "
        "hand it back. The same kind of cursor fits each stream of events.",
        serialize=str,
        parse_value=read_cursor,
    ),
    UploadedFile: strawberry.scalar(
        name="Upload",
        description="A file, sent as a part of a multipart request (graphql-multipart-request); "
        "the request needs the header `GraphQL-Require-Preflight`.",
        parse_value=read_upload,
    ),
}
