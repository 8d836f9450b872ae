"""Webhooks on record, and their news in other processes."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import uuid4

import asyncpg
import pytest

from pipeline.calls import CallId, News
from pipeline.domain import GenerationId, Viewer
from storage import bell, verbs
from storage.broadcasts import MemoryBackend, PostgresBackend
from storage.broadcasts.redis import RedisBackend
from storage.events import Bell
from storage.tasks import running
from storage.webhooks import CallNews, still_wanted

OPEN = """
insert into charges
  (id, workspace_id, user_id, generation_id, slot, attempt, model, provider, state, reserved)
select $2, workspace_id, user_id, id, 0, attempt, 'flux-schnell', 'replicate', 'RESERVED', 1
  from generations where id = $1
"""
EXTERNAL = "select external_id from charges where id = $1"

Start = Callable[[Viewer], Awaitable[GenerationId]]


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as opened, asyncio.timeout(20):
        yield opened


@pytest.fixture
async def here(pool: asyncpg.Pool, stack: AsyncExitStack) -> CallNews:
    doorbell = await stack.enter_async_context(bell.opened(MemoryBackend()))
    return CallNews(pool, doorbell.broadcast)


@pytest.fixture
async def call(pool: asyncpg.Pool, viewer: Viewer, start: Start) -> CallId:
    call = CallId(uuid4())
    await pool.execute(OPEN, await start(viewer), call)
    return call


async def test_a_delivery_is_taken_once(pool: asyncpg.Pool, here: CallNews, call: CallId) -> None:
    assert await here.take("replicate", "msg_1", call, "abc")
    assert not await here.take("replicate", "msg_1", call, "abc")
    assert await here.take("elsewhere", "msg_1", call, "abc")
    assert await pool.fetchval(EXTERNAL, call) == "abc"


async def test_news_that_can_t_be_passed_on_are_taken_all_the_same(
    pool: asyncpg.Pool, stack: AsyncExitStack, call: CallId
) -> None:
    backend = RedisBackend("redis://127.0.0.1:1")
    doorbell = await stack.enter_async_context(bell.opened(backend))
    assert await CallNews(pool, doorbell.broadcast).take("replicate", "msg_1", call, "abc")
    assert await pool.fetchval(EXTERNAL, call) == "abc"
    assert backend.pulse.failed == 1


async def test_an_id_is_not_changed_nor_given_twice(
    pool: asyncpg.Pool, here: CallNews, call: CallId
) -> None:
    generation = await pool.fetchval("select generation_id from charges where id = $1", call)
    other = CallId(uuid4())
    await pool.execute(OPEN, generation, other)
    await here.take("replicate", "msg_1", call, "abc")
    await here.take("replicate", "msg_2", call, "def")
    await here.take("replicate", "msg_3", other, "abc")
    assert await pool.fetchval(EXTERNAL, call) == "abc"
    assert await pool.fetchval(EXTERNAL, other) is None


async def test_old_deliveries_are_forgotten(
    pool: asyncpg.Pool, here: CallNews, call: CallId
) -> None:
    await here.take("replicate", "msg_1", call, "abc")
    await pool.execute("update webhook_deliveries set received_at = now() - interval '2 hours'")
    await here.take("replicate", "msg_2", call, "abc")
    assert await pool.fetchval("select array_agg(id) from webhook_deliveries") == ["msg_2"]


async def test_news_reaches_whoever_waits_in_another_process(
    pool: asyncpg.Pool, database_url: str, stack: AsyncExitStack, call: CallId
) -> None:
    backends = PostgresBackend(database_url, pool), PostgresBackend(database_url, pool)
    one, other = [
        CallNews(pool, (await stack.enter_async_context(bell.opened(backend))).broadcast)
        for backend in backends
    ]
    news = News()
    await stack.enter_async_context(running(other.follow(news)))
    with news.about(call) as mail:
        delivery = 0
        while mail.external_id is None:
            delivery += 1
            await one.take("replicate", f"msg_{delivery}", call, "abc")
            await mail.wait(0.1)
    assert mail.external_id == "abc"


async def test_a_call_is_wanted_until_its_run_is_over(
    pool: asyncpg.Pool, bell: Bell, viewer: Viewer, call: CallId
) -> None:
    assert await still_wanted(pool, call)
    generation = await pool.fetchval("select generation_id from charges where id = $1", call)
    await verbs.cancel(pool, bell, viewer, GenerationId(generation))
    assert not await still_wanted(pool, call)
    assert not await still_wanted(pool, CallId(uuid4()))
