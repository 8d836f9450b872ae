import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import asyncpg
import pytest
from broadcaster import BroadcastBackend, Event

from pipeline.domain import WorkspaceId
from storage import bell
from storage.bell import CHANNEL, Doorbell, Ring
from storage.broadcasts import (
    RESYNC,
    BroadcastUnsupported,
    Inbox,
    MemoryBackend,
    PostgresBackend,
    backend_for,
)

HERE = WorkspaceId(uuid4())
THERE = WorkspaceId(uuid4())

HANG_UP = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
 where application_name = 'designer-bff doorbell' and datname = current_database()
"""


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as opened, asyncio.timeout(20):
        yield opened


async def heard(
    stack: AsyncExitStack, backend: BroadcastBackend
) -> tuple[Doorbell, AsyncIterator[Ring | None]]:
    doorbell = await stack.enter_async_context(bell.opened(backend))
    return doorbell, await stack.enter_async_context(doorbell.heard())


async def test_the_latest_ring_of_each_workspace_is_heard(stack: AsyncExitStack) -> None:
    doorbell, rings = await heard(stack, MemoryBackend())
    for seq in (1, 5, 3):
        doorbell.ring(HERE, seq)
    doorbell.ring(THERE, 2)
    assert await anext(rings) == Ring(HERE, 5)
    assert await anext(rings) == Ring(THERE, 2)


async def test_processes_hear_each_other_through_postgresql(
    stack: AsyncExitStack, pool: asyncpg.Pool, database_url: str
) -> None:
    here, _ = await heard(stack, PostgresBackend(database_url, pool))
    _, rings = await heard(stack, PostgresBackend(database_url, pool))
    assert await anext(rings) is None
    here.ring(HERE, 7)
    assert await anext(rings) == Ring(HERE, 7)


async def test_a_lost_connection_is_opened_again_and_says_so(
    stack: AsyncExitStack, pool: asyncpg.Pool, database_url: str
) -> None:
    doorbell, rings = await heard(stack, PostgresBackend(database_url, pool))
    assert await anext(rings) is None
    for seq in range(1, 4):
        assert await pool.fetchval(HANG_UP) == 1
        assert await anext(rings) is None
        doorbell.ring(HERE, seq)
        assert await anext(rings) == Ring(HERE, seq)


async def test_an_unreachable_database_costs_rings_and_nothing_else(
    stack: AsyncExitStack, pool: asyncpg.Pool
) -> None:
    backend = PostgresBackend("postgresql://nobody@127.0.0.1:1/none", pool)
    doorbell, rings = await heard(stack, backend)
    doorbell.ring(HERE, 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(rings), 0.5)


async def test_what_is_no_ring_asks_for_a_look(
    stack: AsyncExitStack, pool: asyncpg.Pool, database_url: str
) -> None:
    _, rings = await heard(stack, PostgresBackend(database_url, pool))
    assert await anext(rings) is None
    for junk in ("", "{}", '{"workspace": 5, "workspace_seq": 1}', "[]", "nonsense"):
        await pool.execute("select pg_notify($1, $2)", CHANNEL, junk)
        assert await anext(rings) is None


async def test_an_inbox_that_overflows_holds_one_resync() -> None:
    inbox = Inbox(size=3)
    inbox.channels.add("c")
    for number in range(4):
        inbox.put("c", str(number))
    inbox.put("unheard", "x")
    inbox.put("c", "after")
    assert [await inbox.get(), await inbox.get()] == [Event("c", RESYNC), Event("c", "after")]


def test_the_address_chooses_the_backend(pool: asyncpg.Pool) -> None:
    assert isinstance(backend_for("", "dsn", pool), MemoryBackend)
    assert isinstance(backend_for("memory://", "dsn", pool), MemoryBackend)
    assert isinstance(backend_for("postgres://", "dsn", pool), PostgresBackend)
    with pytest.raises(BroadcastUnsupported, match="kafka"):
        backend_for("kafka://host", "dsn", pool)
