"""Running to the end that a signal asks for, whatever was under way."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Never, TypeVar

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

T = TypeVar("T")

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ending_on_signals() -> Generator[None]:
    """Leave the body on SIGINT and SIGTERM as if it had ended, its clean-up included."""

    def leave(*_: object) -> Never:
        raise SystemExit(0)

    with _handling(dict.fromkeys(SIGNALS, leave)):
        yield


@contextmanager
def interrupted_by_signals() -> Generator[None]:
    """Take SIGTERM for a Ctrl-C: `run` cancels its work, and then there is a KeyboardInterrupt."""

    def interrupt(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    with _handling({signal.SIGINT: signal.default_int_handler, signal.SIGTERM: interrupt}):
        yield


@contextmanager
def told_to_end() -> Generator[asyncio.Event]:
    """Give what the first signal sets; a second one cancels the task, a third kills the process."""
    loop, task, told = asyncio.get_running_loop(), asyncio.current_task(), asyncio.Event()

    def tell() -> None:
        if not told.is_set():
            told.set()
            return
        if task is not None:
            task.cancel()
        for one in SIGNALS:
            loop.remove_signal_handler(one)
            signal.signal(one, signal.SIG_DFL)

    for one in SIGNALS:
        loop.add_signal_handler(one, tell)
    try:
        yield told
    finally:
        for one in SIGNALS:
            loop.remove_signal_handler(one)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on uvloop where there is one."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


@contextmanager
def _handling(handlers: Mapping[signal.Signals, Callable[..., object]]) -> Generator[None]:
    before = {one: signal.signal(one, handler) for one, handler in handlers.items()}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
