from datetime import UTC, datetime
from uuid import uuid4

import pytest

from pipeline.errors import InvalidInput
from pipeline.repositories import PageRequest, Position
from schema.connection import Window
from schema.cursors import page_cursor

PLACE = Position(datetime(2026, 5, 1, tzinfo=UTC), uuid4())
CURSOR = page_cursor(PLACE)


def test_without_a_word_it_is_the_first_twenty() -> None:
    assert Window.of(None, None, None, None) == Window(PageRequest(limit=20), empty=False)


def test_a_hundred_is_the_most() -> None:
    assert Window.of(1000, None, None, None).request.limit == 100


def test_last_reads_backward() -> None:
    window = Window.of(None, None, 5, CURSOR)
    assert window.request == PageRequest(limit=5, before=PLACE, backward=True)


def test_nothing_can_be_asked_for() -> None:
    assert Window.of(0, CURSOR, None, None) == Window(PageRequest(limit=1, after=PLACE), empty=True)


@pytest.mark.parametrize(
    ("first", "last", "field"), [(1, 1, "last"), (-1, None, "first"), (None, -1, "last")]
)
def test_a_bad_page_names_the_argument(first: int | None, last: int | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Window.of(first, None, last, None)
    assert (refusal.value.code, refusal.value.field) == ("BAD_PAGE", field)


@pytest.mark.parametrize(("after", "before"), [("garbled", None), (None, "garbled"), ("", None)])
def test_a_garbled_cursor_names_the_argument(after: str | None, before: str | None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Window.of(None, after, None, before)
    assert refusal.value.code == "BAD_CURSOR"
    assert refusal.value.field == ("before" if after is None else "after")
