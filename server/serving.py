"""Listen and serve until a signal says otherwise, then come back in good order."""

import errno
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from pipeline.errors import DesignerError
from server.pushing import PushingProtocol

_GRACE_SECONDS: Final = 3
_PING_SECONDS: Final = 20.0
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_REMEDIES: Final = {
    errno.EADDRINUSE: "is taken: end what listens there, or choose another by --port or PORT",
    errno.EACCES: "is not for everyone: choose one above 1023 by --port or PORT",
}


class CannotListen(DesignerError):
    """The address can't be listened on; the message names the remedy."""


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that will listen on `host`, at a free port if `port` is 0.

    Raises `CannotListen`.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise _unknown(host) from error
    # "localhost" is both; whoever writes 127.0.0.1 must find us too.
    family, *_, address = min(found, key=lambda one: one[0] is not socket.AF_INET)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        if error.errno in _REMEDIES:
            raise CannotListen(f"Port {port} of {host} {_REMEDIES[error.errno]}") from error
        raise _unknown(host) from error
    return listener


class Server(uvicorn.Server):
    """uvicorn's server; after a signal it returns, where uvicorn's own raises the signal again.

    That would end the process before PostgreSQL and the worker have come to their end.
    A WebSocket that does not answer a ping within `ping_seconds`, the time between two, is closed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        on_started: Callable[[], None],
        on_ending: Callable[[], None],
        ping_seconds: float = _PING_SECONDS,
    ) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws=PushingProtocol,
            # Frames are written by PushingProtocol, which compresses nothing.
            ws_per_message_deflate=False,
            ws_max_size=1024 * 1024,
            ws_ping_interval=ping_seconds,
            ws_ping_timeout=ping_seconds,
            http="httptools",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        super().__init__(config)
        self._on_started = on_started
        self._on_ending = on_ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, and say so."""
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that it ends, and wait a little for answers that are under way."""
        self._on_ending()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """End on SIGINT and SIGTERM; on a second SIGINT without waiting for answers."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in _SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def _unknown(host: str) -> CannotListen:
    return CannotListen(f"{host} is no address of this machine: choose another by --host or HOST")
