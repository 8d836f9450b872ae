"""How many may follow the log in one process, of one user and of all."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from pipeline.domain import UserId
from pipeline.errors import StreamRefused

TOO_MANY = "TOO_MANY_SUBSCRIPTIONS"


class Seats:
    """At most `each` for a user and `total` for all."""

    def __init__(self, *, each: int = 100, total: int = 10_000) -> None:
        self._each = each
        self._total = total
        self._taken = Counter[UserId]()
        self.taken = 0

    @contextmanager
    def one(self, user: UserId) -> Generator[None]:
        """Take a seat while the body runs; raise `StreamRefused` where none is free."""
        if self._taken[user] >= self._each:
            raise StreamRefused(TOO_MANY, f"At most {self._each} subscriptions at a time.")
        if self.taken >= self._total:
            raise StreamRefused(
                TOO_MANY, "This server has as many subscriptions as it takes; try again later."
            )
        self._taken[user] += 1
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._taken[user] -= 1
            if not self._taken[user]:
                del self._taken[user]
