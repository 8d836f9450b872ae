import asyncpg

from storage.accounts import LOCAL, ensure_local_viewer
from storage.sweeping import FIND_LOST, sweep_lost

WAITING = """
insert into generations (id, workspace_id, user_id, mode, settings, status)
select gen_random_uuid(), $1, $2, 'FROM_PROMPT', '{}', 'PENDING' from generate_series(1, 5000)
"""
BEGUN = """
insert into generations (id, workspace_id, user_id, mode, settings, status, leased_until)
select gen_random_uuid(), $1, $2, 'FROM_PROMPT', '{}', 'PROCESSING',
       case place when 1 then null when 2 then now() - interval '1 s' else now() + '1 hour' end
  from generate_series(1, 3) as place
"""


async def test_what_is_lost_or_handed_over_is_found_without_reading_all(
    pool: asyncpg.Pool,
) -> None:
    await ensure_local_viewer(pool)
    for statement in (WAITING, BEGUN):
        await pool.execute(statement, LOCAL.workspace, LOCAL.user)
    await pool.execute("analyze generations")
    plan = "\n".join(row[0] for row in await pool.fetch(f"explain {FIND_LOST}"))
    assert "generations_processing" in plan

    assert await sweep_lost(pool) == 2
    assert await sweep_lost(pool) == 0
    assert await pool.fetchval("select count(*) from pgqueuer where status = 'queued'") == 2


async def test_where_nothing_is_lost_nobody_is_woken(pool: asyncpg.Pool) -> None:
    rings: list[object] = []

    def ring(*told: object) -> None:
        rings.append(told)

    async with pool.acquire() as listener:
        await listener.add_listener("ch_pgqueuer", ring)
        assert await sweep_lost(pool) == 0
        await listener.execute("select 1")
        await listener.remove_listener("ch_pgqueuer", ring)
    assert rings == []
