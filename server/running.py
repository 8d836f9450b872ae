"""Running to the end that a signal asks for, whatever was under way."""

import asyncio
import signal
import sys
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any, Final, Never, TypeVar

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

T = TypeVar("T")

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ending_on_signals(status: int = 0) -> Generator[None]:
    """Leave the program on SIGINT and SIGTERM with `status`, the body's clean-up included."""

    def leave(*_: object) -> Never:
        raise SystemExit(status)

    before = {one: signal.signal(one, leave) for one in SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on uvloop where there is one."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)
