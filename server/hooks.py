"""Where providers tell of calls: whoever has not signed learns nothing."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from pipeline.calls import CallId
from pipeline.catalogue.replicate import PROVIDER as REPLICATE
from pipeline.errors import ProviderUnavailable
from pipeline.providers.replicate.webhooks import Forged, Told, told
from server.app import HOOKS

REPLICATE_HOOK: Final = f"{HOOKS}replicate"

Take = Callable[[str, str, CallId, str], Awaitable[bool]]
"""Take a delivery of a provider, by its id, about a call and the provider's id of it."""


def hook_url(public: str, call: CallId) -> str:
    """Return where Replicate tells of the call; `public` is our address in the world."""
    return f"{public}{REPLICATE_HOOK}?call={call}"


@dataclass(slots=True)
class Secret:
    """The account's signing secret: asked for when it is needed, and again when it may be new.

    It counts as new enough for `kept` seconds, whatever comes.
    """

    ask: Callable[[], Awaitable[str]]
    kept: float = 600.0
    _known: str | None = field(default=None, init=False)
    _asked_at: float = field(default=float("-inf"), init=False)

    async def current(self) -> str:
        """Raise `ProviderUnavailable` where it can't be had."""
        if self._known is None:
            self._known, self._asked_at = await self.ask(), time.monotonic()
        return self._known

    async def newer(self) -> str | None:
        """Return another secret than the known one, None where there is none, or not yet."""
        if time.monotonic() - self._asked_at < self.kept:
            return None
        before, self._known = self._known, None
        now = await self.current()
        return None if now == before else now


@dataclass(frozen=True, slots=True)
class ReplicateHook:
    """Takes webhooks of Replicate; `call` in the address says which call each is about."""

    secret: Secret
    take: Take

    async def one(self, request: Request) -> Response:
        """Answer 204 to what is signed, 401 to all else, 503 while that can't be told."""
        body = await request.body()
        try:
            news = await self._told(request, body)
        except Forged:
            return Response(status_code=401)
        except ProviderUnavailable:
            return Response(status_code=503)
        if call := _call_of(request):
            await self.take(REPLICATE, news.delivery, call, news.prediction)
        return Response(status_code=204)

    async def _told(self, request: Request, body: bytes) -> Told:
        try:
            return told(request.headers, body, await self.secret.current())
        except Forged:
            newer = await self.secret.newer()
            if newer is None:
                raise
            return told(request.headers, body, newer)


def _call_of(request: Request) -> CallId | None:
    try:
        return CallId(UUID(request.query_params.get("call", "")))
    except ValueError:
        return None
