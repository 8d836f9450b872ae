import asyncio
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from server.settings import BadSetting, Settings
from server.wiring import founded, furnished

# What only those need who have a key, a bucket, Redis, or an address of an image.
SELDOM = ("aioboto3", "botocore", "httpx", "httpx2", "openai", "redis", "replicate", "rich")


def test_what_few_need_is_not_loaded_at_the_start() -> None:
    script = (
        "import sys, server.commands.serve, server.studio\n"
        f"print(*sorted(set(sys.modules) & set({SELDOM})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


async def test_images_come_from_hosts_that_the_settings_allow_and_trust(
    database_url: str, tmp_path: Path
) -> None:
    authority, ca = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\na photo")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    settings = Settings(data_dir=tmp_path, fetch_ca=ca, fetch_allow=(host,))
    async with (
        server,
        founded(settings, database_url, one_process=True) as on,
        furnished(on) as library,
    ):
        assert await library.fetch(f"https://{host}/coat.jpg") == b"a photo"


@pytest.mark.parametrize("content", [None, b"no certificate"])
async def test_a_file_that_is_no_authority_is_told_of_at_the_start(
    database_url: str, tmp_path: Path, content: bytes | None
) -> None:
    ca = tmp_path / "ca.pem"
    if content is not None:
        ca.write_bytes(content)
    settings = Settings(data_dir=tmp_path, fetch_ca=ca)
    async with founded(settings, database_url, one_process=True) as on:
        with pytest.raises(BadSetting, match=r"FETCH_CA .* holds no certificates"):
            async with furnished(on):
                raise AssertionError
