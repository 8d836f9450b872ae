"""What the client sends over TLS: R2 takes a plain signed body, and nothing in chunks."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
import trustme

from pipeline.errors import StoreUnreachable
from storage import s3
from storage.buckets import Bucket
from storage.s3 import S3Objects
from storage.s3_client import CONFIG

CONTENT = b"\x89PNG" + bytes(5000)
KEY = f"0b6f1c1e-2f8e-4a51-9a3f-6f0f5e9b7c10/{sha256(CONTENT).hexdigest()}.png"


@dataclass(slots=True)
class Recorder:
    """Answers each request by the next status, 200 where none is left, and keeps the last."""

    statuses: list[int] = field(default_factory=list[int])
    heads: list[str] = field(default_factory=list[str])
    body: bytes = b""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await self._one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if "100-continue" in head.lower():
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.body = await reader.readexactly(int(header(head, "content-length") or 0))
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()


def header(head: str, name: str) -> str | None:
    for line in head.split("\r\n"):
        key, _, value = line.partition(":")
        if key.lower() == name:
            return value.strip()
    return None


@asynccontextmanager
async def over_tls(
    recorder: Recorder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[S3Objects]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(folder / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    server = await asyncio.start_server(recorder.answer, "127.0.0.1", 0, ssl=tls)
    bucket = Bucket(
        name="images",
        public_url="",
        endpoint=f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        key_id="id",
        secret="secret",
    )
    async with server, s3.opened(bucket) as objects:
        yield objects


def test_checksums_are_sent_only_where_the_operation_requires_them() -> None:
    assert CONFIG.request_checksum_calculation == "when_required"
    assert CONFIG.response_checksum_validation == "when_required"


async def test_the_body_is_sent_plain_and_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(statuses=[404])
    async with over_tls(recorder, tmp_path, monkeypatch) as objects:
        await objects.put(KEY, CONTENT, "image/png")
    head = recorder.heads[-1]
    assert head.startswith(f"PUT /images/{KEY} ")
    assert recorder.body == CONTENT
    assert header(head, "x-amz-content-sha256") == sha256(CONTENT).hexdigest()
    assert header(head, "if-none-match") == "*"
    assert header(head, "content-encoding") is None
    assert header(head, "transfer-encoding") is None
    assert "checksum" not in head.lower()
    assert "trailer" not in head.lower()


async def test_what_was_written_meanwhile_is_a_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(statuses=[404, 412])
    async with over_tls(recorder, tmp_path, monkeypatch) as objects:
        await objects.put(KEY, CONTENT, "image/png")
    assert [head.split()[0] for head in recorder.heads] == ["HEAD", "PUT"]


async def test_a_conflict_is_a_success_only_where_the_object_then_lies_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(statuses=[404, 409, 404])
    async with over_tls(recorder, tmp_path, monkeypatch) as objects:
        with pytest.raises(StoreUnreachable, match="refused: 409"):
            await objects.put(KEY, CONTENT, "image/png")
        recorder.statuses = [404, 409, 200]
        await objects.put(KEY, CONTENT, "image/png")


async def test_a_fault_of_the_server_is_tried_three_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(statuses=[503, 503, 503, 503])
    async with over_tls(recorder, tmp_path, monkeypatch) as objects:
        with pytest.raises(StoreUnreachable, match="out of reach"):
            await objects.put(KEY, CONTENT, "image/png")
    assert len(recorder.heads) == 3
