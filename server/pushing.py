"""uvicorn's WebSocket, with a way to send what is ready at once."""

from collections.abc import Callable, Sequence
from typing import Final

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

Push = Callable[[Sequence[bytes]], bool]

_EXTENSION: Final = "designer.push"
_FINAL_TEXT: Final = 0x81
_SHORT: Final = 126
_MEDIUM: Final = 1 << 16


class PushingProtocol(WebSocketsSansIOProtocol):
    """Lends the application a `Push` besides `send`, which costs several times as much."""

    async def run_asgi(self) -> None:
        """Run the application, which finds the push in its scope."""
        self._pushed: list[bytes] = []
        self.scope.setdefault("extensions", {})[_EXTENSION] = {"push": self.push}
        await super().run_asgi()

    def push(self, texts: Sequence[bytes]) -> bool:
        """Send messages soon; False where the peer is behind, or there is none any more.

        Written is once for all that is pushed in a turn of the loop: to one socket after the other,
        which wakes a peer less often than writing between other work does.
        """
        if not self.writable.is_set() or self.close_sent or self.transport.is_closing():
            return False
        if not self._pushed:
            self.loop.call_soon(self._write)
        self._pushed.extend(map(framed, texts))
        return True

    def _write(self) -> None:
        frames, self._pushed = self._pushed, []
        if not self.close_sent:
            self.transport.write(b"".join(frames))


def pushing(scope: Scope) -> Push:
    """Return what the server of `scope` lent; of another server, what never sends."""
    lent: dict[str, Push] = scope.get("extensions", {}).get(_EXTENSION, {})
    return lent.get("push", _refused)


def framed(text: bytes) -> bytes:
    """Return the frame of a server's text message (RFC 6455, 5.2)."""
    size = len(text)
    if size < _SHORT:
        return bytes((_FINAL_TEXT, size)) + text
    if size < _MEDIUM:
        return bytes((_FINAL_TEXT, 126, size >> 8, size & 255)) + text
    return bytes((_FINAL_TEXT, 127)) + size.to_bytes(8, "big") + text


def _refused(_: Sequence[bytes]) -> bool:
    return False
