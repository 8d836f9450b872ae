"""A Redis behind passwords, permissions and TLS."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from broadcaster import Broadcast, Event

from storage.broadcasts import RESYNC
from storage.broadcasts.redis import RedisBackend
from tests.storage.broadcasting import until
from tests.storage.redis_server import RedisServer, serving

# As docs/operations.md has it.
ALLOWED = "+subscribe +unsubscribe +publish +ping +client|setname +client|setinfo"
PASSWORD = "s3cret/of?ours"
QUOTED = "s3cret%2Fof%3Fours"


async def says(backend: RedisBackend, channel: str) -> Event:
    """Return what comes back of a message."""
    async with (
        asyncio.timeout(10),
        Broadcast(backend=backend) as broadcast,
        broadcast.subscribe(channel) as subscriber,
    ):
        assert (await subscriber.get()).message == RESYNC
        await broadcast.publish(channel, "hello")
        return await subscriber.get()


@asynccontextmanager
async def ciphered(server: RedisServer, context: ssl.SSLContext) -> AsyncGenerator[int]:
    """Give a port where the server can be reached by TLS."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while content := await reader.read(4096):
            writer.write(content)
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inward, outward = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(pump(reader, outward), pump(inward, writer))

    proxy = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    async with proxy:
        yield proxy.sockets[0].getsockname()[1]


async def test_what_the_manual_allows_is_enough(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    user = ("--user", "bff", "on", f">{PASSWORD}", "&designer_bff_*", *ALLOWED.split())
    with serving(tmp_path, *user, "--user", "default", "off") as server:
        url = server.url.replace("//", f"//bff:{QUOTED}@")
        assert await says(RedisBackend(url), "designer_bff_log") == Event(
            "designer_bff_log", "hello"
        )
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(says(RedisBackend(url), "another"), 0.5)
        wrong = RedisBackend(url.replace(QUOTED, "wr0ng"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(says(wrong, "designer_bff_log"), 0.5)
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "no connection to redis" in said
    assert not any(word in said for word in (PASSWORD, QUOTED, "wr0ng"))


async def test_over_tls_the_server_has_to_show_who_it_is(
    redis: RedisServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    known = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(known))
    async with ciphered(redis, context) as port:
        url = f"rediss://127.0.0.1:{port}"
        backend = RedisBackend(f"{url}?ssl_ca_certs={known}")
        assert await says(backend, "c") == Event("c", "hello")
        unknown = RedisBackend(url)
        async with Broadcast(backend=unknown) as broadcast, broadcast.subscribe("c"):
            await until(lambda: unknown.pulse.connected is False)
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text
