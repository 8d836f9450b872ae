"""What the log says while PostgreSQL is away."""

import logging

import pytest

from server.outages import Outages
from storage.blips import BACK, OUT_OF_REACH, outlasting

POOL = "Failed to restore the pool connection floor; retrying in %.2fs"


class Log:
    """What passes the filter, of entries at given seconds."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._filter = Outages()

    def say(self, seconds: float, message: str, *given: object) -> None:
        record = logging.LogRecord("any", logging.WARNING, "", 1, message, given, None)
        record.created = seconds
        if self._filter(record):
            self.told.append(record.getMessage())


def test_an_outage_is_told_once_and_its_end_with_how_long_it_was() -> None:
    log = Log()
    log.say(99, BACK)
    for tenth in range(200):
        log.say(100 + tenth / 10, f"{OUT_OF_REACH}, trying again: %r", tenth)
        log.say(100 + tenth / 10, POOL, 0.5)
    log.say(120, "something else")
    log.say(120.5, BACK)
    log.say(120.5, BACK)
    log.say(121, f"{OUT_OF_REACH}, trying again: %r", "a straggler")
    assert log.told == [
        f"{OUT_OF_REACH}, trying again: 0",
        "something else",
        f"{BACK} after 20.5 s",
    ]


async def test_who_waits_for_it_says_so_in_words_that_are_known(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "storage.blips")
    tries = iter((ConnectionResetError("gone"), None))

    async def work() -> str:
        if error := next(tries):
            raise error
        return "done"

    assert await outlasting(work) == "done"
    lost, back = caplog.messages
    assert lost.startswith(OUT_OF_REACH)
    assert back == BACK


def test_the_next_outage_is_told_again() -> None:
    log = Log()
    for began in (100, 200):
        log.say(began, f"{OUT_OF_REACH}: %r", "gone")
        log.say(began + 5, BACK)
    assert log.told == [f"{OUT_OF_REACH}: 'gone'", f"{BACK} after 5.0 s"] * 2


def test_an_outage_whose_end_nobody_told_hides_no_later_one() -> None:
    log = Log()
    log.say(100, POOL, 0.5)
    log.say(131, POOL, 0.5)
    assert len(log.told) == 2
