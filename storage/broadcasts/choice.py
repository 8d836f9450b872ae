"""Which backend an address asks for."""

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast
from urllib.parse import urlsplit

from pipeline.errors import DesignerError
from storage.broadcasts.inbox import Backend
from storage.broadcasts.memory import MemoryBackend
from storage.broadcasts.postgres import PostgresBackend
from storage.database import Executor


class ByRedis(Protocol):
    """The module `storage.broadcasts.redis`."""

    RedisBackend: Callable[[str], Backend]


class BroadcastUnsupported(DesignerError):
    """No backend of ours speaks this address."""


def backend_for(url: str, dsn: str, pool: Executor) -> Backend:
    """Return what BROADCAST_URL asks for.

    A bare `postgres://` is the application's own database at `dsn`; with a host it has to lead
    to that same database, past a pooler that can't LISTEN. Raises `BroadcastUnsupported`.
    """
    address = urlsplit(url)
    if address.scheme in ("", "memory"):
        return MemoryBackend()
    if address.scheme in ("postgres", "postgresql"):
        return PostgresBackend(url if address.netloc else dsn, pool)
    if address.scheme in ("redis", "rediss"):
        # The client takes a tenth of a second to load, which who has no Redis need not spend.
        return cast("ByRedis", import_module("storage.broadcasts.redis")).RedisBackend(url)
    raise BroadcastUnsupported(
        f"BROADCAST_URL can't be {address.scheme}://: use redis://, postgres:// or nothing"
    )
