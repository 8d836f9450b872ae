"""Replicate over HTTP: each call bounded in time, each answer said in our errors.

The SDK writes; what it can't read (`aborted`, lists since a time, files of other hosts) is read
beside it, over the same connections.
"""

import asyncio
import base64
import binascii
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, Final, cast
from urllib.parse import unquote_to_bytes, urlsplit

import httpx
from replicate.client import Client
from replicate.exceptions import ReplicateError

from pipeline.catalogue.inputs import Value
from pipeline.errors import BadOutput, ProviderUnavailable, StageFailed, Throttled
from pipeline.providers.replicate.predictions import Prediction
from pipeline.said_waits import in_header, in_words

BASE: Final = "https://api.replicate.com"
FILE_HOST: Final = "replicate.delivery"
EVENTS: Final = ("start", "completed")

MAX_FILE: Final = 50 * 1024 * 1024
_FILE_SECONDS: Final = 90.0
_FILE_TRIES: Final = 3
_PAGES: Final = 30
# Of these alone it is known that Replicate was not reached.
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Unanswered(Exception):
    """A creation was sent, and nobody knows whether it arrived."""


class Gone(Exception):
    """Replicate knows nothing under that address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose token it is, and where; files come from `file_host` and its subdomains too."""

    token: str = field(repr=False)
    base: str = BASE
    file_host: str = FILE_HOST

    def trusts(self, url: str) -> bool:
        """Whether the address is Replicate's own, so that it may see the token."""
        given, own = urlsplit(url), urlsplit(self.base)
        if (given.scheme, given.netloc) == (own.scheme, own.netloc):
            return True
        host = given.hostname or ""
        delivers = host == self.file_host or host.endswith(f".{self.file_host}")
        return given.scheme == "https" and given.port in (None, 443) and delivers


@asynccontextmanager
async def connected(
    account: Account, deadline: timedelta, *, answers_in: float = 30.0
) -> AsyncGenerator["Wire"]:
    """Open the connections; a prediction is stopped there when `deadline` has passed.

    A request without a sign of life for `answers_in` seconds is given up.
    """
    timeout = httpx.Timeout(answers_in, connect=min(5.0, answers_in))
    # Each request looks through all connections, so that many idle ones cost more than new ones.
    limits = httpx.Limits(max_connections=500, max_keepalive_connections=20)
    async with httpx.AsyncHTTPTransport(limits=limits) as transport:
        guarded = _Guarded(transport, timeout)
        client = Client(
            api_token=account.token,
            base_url=account.base,
            timeout=timeout,
            transport=guarded,
            headers={"Cancel-After": _duration(deadline)},
        )
        # Not closed: closing would only close the transport, which outlives it.
        reader = httpx.AsyncClient(transport=guarded, base_url=account.base, timeout=timeout)
        yield Wire(account, client, reader, 2 * answers_in)


@dataclass(frozen=True, slots=True)
class Wire:
    """The calls that we make; each raises `ProviderUnavailable` where it is known not to run.

    What sends something takes `seconds` at most.
    """

    account: Account
    client: Client
    reader: httpx.AsyncClient
    seconds: float

    async def create(self, slug: str, given: Mapping[str, Value], hook: str | None) -> str:
        """Send one prediction, once; return its id.

        Raises `Unanswered` where nobody knows whether it arrived, `StageFailed` where it was
        refused as wrong.
        """
        owner, name = slug.split("/")
        told: dict[str, Any] = {}
        if hook:
            told = {"webhook": hook, "webhook_events_filter": list(EVENTS)}
        try:
            async with asyncio.timeout(self.seconds):
                made = await self.client.models.predictions.async_create(
                    model=(owner, name), input=dict(given), **told
                )
        except ReplicateError as error:
            raise _refusal(error, slug) from error
        except _NOT_SENT as error:
            raise _away() from error
        except (httpx.HTTPError, TimeoutError, ValueError, TypeError) as error:
            raise Unanswered from error
        return made.id

    async def cancel(self, id: str) -> None:
        """Ask to stop a prediction; one that has ended stays as it is."""
        with suppress(ReplicateError, httpx.HTTPError, ValueError, ProviderUnavailable):
            await self.client.predictions.async_cancel(id)

    async def upload(self, content: bytes, content_type: str, call: str) -> str:
        """Put a photo there under our call's id; return its address."""
        try:
            async with asyncio.timeout(self.seconds):
                kept = await self.client.files.async_create(
                    BytesIO(content),
                    filename=f"photo.{content_type.partition('/')[2]}",
                    content_type=content_type,
                    metadata={"call": call},
                )
        except (ReplicateError, httpx.HTTPError, TimeoutError, ValueError) as error:
            raise ProviderUnavailable("Replicate did not take the photo", transient=True) from error
        return kept.urls["get"]

    async def call_of(self, link: str) -> str | None:
        """Return which call a photo was uploaded for; raises `Gone`."""
        found = await self._json(link)
        metadata = found.get("metadata")
        call = cast("dict[str, object]", metadata).get("call") if isinstance(metadata, dict) else ""
        return call if isinstance(call, str) else None

    async def remove(self, link: str) -> None:
        """Delete an uploaded photo, if it is still there."""
        if self.account.trusts(link):
            with suppress(httpx.HTTPError, ProviderUnavailable):
                await self.reader.delete(link, headers=self._signed())

    async def secret(self) -> str:
        """Return what the account's webhooks are signed with."""
        try:
            return (await self.client.webhooks.default.async_secret()).key
        except (ReplicateError, httpx.HTTPError, ValueError) as error:
            raise ProviderUnavailable("Replicate does not tell its secret") from error

    async def get(self, id: str) -> Prediction:
        """Raise `Gone` where there is none."""
        return _read(await self._json(f"/v1/predictions/{id}"))

    async def since(self, moment: datetime) -> AsyncIterator[Prediction]:
        """Yield the account's predictions, newest first."""
        link: object = f"/v1/predictions?created_after={moment:%Y-%m-%dT%H:%M:%S.%fZ}"
        for _ in range(_PAGES):
            page = await self._json(str(link))
            results = page.get("results")
            for raw in cast("list[object]", results) if isinstance(results, list) else []:
                one = _read(raw)
                if one.created < moment:
                    return
                yield one
            link = page.get("next")
            if not link:
                return
        raise ProviderUnavailable("Replicate lists more predictions than can be looked through")

    async def file(self, link: str) -> bytes:
        """Return an output file; raises `BadOutput` where it can't be had: it was paid for."""
        if link.startswith("data:"):
            return _content_of(link)
        if not self.account.trusts(link):
            raise BadOutput("The output lies at a host that is not Replicate's", charged=True)
        # The image is paid for: what is cheap to try again is tried again.
        for _ in range(_FILE_TRIES - 1):
            try:
                return await self._fetched(link)
            except (httpx.TransportError, TimeoutError, ProviderUnavailable):
                await asyncio.sleep(0.5)
        try:
            return await self._fetched(link)
        except (httpx.TransportError, TimeoutError, ProviderUnavailable) as error:
            raise BadOutput("The output could not be fetched whole", charged=True) from error

    async def _fetched(self, link: str) -> bytes:
        content = bytearray()
        async with (
            asyncio.timeout(_FILE_SECONDS),
            self.reader.stream("GET", link, headers=self._signed()) as answer,
        ):
            if answer.status_code >= 500:
                raise ProviderUnavailable("Replicate's files are out of order", transient=True)
            if not answer.is_success:
                raise BadOutput("The output is no longer there", charged=True)
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > MAX_FILE:
                    raise BadOutput("The output is larger than 50 MB", charged=True)
        return bytes(content)

    async def _json(self, link: str) -> dict[str, object]:
        """Read JSON from Replicate, and only from there."""
        if not self.account.trusts(str(self.reader.base_url.join(link))):
            raise Gone(link)
        try:
            answer = await self.reader.get(link, headers=self._signed())
            read = answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError) as error:
            raise _away() from error
        if answer.status_code == 404:
            raise Gone(link)
        if not isinstance(read, dict):
            message = f"Replicate answers with status {answer.status_code}"
            raise ProviderUnavailable(message, transient=True)
        return cast("dict[str, object]", read)

    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.account.token}"}


@dataclass(frozen=True, slots=True)
class _Guarded(httpx.AsyncBaseTransport):
    """A transport that waits for nothing without an end, and knows what a 429 says."""

    inner: httpx.AsyncBaseTransport
    timeout: httpx.Timeout

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raise `Throttled` for a 429, with the wait that it asks for."""
        given: dict[str, float | None] = request.extensions.get("timeout") or {}
        bounded = {name: given.get(name) or most for name, most in self.timeout.as_dict().items()}
        request.extensions = {**request.extensions, "timeout": bounded}
        answer = await self.inner.handle_async_request(request)
        if answer.status_code != 429:
            return answer
        try:
            body = await answer.aread()
        finally:
            await answer.aclose()
        said = in_header(answer.headers.get("retry-after", ""))
        if said is None:
            said = in_words(body.decode(errors="replace"))
        raise Throttled("Replicate", retry_after=said, everywhere=True)


def _away() -> ProviderUnavailable:
    return ProviderUnavailable("Replicate can't be reached", transient=True, everywhere=True)


def _refusal(error: ReplicateError, slug: str) -> Exception:
    """Return what a refused creation means: only what is below 500 is known not to have run."""
    reason = error.detail or error.title or "no reason"
    match error.status:
        case 401 | 403:
            return ProviderUnavailable("Replicate does not accept the key", everywhere=True)
        case 402:
            broke = f"The account at Replicate has no credit: {reason}"
            return ProviderUnavailable(broke, everywhere=True)
        case 404:
            return ProviderUnavailable(f"Replicate does not offer {slug} any more")
        case status if status is not None and 400 <= status < 500 and status != 408:
            return StageFailed(f"Replicate refused the request: {reason}", code="REQUEST_REFUSED")
        case _:
            return Unanswered()


def _read(raw: object) -> Prediction:
    try:
        return Prediction.read(raw)
    except ValueError as error:
        raise ProviderUnavailable("Replicate answers something else", transient=True) from error


def _content_of(link: str) -> bytes:
    head, _, body = link.partition(",")
    try:
        return (
            base64.b64decode(body, validate=True) if ";base64" in head else unquote_to_bytes(body)
        )
    except binascii.Error as error:
        raise BadOutput("The output is no file", charged=True) from error


def _duration(span: timedelta) -> str:
    """Write it in minutes where that is exact: the only unit that is documented."""
    seconds = max(1, round(span.total_seconds()))
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"
