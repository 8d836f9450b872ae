from datetime import UTC, datetime

import pytest

from pipeline.said_waits import in_header, in_words

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("4", 4.0),
        (" 2.5 ", 2.5),
        ("0", 0.0),
        ("99999999999", 86_400.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 13:00:30 +0100", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("inf", None),
        ("nan", None),
        ("", None),
        ("\xb2", None),
        ("soon", None),
        ("Mon, 99 Nov 2026 12:00:30 GMT", None),
    ],
)
def test_a_header_says_seconds_or_a_date_or_nothing(header: str, seconds: float | None) -> None:
    assert in_header(header, NOON) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Request was throttled. Your rate limit resets in ~30s.", 30.0),
        ("Rate limit reached. Please try again in 20s. Visit …", 20.0),
        ("Please try again in 250ms.", 0.25),
        ("Please try again in 6m0s.", 360.0),
        ("Please try again in 1h2m3.5s.", 3723.5),
        ("Please try again in 1.2.3s.", None),
        ("Please try again in a while", None),
        ("", None),
    ],
)
def test_words_say_a_span_or_nothing(text: str, seconds: float | None) -> None:
    assert in_words(text) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999",
        "Mon, 99 Jan 2026 00:00:00 GMT",
        "1e999",
        "inf",
        "-inf",
        "nan",
        "-1",
        "9" * 5000,
        "",
    ],
)
def test_what_makes_no_sense_is_no_wait_and_no_error(value: str) -> None:
    assert in_header(value) is None


@pytest.mark.parametrize("value", ["1e300", "86401", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_provider_is_taken_at_its_word_for_a_day_at_most(value: str) -> None:
    assert in_header(value) == 86_400
    assert in_words("try again in 999999999h") == 86_400


def test_milliseconds_are_a_thousandth_of_a_second_each() -> None:
    assert in_header("120000", unit=0.001) == 120
