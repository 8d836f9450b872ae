"""Cursors: a row's place in a page order, and a place in a workspace's event stream."""

from datetime import UTC, datetime, timedelta
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is an exception class
from typing import NewType
from uuid import UUID

from pipeline.domain import WorkspaceId
from pipeline.repositories import Position
from schema.opaque import opened, sealed

Cursor = NewType("Cursor", str)

_PAGE = b"page"
_STREAM = b"stream"
# Microseconds: PostgreSQL's own precision, so that no row falls between two pages.
_PLACE = Struct(">q16s")
_HEAD = Struct(">16sq")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def page_cursor(position: Position) -> str:
    micros = (position.at - _EPOCH) // _MICROSECOND
    return sealed(_PAGE, _PLACE.pack(micros, position.id.bytes))


def page_position(cursor: str) -> Position | None:
    """Return the row's place, or None where `cursor` is garbled."""
    payload = opened(_PAGE, cursor)
    if payload is None:
        return None
    try:
        micros, key = _PLACE.unpack(payload)
        return Position(_EPOCH + micros * _MICROSECOND, UUID(bytes=key))
    except (StructError, OverflowError):
        return None


def stream_cursor(workspace: WorkspaceId, seq: int) -> Cursor:
    return Cursor(sealed(_STREAM, _HEAD.pack(workspace.bytes, seq)))


def stream_position(workspace: WorkspaceId, cursor: str) -> int | None:
    """Return the workspace_seq, or None where `cursor` is garbled or of another workspace."""
    payload = opened(_STREAM, cursor)
    if payload is None:
        return None
    try:
        owner, seq = _HEAD.unpack(payload)
    except StructError:
        return None
    return seq if owner == workspace.bytes else None
