"""Word of a wait for one's turn at a provider, from where it is waited to who watches."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from pipeline.catalogue import openai, replicate

Tell = Callable[[str], None]

_NAMES: Final = {replicate.PROVIDER: "Replicate", openai.PROVIDER: "OpenAI"}

_telling: ContextVar[Tell | None] = ContextVar("_telling", default=None)


@contextmanager
def telling(tell: Tell) -> Generator[None]:
    """Have `tell` hear of what the body waits for, in words for people."""
    token = _telling.set(tell)
    try:
        yield
    finally:
        _telling.reset(token)


def waits(provider: str, seconds: float | None) -> None:
    """Say that a turn at the provider is waited for, and how long where that is known."""
    known = "" if seconds is None else f", {_about(seconds)}"
    _say(f"Waiting for a place at {_name(provider)}{known}")


def rests(provider: str, seconds: float) -> None:
    """Say that the provider is left alone for so long, and asked again after that."""
    _say(f"{_name(provider)} failed too often lately: it is asked again in {_about(seconds)}")


def looks(provider: str, seconds: float) -> None:
    """Say that the answer to a call was lost, and for about how long it is looked for."""
    _say(f"Looking whether {_name(provider)} took the call, for {_about(seconds)}")


def found(provider: str) -> None:
    """Say that what was looked for is there."""
    _say(f"{_name(provider)} took the call")


def goes_on(provider: str) -> None:
    """Say that the wait is over."""
    _say(f"{_name(provider)} is asked")


def _say(words: str) -> None:
    if tell := _telling.get():
        tell(words)


def _name(provider: str) -> str:
    vendor = provider.partition(" ")[0].partition("/")[0]
    return _NAMES.get(vendor, vendor)


def _about(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / 60)} min"
