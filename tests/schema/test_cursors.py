from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import WorkspaceId
from pipeline.repositories import Position
from schema.cursors import page_cursor, page_position, stream_cursor, stream_position
from schema.opaque import sealed

times = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1))  # noqa: DTZ001


@given(times, st.uuids())
def test_a_page_cursor_keeps_its_microsecond(at: datetime, key: UUID) -> None:
    position = Position(at.replace(tzinfo=UTC), key)
    assert page_position(page_cursor(position)) == position


def test_a_page_cursor_is_the_same_in_every_zone() -> None:
    key, noon = uuid4(), datetime(2026, 5, 1, 12, tzinfo=UTC)
    tokyo = noon.astimezone(timezone(timedelta(hours=9)))
    assert page_cursor(Position(noon, key)) == page_cursor(Position(tokyo, key))


@given(st.uuids(), st.integers(0, 2**63 - 1))
def test_a_stream_cursor_is_read_in_its_workspace_only(owner: UUID, seq: int) -> None:
    cursor = stream_cursor(WorkspaceId(owner), seq)
    assert stream_position(WorkspaceId(owner), cursor) == seq
    assert stream_position(WorkspaceId(uuid4()), cursor) is None


@given(st.text())
def test_text_is_no_cursor(text: str) -> None:
    assert page_position(text) is None
    assert stream_position(WorkspaceId(uuid4()), text) is None


@given(st.uuids(), st.integers(0, 2**40), st.integers(0, 37), st.sampled_from("AZaz09-_"))
def test_one_changed_letter_is_noticed(owner: UUID, seq: int, place: int, letter: str) -> None:
    workspace = WorkspaceId(owner)
    cursor = stream_cursor(workspace, seq)
    garbled = cursor[:place] + letter + cursor[place + 1 :]
    assert stream_position(workspace, garbled) == (seq if garbled == cursor else None)


def test_a_cursor_of_one_kind_is_none_of_the_other() -> None:
    workspace = WorkspaceId(uuid4())
    assert page_position(stream_cursor(workspace, 7)) is None
    page = page_cursor(Position(datetime(2026, 5, 1, tzinfo=UTC), uuid4()))
    assert stream_position(workspace, page) is None


@pytest.mark.parametrize("payload", [b"", b"short", bytes(23), bytes(40), b"\x7f" + bytes(23)])
def test_a_forged_cursor_is_none(payload: bytes) -> None:
    assert stream_position(WorkspaceId(uuid4()), sealed(b"stream", payload)) is None
    if payload != bytes(24):
        assert page_position(sealed(b"page", b"\x7f" + payload)) is None
