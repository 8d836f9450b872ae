import os
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

from pipeline.domain import GenerationId, Viewer
from pipeline.keys import object_key
from storage.drafts import drop_unawaited
from storage.generations import Generations
from storage.objects import LocalObjects

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
