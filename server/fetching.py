"""Fetching by address: only over https, only from public hosts, bounded in time and size."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from pipeline.errors import InvalidInput
from pipeline.images import MAX_BYTES
from server.addresses import is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Return the IP addresses of a host; raise OSError where there are none."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS: Final = 3
_MAX_URL: Final = 2048
_CONNECT_SECONDS: Final = 4.0
_HEADERS: Final = {
    "Accept": "image/jpeg, image/png, image/webp",
    # A compressed answer could unfold to any size.
    "Accept-Encoding": "identity",
    "User-Agent": "designer-bff",
}


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of `host`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def trust(ca: Path | None = None) -> ssl.SSLContext:
    """Return the certificate authorities of the system's choice, and those in the file `ca`."""
    context = httpx.create_ssl_context(trust_env=True)
    if ca is not None:
        context.load_verify_locations(ca)
    return context


@dataclass(frozen=True, slots=True)
class PublicFetch:
    """Fetches at most `limit` bytes in `seconds`, redirects included.

    A host:port in `allowed` may have any address and port. A host is resolved once and the
    connection goes to that address, so that a name can't change its mind after the check.
    """

    tls: ssl.SSLContext
    allowed: frozenset[str] = frozenset()
    resolve: Resolve = resolve
    limit: int = MAX_BYTES
    seconds: float = 10.0

    async def __call__(self, url: str) -> bytes:
        """Raise `InvalidInput` on "imageUrl": URL_REFUSED, _UNREACHABLE, _TOO_LARGE, _TIMEOUT."""
        try:
            async with asyncio.timeout(self.seconds):
                return await self._follow(url)
        except TimeoutError as error:
            raise _error(
                "TIMEOUT", f"The address did not deliver within {self.seconds:g} seconds."
            ) from error

    async def _follow(self, url: str) -> bytes:
        target = _parsed(url)
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._get(target)
            if isinstance(answer, bytes):
                return answer
            target = answer
        raise _error("REFUSED", f"The address redirects more than {_MAX_REDIRECTS} times.")

    async def _get(self, url: httpx.URL) -> bytes | httpx.URL:
        """Return the content, or where it is said to be instead."""
        failure: httpx.HTTPError | None = None
        for address in await self._addresses(url):
            try:
                return await self._ask(url, address)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
            except httpx.HTTPError as error:
                raise _error("UNREACHABLE", "The host broke off its answer.") from error
        raise _unreachable(failure) from failure

    async def _addresses(self, url: httpx.URL) -> Sequence[str]:
        port = url.port or 443
        host = f"[{url.host}]" if ":" in url.host else url.host
        allowed = f"{host}:{port}".lower() in self.allowed
        if not allowed and port != 443:
            raise _error("REFUSED", "Only port 443 is allowed in an image address.")
        try:
            addresses = await self.resolve(url.host, port)
        except (OSError, UnicodeError) as error:
            raise _error("UNREACHABLE", "The host of the address is not known.") from error
        if not allowed and not all(is_public(address) for address in addresses):
            raise _error("REFUSED", "The address is not on the public internet.")
        return addresses

    async def _ask(self, url: httpx.URL, address: str) -> bytes | httpx.URL:
        # A client of its own for each hop: pooled connections are kept by address, and the next
        # host may have the same one but another certificate.
        client = httpx.AsyncClient(
            verify=self.tls,
            trust_env=False,
            timeout=httpx.Timeout(self.seconds, connect=_CONNECT_SECONDS),
        )
        host = url.netloc.decode("ascii")
        request = client.build_request(
            "GET",
            url.copy_with(host=address),
            headers=_HEADERS | {"Host": host},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        async with client:
            response = await client.send(request, stream=True)
            try:
                return await self._read(url, response)
            finally:
                await response.aclose()

    async def _read(self, url: httpx.URL, response: httpx.Response) -> bytes | httpx.URL:
        if response.status_code in _REDIRECTS and "location" in response.headers:
            return _redirected(url, response.headers["location"])
        if not response.is_success:
            raise _error("UNREACHABLE", f"The host answered with status {response.status_code}.")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _error("REFUSED", "The host sends a compressed answer that was not asked for.")
        content = bytearray()
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > self.limit:
                raise _error(
                    "TOO_LARGE", f"The image is larger than {self.limit / 1_048_576:.3g} MB."
                )
        return bytes(content)


def public(ca: Path | None, allowed: Iterable[str], limit: int) -> PublicFetch:
    """Return what fetches at most `limit` bytes; `ca` and `allowed` as for `trust` and there."""
    return PublicFetch(trust(ca), frozenset(host.lower() for host in allowed), limit=limit)


def _parsed(url: str) -> httpx.URL:
    if len(url) > _MAX_URL:
        raise _error("REFUSED", f"The address is longer than {_MAX_URL} characters.")
    try:
        return _checked(httpx.URL(url.strip()))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise _error("REFUSED", "imageUrl is no address.") from error


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return _checked(url.join(location))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise _error("REFUSED", "The address redirects to something that is none.") from error


def _checked(url: httpx.URL) -> httpx.URL:
    if url.scheme != "https" or not url.host:
        raise _error("REFUSED", "Only https addresses are fetched.")
    if url.userinfo:
        raise _error("REFUSED", "An address with a user name or password is not fetched.")
    return url


def _unreachable(failure: httpx.HTTPError | None) -> InvalidInput:
    cause = failure.__cause__ if failure else None
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return _error("UNREACHABLE", "The host has no valid certificate.")
        cause = cause.__cause__ or cause.__context__
    return _error("UNREACHABLE", "The host does not answer.")


def _error(kind: str, message: str) -> InvalidInput:
    return InvalidInput(message, field="imageUrl", code=f"URL_{kind}")
