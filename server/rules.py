"""What the text of a setting may be: each rule returns its value or raises ValueError in words."""

import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit

E = TypeVar("E", bound=StrEnum)

_TLS_OPTIONS: Final = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})


def text(value: str) -> str:
    return value


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isdecimal() or not least <= int(value) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return parse


def amount(value: str) -> Decimal:
    try:
        found = Decimal(value)
    except ArithmeticError:
        found = Decimal(-1)
    if not (found.is_finite() and found >= 0):
        raise ValueError("an amount of US dollars, such as 0.015")
    return found


def one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.upper() not in words:
            raise ValueError("one of " + ", ".join(words))
        return value.upper()

    return parse


def member(kind: type[E]) -> Callable[[str], E]:
    """Accept a value of the enumeration, whatever its case."""

    def parse(value: str) -> E:
        try:
            return kind(value.lower())
        except ValueError:
            raise ValueError("one of " + ", ".join(kind)) from None

    return parse


def seconds_of(kind: type[E]) -> Callable[[str], Mapping[E, int]]:
    """Accept seconds for members of the enumeration, as "ONE=5, OTHER=10"."""
    wrong = ValueError("seconds for names, as NAME=60, OTHER=90; the names: " + ", ".join(kind))
    seconds = whole(1, 86_400)

    def parse(value: str) -> Mapping[E, int]:
        try:
            pairs = [part.split("=") for part in value.split(",") if part.strip()]
            return {kind(name.strip().upper()): seconds(number.strip()) for name, number in pairs}
        except ValueError:
            raise wrong from None

    return parse


def one_of_names(*names: str) -> Callable[[str], str]:
    """Accept one of the names as they are spelt."""

    def parse(value: str) -> str:
        if value not in names:
            raise ValueError("one of " + ", ".join(names))
        return value

    return parse


def address(*schemes: str) -> Callable[[str], str]:
    """Accept an address of one of the schemes, without its last slash, or nothing."""

    def parse(value: str) -> str:
        if value and urlsplit(value).scheme not in schemes:
            raise ValueError("an address with " + " or ".join(f"{s}://" for s in schemes))
        return value.rstrip("/")

    return parse


def broadcast(value: str) -> str:
    """Accept what a broadcast goes through; of Redis' options those of TLS only."""
    found = address("memory", "redis", "rediss", "postgresql", "postgres")(value)
    parts = urlsplit(found)
    if parts.scheme in ("redis", "rediss") and not _is_redis(parts):
        raise ValueError(
            "redis://[user:password@]host[:port][/number], with rediss:// for TLS "
            "and then perhaps ?ssl_ca_certs=FILE"
        )
    return found


def endpoints(value: str) -> tuple[str, ...]:
    """Accept `host:port, host:port`."""
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    for part in found:
        host, _, port = part.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError("a list of host:port, separated by commas")
    return found


def origins(value: str) -> tuple[str, ...]:
    """Accept `https://host, https://host:port`, as browsers write the origin of a page."""
    found = tuple(part.strip().lower() for part in value.split(",") if part.strip())
    for part in found:
        parts = urlsplit(part)
        if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != part:
            raise ValueError("a list of https://host or https://host:port, separated by commas")
    return found


def _is_redis(parts: SplitResult) -> bool:
    try:
        port = parts.port
    except ValueError:
        return False
    options = parse_qs(parts.query, keep_blank_values=True)
    allowed = _TLS_OPTIONS if parts.scheme == "rediss" else frozenset[str]()
    number = parts.path.removeprefix("/")
    numbered = not number or number.isdecimal()
    return bool(parts.hostname) and port != 0 and numbered and options.keys() <= allowed


def path(value: str) -> Path | None:
    return Path(value).expanduser().absolute() if value else None


def data_dir(value: str) -> Path:
    return path(value) or default_data_dir(os.environ)


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """Choose a folder that whoever runs PostgreSQL can enter, which root's home is not."""
    if os.geteuid() == 0:
        return Path("/var/lib/designer-bff")
    data_home = environ.get("XDG_DATA_HOME", "")
    # The XDG specification has relative paths ignored.
    if Path(data_home).is_absolute():
        return Path(data_home, "designer-bff")
    return Path(environ.get("HOME") or Path.home(), ".local", "share", "designer-bff")
