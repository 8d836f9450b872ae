"""What a web page must not be able to do to a server on its visitor's own machine.

On loopback there is no login, so whatever a hostile page can make a browser send has to be
told from what the designer's own pages and programs send.
"""

import re
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.addresses import is_loopback
from server.refusals import refusal

LOOPBACK_ORIGIN: Final = r"https?://(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?"

_CONNECTIONS: Final = frozenset({"http", "websocket"})
_UPLOAD: Final = "multipart/form-data"
_FROM_FORMS: Final = frozenset({"", "application/x-www-form-urlencoded", "text/plain"})
_PREFLIGHTED: Final = ("graphql-require-preflight", "apollo-require-preflight")
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class LoopbackHost:
    """Refuses a Host that is not loopback: a page's own name can be pointed at 127.0.0.1.

    What lies under `open_to_all` is signed, and may come from anywhere.
    """

    app: ASGIApp
    open_to_all: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 421, or pass it on."""
        if scope["type"] in _CONNECTIONS and not scope["path"].startswith(self.open_to_all):
            host = _HOST.fullmatch(Headers(scope=scope).get("host", ""))
            if host is None or not is_loopback(host["name"]):
                message = "This server answers only to localhost: call it by that name."
                await refusal(421, "HOST_REFUSED", message)(scope, receive, send)
                return
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class KnownOrigin:
    """Refuses what other sites' pages send, be it over HTTP, SSE or WebSocket.

    Programs send no Origin. Browsers leave it out only where the page can't read the answer;
    there they say that the site is another, which is fine for a picture and not for a query.
    """

    app: ASGIApp
    allowed: re.Pattern[str]
    guarded: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, or pass it on."""
        if scope["type"] in _CONNECTIONS and not self._knows(scope):
            message = "Pages of other sites may not call this server."
            await refusal(403, "ORIGIN_REFUSED", message)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if origin := headers.get("origin"):
            return self.allowed.fullmatch(origin) is not None
        embedded = (
            headers.get("sec-fetch-site") == "cross-site"
            and headers.get("sec-fetch-mode") != "navigate"
        )
        return not (embedded and scope["path"] == self.guarded)


@dataclass(frozen=True, slots=True)
class Preflighted:
    """Refuses what a form can send; uploads not, where a header proves that a browser asked."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 or 415, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "POST":
            headers = Headers(scope=scope)
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind in _FROM_FORMS:
                message = "Send Content-Type: application/json, or multipart/form-data for uploads."
                await refusal(415, "UNSUPPORTED_MEDIA_TYPE", message)(scope, receive, send)
                return
            if kind == _UPLOAD and not any(headers.get(name) for name in _PREFLIGHTED):
                message = "Send the header GraphQL-Require-Preflight: 1 with uploads."
                await refusal(403, "PREFLIGHT_REQUIRED", message)(scope, receive, send)
                return
        await self.app(scope, receive, send)
