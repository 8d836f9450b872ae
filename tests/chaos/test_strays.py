from uuid import uuid4

import asyncpg

from benchmarks.harness.histories import log_of, strays_of
from storage.accounts import LOCAL, ensure_local_viewer

GENERATION = """
insert into generations (id, workspace_id, user_id, mode, settings, status)
values ($1, $2, $3, 'FROM_PROMPT', '{}', $4)
"""
STAGE = "insert into generation_stages (generation_id, name, status) values ($1, 'ROUTING', $2)"
SLOT = """
insert into generation_slots (generation_id, index, seed, status) values ($1, 0, 7, $2)
"""
IMAGE = """
insert into generation_assets (id, generation_id, workspace_id, kind, object_key, cdn_url,
                               content_type, byte_size, width, height)
values ($1, $2, $3, 'GENERATED', 'key', 'url', 'image/png', 1, 1, 1)
"""


async def ran(pool: asyncpg.Pool, status: str, work: str, images: int) -> None:
    """Record a run, what its stage and its slot say, and its images."""
    await ensure_local_viewer(pool)
    generation = uuid4()
    await pool.execute(GENERATION, generation, LOCAL.workspace, LOCAL.user, status)
    await pool.execute(STAGE, generation, work)
    await pool.execute(SLOT, generation, work)
    for _ in range(images):
        await pool.execute(IMAGE, uuid4(), generation, LOCAL.workspace)


async def strays(pool: asyncpg.Pool) -> list[str]:
    async with pool.acquire() as connection:
        assert await log_of(connection) == []
        return await strays_of(connection)


async def test_what_ended_or_goes_on_in_good_order_is_not_reported(pool: asyncpg.Pool) -> None:
    await ran(pool, "COMPLETED", "COMPLETED", 1)
    await ran(pool, "PROCESSING", "RUNNING", 0)
    assert await strays(pool) == []


async def test_work_after_the_end_and_images_too_many_are_reported(pool: asyncpg.Pool) -> None:
    await ran(pool, "CANCELLED", "RUNNING", 2)
    said = await strays(pool)
    assert [line.split(" of ")[0] for line in said[:2]] == ["ROUTING", "image 0"]
    assert said[2].startswith("2 images are delivered to ")
