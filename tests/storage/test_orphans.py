from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import aioboto3
import asyncpg

from pipeline.domain import AssetKind, Viewer
from storage.buckets import Bucket
from storage.objects import LocalObjects
from storage.orphans import Referred, Stored, compared, in_bucket, in_folder, referred, remove
from storage.s3_client import connected
from tests.storage import s3_server

T = TypeVar("T")

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=2)
YESTERDAY = NOW - timedelta(days=1)


def key(number: int, workspace: int = 1) -> str:
    return f"{UUID(int=workspace)}/{number:064x}.png"


async def given(values: Iterable[T]) -> AsyncGenerator[T]:
    for value in values:
        yield value


async def found(stored: Iterable[Stored], named: Iterable[Referred]) -> list[Stored | Referred]:
    return [one async for one in compared(given(stored), given(named), YESTERDAY)]


async def test_both_sides_are_compared_key_by_key() -> None:
    orphan, young, last = (
        Stored(key(1), 5, OLD),
        Stored(key(3), 5, NOW),
        Stored(key(9), 5, OLD),
    )
    kept = Stored(key(4), 5, OLD)
    missing, draft, end = Referred(key(2), True), Referred(key(5), False), Referred(key(7), True)
    named = [missing, Referred(key(4), True), draft, end]
    assert await found([orphan, young, kept, last], named) == [orphan, missing, end, last]
    assert await found([], named) == [missing, Referred(key(4), True), end]
    assert await found([orphan], []) == [orphan]


async def test_a_folder_is_listed_in_the_order_of_a_bucket(tmp_path: Path) -> None:
    objects = LocalObjects(tmp_path, "")
    keys = [key(2), key(1), key(1, workspace=2)]
    for one in keys:
        await objects.put(one, b"pixels", "image/png")
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "note.txt").write_text("mine")
    listed = [one async for one in in_folder(tmp_path)]
    assert [one.key for one in listed] == sorted(keys)
    assert listed[0].size == len(b"pixels")
    assert [one async for one in in_folder(tmp_path / "nowhere")] == []


async def test_a_bucket_is_listed_page_by_page(tmp_path: Path) -> None:
    with s3_server.serving(tmp_path) as address:
        bucket = Bucket(name="images", public_url="", endpoint=address, key_id="k", secret="s" * 8)
        async with connected(bucket) as client:
            session = aioboto3.Session(
                aws_access_key_id="k", aws_secret_access_key="s" * 8, region_name="us-east-1"
            )
            async with session.client("s3", endpoint_url=address) as maker:
                await maker.create_bucket(Bucket="images")
            keys = [key(number) for number in range(5)]
            for one in [*keys, f"drafts/{key(1)}", "note.txt"]:
                await client.put_object(Bucket="images", Key=one, Body=b"pixels")
            listed = [one async for one in in_bucket(client, "images", page=2)]
    assert [one.key for one in listed] == keys
    assert {one.size for one in listed} == {6}
    assert all(one.at > OLD for one in listed)


async def test_what_is_referred_to_by_now_stays(
    pool: asyncpg.Pool, viewer: Viewer, tmp_path: Path, database_url: str
) -> None:
    objects = LocalObjects(tmp_path, "")
    keys = [f"{viewer.workspace}/{uuid4().hex * 2}.png" for _ in range(2)]
    for one in keys:
        await objects.put(one, b"pixels", "image/png")
    run = uuid4()
    await pool.execute(
        "insert into generations (id, workspace_id, user_id, mode, settings)"
        " values ($1, $2, $3, 'FROM_PROMPT', '{}')",
        run,
        viewer.workspace,
        viewer.user,
    )
    await pool.execute(
        "insert into generation_assets (id, generation_id, workspace_id, kind, object_key,"
        " cdn_url, content_type, byte_size, width, height)"
        " values ($1, $2, $3, $4, $5, '', 'image/png', 6, 1, 1)",
        uuid4(),
        run,
        viewer.workspace,
        AssetKind.GENERATED,
        keys[0],
    )
    await pool.execute(
        "insert into generation_slots (generation_id, index, seed, draft)"
        " values ($1, 0, 1, jsonb_build_object('key', $2::text))",
        run,
        key(1),
    )
    connection = await asyncpg.connect(database_url)
    try:
        named = {one.key: one.delivered async for one in referred(connection)}
    finally:
        await connection.close()
    assert named == {keys[0]: True, key(1): False}

    for one in keys:
        await remove(pool, objects, Stored(one, 6, OLD))
    assert [one.key async for one in in_folder(tmp_path)] == [keys[0]]
    assert not await pool.fetchval("select count(*) from object_removals")
