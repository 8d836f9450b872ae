"""Waiting runs in the queue, many at once."""

import time
from uuid import UUID, uuid4

from pipeline.domain import GenerationSettings, StageName, UserId
from storage import jobs
from storage.accounts import ADD_USER, ADD_WORKSPACE
from storage.codec import encode
from storage.database import Executor, open_pool, transaction

ADD_GENERATIONS = """
insert into generations (id, workspace_id, user_id, mode, prompt, settings)
select one, $2, $3, 'FROM_IMAGE', 'a red silk dress', $4 from unnest($1::uuid[]) as one
"""
ADD_STAGES = """
insert into generation_stages (generation_id, name)
select one, name from unnest($1::uuid[]) as one cross join unnest($2::text[]) as name
"""
ADD_SLOTS = """
insert into generation_slots (generation_id, index, seed)
select one, 0, 1 from unnest($1::uuid[]) as one
"""
ADD_AUDIT = """
insert into generation_audit (generation_id, workspace_id, user_id, mode, status, created_at)
select id, workspace_id, user_id, mode, status, created_at
  from generations where id = any($1::uuid[])
"""
# What PostgreSQL does by itself, a little later.
VACUUM = "vacuum (analyze) pgqueuer, generations, generation_stages, generation_slots"
CHECKPOINT = "checkpoint"


async def filled(dsn: str, users: int, each: int) -> float:
    """Have so many runs of so many users wait; return the milliseconds of enqueuing one."""
    took = 0.0
    async with open_pool(dsn, max_size=1) as pool:
        async with transaction(pool) as connection:
            for number in range(users):
                took += await _fill_one(connection, f"user {number}", each)
        await pool.execute(VACUUM)
        await pool.execute(CHECKPOINT)
    return round(took / (users * each) * 1000, 3)


async def _fill_one(connection: Executor, name: str, each: int) -> float:
    user, workspace = UserId(uuid4()), uuid4()
    await connection.execute(ADD_USER, user, name)
    await connection.execute(ADD_WORKSPACE, workspace, name, user)
    runs: list[UUID] = [uuid4() for _ in range(each)]
    settings = encode(GenerationSettings())
    await connection.execute(ADD_GENERATIONS, runs, workspace, user, settings)
    await connection.execute(ADD_STAGES, runs, list(StageName))
    await connection.execute(ADD_SLOTS, runs)
    await connection.execute(ADD_AUDIT, runs)
    began = time.monotonic()
    await connection.executemany(jobs.ENQUEUE, [(run, user, 1) for run in runs])
    return time.monotonic() - began
