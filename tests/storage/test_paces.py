from datetime import timedelta

import asyncpg
import pytest

from storage.accounts import LOCAL, ensure_local_viewer
from storage.paces import paces

CALL = """
insert into charges (id, workspace_id, user_id, generation_id, slot, attempt, model, state, amount,
                     created_at, updated_at)
values (gen_random_uuid(), $1, $2, gen_random_uuid(), 0, 1, $3, $4, 0.04, now(), now() + $5)
"""


@pytest.fixture
async def db(pool: asyncpg.Pool) -> asyncpg.Pool:
    await ensure_local_viewer(pool)
    return pool


async def call(db: asyncpg.Pool, model: str, seconds: float, state: str = "SETTLED") -> None:
    took = timedelta(seconds=seconds)
    await db.execute(CALL, LOCAL.workspace, LOCAL.user, model, state, took)


async def test_half_of_the_calls_took_no_longer(db: asyncpg.Pool) -> None:
    for seconds in (4, 5, 60):
        await call(db, "fast", seconds)
    for seconds in (20, 30, 40):
        await call(db, "slow", seconds)
    assert await paces(db, LOCAL.workspace) == {"fast": 5.0, "slow": 30.0}


async def test_few_calls_and_those_that_brought_nothing_are_no_evidence(db: asyncpg.Pool) -> None:
    for _ in range(2):
        await call(db, "rare", 5)
    for _ in range(5):
        await call(db, "refused", 1, "RELEASED")
    assert await paces(db, LOCAL.workspace) == {}
