from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from schema.scalars import read_amount, read_time, read_upload, written_amount, written_time


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.048", "0.048"),
        ("0.0480000", "0.048"),
        ("0", "0"),
        ("-0.000001", "-0.000001"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("12.5000004", "12.5"),
    ],
)
def test_an_amount_is_written_without_idle_zeros(amount: str, text: str) -> None:
    assert written_amount(Decimal(amount)) == text


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_an_amount_comes_back_as_it_went(amount: Decimal) -> None:
    assert read_amount(written_amount(amount)) == amount


@pytest.mark.parametrize(
    "given",
    [0.048, 1, True, None, "", "1.", ".5", "1e3", "0.0000001", "NaN", "1,5", " 1", "\u0661", "1\n"],
)
def test_what_is_no_amount_is_refused(given: object) -> None:
    with pytest.raises(GraphQLError):
        read_amount(given)


def test_a_time_is_written_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert written_time(datetime(2026, 5, 1, 18, 30, tzinfo=tokyo)) == "2026-05-01T09:30:00Z"


@pytest.mark.parametrize(
    "text", ["2026-05-01T09:30:00Z", "2026-05-01T18:30:00+09:00", "2026-05-01T09:30:00"]
)
def test_a_time_is_read_with_or_without_its_zone(text: str) -> None:
    assert read_time(text) == datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("given", ["yesterday", "", 1777627800, None, "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_refused(given: object) -> None:
    with pytest.raises(GraphQLError):
        read_time(given)


def test_an_upload_is_a_file_not_a_text() -> None:
    with pytest.raises(GraphQLError, match="multipart"):
        read_upload("photo.jpg")
