"""Time that work may take: it does not pass while the work waits for its turn at a provider."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from math import isinf
from types import TracebackType
from typing import NoReturn, Self

from pipeline.errors import DeadlineExceeded


class Allowance:
    """So many seconds for the body; raises `DeadlineExceeded` in its place once they are over.

    `left` are the seconds that remain, before, within and after the body.
    """

    def __init__(self, seconds: float, what: str) -> None:
        self._allowed = self._left = seconds
        self._what = what
        self._since: float | None = None
        self._waiting = 0
        self._timeout = asyncio.timeout(None)

    @property
    def left(self) -> float:
        passed = 0.0 if self._since is None else asyncio.get_running_loop().time() - self._since
        return self._left - passed

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._token = _counting.set((*_counting.get(), self))
        self._start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _counting.reset(self._token)
        self._stop()
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as over:
            message = f"{self._what} took longer than {self._allowed:g} seconds"
            raise DeadlineExceeded(message) from over

    def hold(self) -> None:
        """Let no time pass until `go_on` was called as often."""
        self._waiting += 1
        self._stop()

    def go_on(self) -> None:
        """Let time pass again."""
        self._waiting -= 1
        if not self._waiting:
            self._start()

    def _start(self) -> None:
        # A timeout that is over can't be set anew.
        if self._since is None and not self._timeout.expired():
            now = self._since = asyncio.get_running_loop().time()
            self._timeout.reschedule(None if isinf(self._left) else now + self._left)

    def _stop(self) -> None:
        if self._since is not None and not self._timeout.expired():
            self._left, self._since = self.left, None
            self._timeout.reschedule(None)


async def given_up(over: DeadlineExceeded) -> NoReturn:
    """Raise it: nothing is made of what there is."""
    raise over


_counting: ContextVar[tuple[Allowance, ...]] = ContextVar("_counting", default=())


@contextmanager
def waiting_in_turn() -> Generator[None]:
    """While the body runs, no time passes for the work that it is part of."""
    held = _counting.get()
    for one in held:
        one.hold()
    try:
        yield
    finally:
        for one in held:
            one.go_on()
