import asyncio

import asyncpg
import pytest

from server.announcing import announced
from storage import workers


async def until_there_are(pool: asyncpg.Pool, slots: int) -> None:
    async with asyncio.timeout(10):
        while await workers.slots(pool) != slots:
            await asyncio.sleep(0.02)


async def test_workers_count_for_as_long_as_they_are_there(pool: asyncpg.Pool) -> None:
    async with announced(pool, 4, interval=0.05):
        await until_there_are(pool, 4)
        async with announced(pool, 8, interval=0.05):
            await until_there_are(pool, 12)
        assert await workers.slots(pool) == 4
    assert await workers.slots(pool) == 0


async def test_a_worker_that_was_not_heard_for_a_while_counts_again(
    pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    async with announced(pool, 4, interval=0.05):
        await until_there_are(pool, 4)
        await pool.execute("alter table workers rename to hidden")
        async with asyncio.timeout(10):
            while "saying that a worker is there was left undone" not in caplog.text:
                await asyncio.sleep(0.02)
        await pool.execute("delete from hidden")
        await pool.execute("alter table hidden rename to workers")
        await until_there_are(pool, 4)
