"""The bucket through its real client, against a server that speaks S3."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from pipeline.errors import ObjectMissing, StoreUnreachable
from storage import s3
from storage.buckets import Bucket
from storage.s3 import PART_BYTES, S3Objects
from tests.storage.s3_server import free_port, serving

CDN = "https://images.example.test"
TYPE = "image/png"


def key_of(content: bytes) -> str:
    return f"0b6f1c1e-2f8e-4a51-9a3f-6f0f5e9b7c10/{sha256(content).hexdigest()}.png"


def photo(size: int = 10_000) -> bytes:
    """Return bytes that no other test has stored."""
    return (uuid4().bytes * (size // 16 + 1))[:size]


@asynccontextmanager
async def bucket_at(endpoint: str, name: str = "") -> AsyncGenerator[S3Objects]:
    """Open a bucket, a new one where no name is given."""
    bucket = Bucket(
        name=name or f"images-{uuid4()}",
        public_url=CDN,
        endpoint=endpoint,
        key_id="test",
        secret="test",
    )
    async with s3.opened(bucket) as objects:
        if not name:
            async with httpx.AsyncClient() as client:
                (await client.put(f"{endpoint}/{bucket.name}")).raise_for_status()
        yield objects


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with serving(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture
async def objects(server: str) -> AsyncGenerator[S3Objects]:
    async with bucket_at(server) as opened:
        yield opened


async def test_what_is_put_can_be_got_and_is_gone_when_deleted(objects: S3Objects) -> None:
    content = photo()
    key = key_of(content)
    await objects.put(key, content, TYPE)
    assert await objects.get(key) == content
    await objects.delete(key)
    await objects.delete(key)
    with pytest.raises(ObjectMissing):
        await objects.get(key)


async def test_an_object_is_kept_by_caches_for_ever(objects: S3Objects) -> None:
    content = photo()
    await objects.put(key_of(content), content, TYPE)
    async with httpx.AsyncClient() as client:
        answer = await client.get(await objects.signed(key_of(content)))
    assert answer.content == content
    assert answer.headers["content-type"] == TYPE
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_signed_address_is_for_its_method(objects: S3Objects) -> None:
    content = photo()
    await objects.put(key_of(content), content, TYPE)
    address = await objects.signed(key_of(content), method="HEAD")
    assert "X-Amz-Expires=3600" in address
    async with httpx.AsyncClient() as client:
        answer = await client.head(address)
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(content)))


async def test_many_puts_of_one_object_all_succeed(objects: S3Objects) -> None:
    content = photo()
    await asyncio.gather(*(objects.put(key_of(content), content, TYPE) for _ in range(10)))
    assert await objects.get(key_of(content)) == content


async def test_what_lies_there_is_never_written_over(objects: S3Objects) -> None:
    first, second = photo(), photo()
    key = key_of(first)
    about = {"Bucket": objects.bucket.name, "Key": key, "ContentType": TYPE}
    await objects.put(key, first, TYPE)
    with pytest.raises(Exception, match="PreconditionFailed"):
        await objects._send(about, second)
    await objects.put(key, second, TYPE)
    assert await objects.get(key) == first


async def test_a_large_object_goes_in_parts(objects: S3Objects) -> None:
    content = photo(2 * PART_BYTES + 1)
    key = key_of(content)
    await objects.put(key, content, TYPE)
    assert await objects.get(key) == content
    stored = await objects.client.head_object(Bucket=objects.bucket.name, Key=key)
    assert stored["ETag"].endswith('-3"')
    assert stored["ContentType"] == TYPE


@pytest.mark.parametrize("key", ["", "../secret", "a/b.png", ".designer-bff/x"])
async def test_what_is_no_key_is_not_sent(objects: S3Objects, key: str) -> None:
    with pytest.raises(ObjectMissing):
        await objects.get(key)
    with pytest.raises(ValueError, match="is no key"):
        await objects.put(key, b"x", TYPE)


async def test_the_type_fits_the_key(objects: S3Objects) -> None:
    with pytest.raises(ValueError, match="is no key for image/webp"):
        await objects.put(key_of(b"x"), b"x", "image/webp")


async def test_a_healthy_bucket_has_no_problem(objects: S3Objects) -> None:
    assert await objects.problem() is None
    assert await objects.trial() is None
    assert objects.url(key_of(b"x")) == f"{CDN}/{key_of(b'x')}"


async def test_a_bucket_that_is_not_there_is_named(server: str) -> None:
    async with bucket_at(server, "nowhere") as objects:
        with pytest.raises(StoreUnreachable, match="NoSuchBucket"):
            await objects.get(key_of(b"x"))
        assert "bucket nowhere" in (await objects.problem() or "")
        assert "Nothing can be written in bucket nowhere" in (await objects.trial() or "")


async def test_a_server_that_is_down_is_out_of_reach_until_it_is_back(tmp_path: Path) -> None:
    content, port = photo(), free_port()
    endpoint = f"http://127.0.0.1:{port}"
    async with bucket_at(endpoint, "images") as objects:
        with pytest.raises(StoreUnreachable, match="The object store is out of reach"):
            await objects.put(key_of(content), content, TYPE)
        async with httpx.AsyncClient() as client:
            with serving(tmp_path, port):
                (await client.put(f"{endpoint}/images")).raise_for_status()
                await objects.put(key_of(content), content, TYPE)
                assert await objects.get(key_of(content)) == content


def test_secrets_stay_out_of_the_repr() -> None:
    bucket = Bucket(name="b", public_url=CDN, key_id="hunter1", secret="hunter2")
    assert "hunter" not in repr(bucket)


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [("https://abc.r2.cloudflarestorage.com", "auto"), ("http://127.0.0.1:1", None), ("", None)],
)
def test_only_r2_has_its_region(endpoint: str, region: str | None) -> None:
    assert Bucket(name="b", public_url=CDN, endpoint=endpoint).region == region
