import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from pipeline.domain import GenerationId, Viewer
from pipeline.errors import ObjectMissing, StoreUnreachable
from pipeline.keys import object_key
from storage import s3
from storage.accounts import LOCAL
from storage.buckets import Bucket
from storage.drafts import Drafts, drop_unawaited
from storage.generations import Generations
from storage.identity import require_known
from storage.objects import LocalObjects
from storage.s3 import S3Objects
from tests.storage.s3_server import free_port, serving

HOUR = timedelta(hours=1)


def aged(staging: LocalObjects, key: str) -> None:
    os.utime(staging.root / key, (0, 0))


async def test_a_draft_stays_while_a_run_waits_for_it_and_goes_after(
    pool: asyncpg.Pool,
    objects: LocalObjects,
    generations: Generations,
    viewer: Viewer,
    start: Callable[[Viewer], Awaitable[GenerationId]],
) -> None:
    generation = await start(viewer)
    key = object_key(viewer.workspace, b"a draft", "png")
    await objects.put(key, b"a draft", "image/png")
    aged(objects, key)
    await pool.execute("update generation_slots set draft = $1", {"key": key})
    await generations.cancel(viewer, generation)

    assert await drop_unawaited(pool, objects, HOUR) == 0
    assert await objects.get(key) == b"a draft"

    await generations.delete(viewer, generation)
    assert await drop_unawaited(pool, objects, HOUR) == 1
    assert not (objects.root / key).exists()


async def test_a_draft_that_was_just_put_again_is_not_old(
    pool: asyncpg.Pool, objects: LocalObjects, viewer: Viewer
) -> None:
    key = object_key(viewer.workspace, b"a draft", "png")
    await objects.put(key, b"a draft", "image/png")
    aged(objects, key)
    await objects.put(key, b"a draft", "image/png")

    assert await drop_unawaited(pool, objects, HOUR) == 0
    assert await objects.get(key) == b"a draft"


KEY = object_key(LOCAL.workspace, b"a draft", "png")
AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Two machines that share a bucket; its server may be down."""

    folder: Path
    port: int
    objects: S3Objects

    def machine(self, name: str) -> Drafts:
        here = LocalObjects(self.folder / name, "")
        return Drafts(here, self.objects.drafts(), patience=2)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open_bucket(self) -> None:
        async with httpx.AsyncClient() as client:
            (await client.put(f"{self.endpoint}/looks")).raise_for_status()


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncGenerator[Workshop]:
    port = free_port()
    bucket = Bucket(
        name="looks",
        public_url="",
        endpoint=f"http://127.0.0.1:{port}",
        key_id="test",
        secret="test",
    )
    async with s3.opened(bucket) as objects:
        yield Workshop(tmp_path, port, objects)


async def test_a_draft_is_got_from_the_bucket_by_another_machine(workshop: Workshop) -> None:
    maker, other = workshop.machine("a"), workshop.machine("b")
    with serving(workshop.folder, workshop.port):
        await workshop.open_bucket()
        await maker.put(KEY, b"a draft", "image/png")
        assert await other.get(KEY) == b"a draft"
        with pytest.raises(ObjectMissing):
            await workshop.objects.get(KEY)
        (lying,) = (await workshop.objects.client.list_objects_v2(Bucket="looks"))["Contents"]
        assert lying["Key"] == f"drafts/{KEY}"

        await other.delete(KEY)
        assert await maker.get(KEY) == b"a draft"
        with pytest.raises(StoreUnreachable, match="only on the disk of the worker"):
            await other.get(KEY)


async def test_a_draft_of_an_outage_is_brought_to_the_bucket_after_it(workshop: Workshop) -> None:
    maker, other = workshop.machine("a"), workshop.machine("b")
    await maker.put(KEY, b"a draft", "image/png")
    assert await maker.get(KEY) == b"a draft"
    with pytest.raises(StoreUnreachable):
        await other.get(KEY)

    started_again = workshop.machine("a")
    await started_again.share()
    with serving(workshop.folder, workshop.port):
        await workshop.open_bucket()
        for machine in (maker, started_again):
            await machine.share()
            assert await other.get(KEY) == b"a draft"
            await other.delete(KEY)


async def test_a_full_disk_leaves_the_bucket(workshop: Workshop) -> None:
    (workshop.folder / "a").touch()
    maker = workshop.machine("a")
    with serving(workshop.folder, workshop.port):
        await workshop.open_bucket()
        await maker.put(KEY, b"a draft", "image/png")
        assert await workshop.machine("b").get(KEY) == b"a draft"
    with pytest.raises(StoreUnreachable):
        await maker.put(KEY, b"a draft", "image/png")


async def test_what_no_run_waits_for_goes_from_the_bucket_too(
    pool: asyncpg.Pool, workshop: Workshop
) -> None:
    maker, bucket = workshop.machine("a"), workshop.objects.drafts()
    with serving(workshop.folder, workshop.port):
        await workshop.open_bucket()
        await maker.put(KEY, b"a draft", "image/png")
        assert await bucket.older_than(HOUR) == []
        assert await drop_unawaited(pool, workshop.machine("b"), HOUR) == 0
        # The server tells the time in whole seconds.
        async with asyncio.timeout(10):
            while await bucket.older_than(AT_ONCE) != [KEY]:
                await asyncio.sleep(0.1)
        assert await drop_unawaited(pool, workshop.machine("b"), AT_ONCE) == 1
        assert await bucket.older_than(AT_ONCE) == []
    assert await drop_unawaited(pool, maker, AT_ONCE) == 1


async def test_a_database_that_went_back_lets_no_draft_go(
    pool: asyncpg.Pool, objects: LocalObjects
) -> None:
    await objects.put(KEY, b"a draft", "image/png")
    aged(objects, KEY)
    await require_known(pool)
    await pool.execute("""update database_identity set parts = parts || '{"cluster": "other"}'""")
    assert await drop_unawaited(pool, objects, HOUR) == 0
    assert await objects.get(KEY) == b"a draft"
