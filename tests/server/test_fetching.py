"""Fetching by address, against a real https server of ours and against hostile names."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from pipeline.errors import InvalidInput
from server.fetching import PublicFetch, trust

HOST = "pictures.test"
Answer = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    ca: Path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    return trust(ca)


@asynccontextmanager
async def serving(
    authority: trustme.CA, answer: Answer, host: str = HOST
) -> AsyncGenerator[tuple[int, list[str]]]:
    """Serve TLS on loopback; give the port and the request heads as they come."""
    heads: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heads.append(head)
        with suppress(ConnectionError):
            await answer(head.split()[1], writer)
            await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], heads


def plain(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers, "Connection: close"))
    return f"{head}\r\n".encode() + body


def always(content: bytes) -> Answer:
    async def answer(_path: str, writer: asyncio.StreamWriter) -> None:
        writer.write(content)

    return answer


async def at_loopback(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def fetching(tls: ssl.SSLContext, port: int, host: str = HOST) -> PublicFetch:
    return PublicFetch(tls, frozenset({f"{host}:{port}"}), resolve=at_loopback)


async def refusal(fetch: PublicFetch, url: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        await fetch(url)
    assert caught.value.field == "imageUrl"
    assert "127.0.0.1" not in caught.value.message
    return caught.value


async def test_an_allowed_host_is_fetched_from(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    async with serving(authority, always(plain(b"picture"))) as (port, heads):
        fetch = fetching(trusting, port)
        assert await fetch(f"https://{HOST}:{port}/a.jpg?size=2") == b"picture"
    assert heads[0].startswith("GET /a.jpg?size=2 HTTP/1.1\r\n")
    assert f"Host: {HOST}:{port}\r\n" in heads[0]


async def test_the_body_may_come_in_chunks(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    body = plain(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "200 OK", "Transfer-Encoding: chunked")
    async with serving(authority, always(body)) as (port, _):
        assert await fetching(trusting, port)(f"https://{HOST}:{port}/") == b"abcde"


async def test_redirects_are_followed_three_times(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    async def answer(path: str, writer: asyncio.StreamWriter) -> None:
        left = int(path[1:])
        found = plain(b"", "302 Found", f"Location: /{left - 1}", "Content-Length: 0")
        writer.write(found if left else plain(b"there"))

    async with serving(authority, answer) as (port, heads):
        fetch = fetching(trusting, port)
        assert await fetch(f"https://{HOST}:{port}/3") == b"there"
        heads.clear()
        assert (await refusal(fetch, f"https://{HOST}:{port}/4")).code == "URL_REFUSED"
        assert len(heads) == 4


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/",
        "https://[::ffff:169.254.169.254]/latest/meta-data",
        "https://rebound.test/",
        "http://pictures.test/",
        "https://user:word@pictures.test/",
        "file:///etc/passwd",
        "https://pictures.test:22/",
        "//[",
    ],
)
async def test_a_redirect_is_checked_like_the_first_address(
    authority: trustme.CA, trusting: ssl.SSLContext, location: str
) -> None:
    body = plain(b"", "302 Found", f"Location: {location}", "Content-Length: 0")
    async with serving(authority, always(body)) as (port, heads):
        fetch = fetching(trusting, port)
        assert (await refusal(fetch, f"https://{HOST}:{port}/")).code == "URL_REFUSED"
    assert len(heads) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pictures.test/a.jpg",
        "http://pictures.test/a.jpg",
        "ftp://pictures.test/a.jpg",
        "data:image/png;base64,AAAA",
        "https://",
        "https://user:word@pictures.test/",
        "https://pictures.test:8443/",
        "https://" + "a" * 3000 + ".test/",
        "https://pictures.test:port/",
    ],
)
async def test_addresses_that_break_a_rule_are_refused(trusting: ssl.SSLContext, url: str) -> None:
    async def unasked(_host: str, _port: int) -> Sequence[str]:
        raise AssertionError("a refused address is not looked up")

    fetch = PublicFetch(trusting, resolve=unasked)
    assert (await refusal(fetch, url)).code == "URL_REFUSED"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "0.0.0.0"]
)
async def test_this_machine_is_refused_under_all_its_names(
    trusting: ssl.SSLContext, host: str
) -> None:
    assert (await refusal(PublicFetch(trusting), f"https://{host}/")).code == "URL_REFUSED"


async def test_one_private_address_among_public_ones_is_enough(trusting: ssl.SSLContext) -> None:
    async def mixed(_host: str, _port: int) -> Sequence[str]:
        return ["93.184.216.34", "10.0.0.5"]

    fetch = PublicFetch(trusting, resolve=mixed)
    assert (await refusal(fetch, "https://mixed.test/")).code == "URL_REFUSED"


async def test_a_name_is_asked_once_so_that_it_cannot_change_its_mind(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    answers = ["127.0.0.1", "127.0.0.9"]

    async def rebinding(_host: str, _port: int) -> Sequence[str]:
        return [answers.pop(0)]

    async with serving(authority, always(plain(b"first"))) as (port, _):
        fetch = replace(fetching(trusting, port), resolve=rebinding)
        assert await fetch(f"https://{HOST}:{port}/") == b"first"
    assert answers == ["127.0.0.9"]


async def test_the_next_address_is_tried_where_one_does_not_answer(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    async def two(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.9", "127.0.0.1"]

    async with serving(authority, always(plain(b"picture"))) as (port, _):
        fetch = replace(fetching(trusting, port), resolve=two)
        assert await fetch(f"https://{HOST}:{port}/") == b"picture"


async def test_the_certificate_must_be_the_host_s(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    async with serving(authority, always(plain(b"x")), host="other.test") as (port, heads):
        error = await refusal(fetching(trusting, port), f"https://{HOST}:{port}/")
    assert error.code == "URL_UNREACHABLE"
    assert "certificate" in error.message
    assert heads == []


async def test_a_stranger_s_certificate_is_refused(authority: trustme.CA) -> None:
    async with serving(authority, always(plain(b"x"))) as (port, _):
        error = await refusal(fetching(trust(), port), f"https://{HOST}:{port}/")
    assert error.code == "URL_UNREACHABLE"


@pytest.mark.parametrize(
    "length", ["Content-Length: 10", "Transfer-Encoding: chunked", "X-None: 1"]
)
async def test_too_much_is_noticed_whatever_the_host_claims(
    authority: trustme.CA, trusting: ssl.SSLContext, length: str
) -> None:
    sent = 0

    async def answer(_path: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        block = bytes(65536)
        framed = b"10000\r\n" + block + b"\r\n" if "chunked" in length else block
        writer.write(plain(b"", "200 OK", length))
        for _ in range(2000):
            writer.write(framed)
            await writer.drain()
            sent += len(block)

    async with serving(authority, answer) as (port, _):
        fetch = replace(fetching(trusting, port), limit=1_000_000)
        if "Length" in length:
            # More than was announced is never read at all.
            assert len(await fetch(f"https://{HOST}:{port}/")) == 10
        else:
            assert (await refusal(fetch, f"https://{HOST}:{port}/")).code == "URL_TOO_LARGE"
    assert sent < 100_000_000


async def test_a_compressed_answer_is_refused(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    body = plain(b"\x1f\x8b", "200 OK", "Content-Encoding: gzip")
    async with serving(authority, always(body)) as (port, _):
        error = await refusal(fetching(trusting, port), f"https://{HOST}:{port}/")
    assert error.code == "URL_REFUSED"


async def test_a_slow_drip_ends_with_the_time(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    async def answer(_path: str, writer: asyncio.StreamWriter) -> None:
        writer.write(plain(b""))
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(authority, answer) as (port, _):
        fetch = replace(fetching(trusting, port), seconds=0.5)
        async with asyncio.timeout(5):
            error = await refusal(fetch, f"https://{HOST}:{port}/")
    assert error.code == "URL_TIMEOUT"


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "304 Not Modified"])
async def test_another_status_is_reported(
    authority: trustme.CA, trusting: ssl.SSLContext, status: str
) -> None:
    async with serving(authority, always(plain(b"", status))) as (port, _):
        error = await refusal(fetching(trusting, port), f"https://{HOST}:{port}/")
    assert error.code == "URL_UNREACHABLE"
    assert status[:3] in error.message


async def test_a_broken_answer_is_reported(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    body = plain(b"only this", "200 OK", "Content-Length: 100")
    async with serving(authority, always(body)) as (port, _):
        error = await refusal(fetching(trusting, port), f"https://{HOST}:{port}/")
    assert error.code == "URL_UNREACHABLE"


async def test_an_unknown_host_and_a_closed_port_are_reported(trusting: ssl.SSLContext) -> None:
    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    fetch = PublicFetch(trusting, resolve=unknown)
    assert (await refusal(fetch, "https://nowhere.test/")).code == "URL_UNREACHABLE"
    listener = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    error = await refusal(fetching(trusting, port), f"https://{HOST}:{port}/")
    assert error.code == "URL_UNREACHABLE"
