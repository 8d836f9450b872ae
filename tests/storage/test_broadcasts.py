"""The backends on real servers, which hang up, hang, and come back."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import asyncpg
import psutil
import pytest
from broadcaster import Broadcast, Event

from pipeline.domain import WorkspaceId
from storage.bell import Ring
from storage.broadcasts import (
    RESYNC,
    BroadcastUnsupported,
    Inbox,
    MemoryBackend,
    PostgresBackend,
    Pulse,
    backend_for,
)
from storage.broadcasts.redis import RedisBackend
from storage.database import open_pool
from storage.pauses import pauses
from tests.conftest import Server
from tests.storage.broadcasting import Between, heard, soon, through_postgres, through_redis, until
from tests.storage.redis_server import RedisServer

HEARING = """
select pid from pg_stat_activity
 where application_name = 'designer-bff doorbell' and datname = current_database()
"""

HERE = WorkspaceId(uuid4())


@pytest.fixture(params=["postgres", "redis"])
def between(
    request: pytest.FixtureRequest, pool: asyncpg.Pool, database_url: str, redis: RedisServer
) -> Between:
    if request.param == "redis":
        return through_redis(redis)
    return through_postgres(database_url, pool)


async def past(rings: AsyncIterator[Ring | None], seq: int) -> None:
    """Take rings until one says `seq`, or that anything may have been."""
    while (ring := await soon(rings)) and ring.workspace_seq < seq:
        pass


async def test_processes_hear_each_other(stack: AsyncExitStack, between: Between) -> None:
    here, _ = await heard(stack, between.backend())
    _, rings = await heard(stack, between.backend())
    assert await soon(rings) is None
    here.ring(HERE, 7)
    assert await soon(rings) == Ring(HERE, 7)


async def test_a_lost_connection_is_opened_again_and_says_so(
    stack: AsyncExitStack, between: Between
) -> None:
    backend = between.backend()
    doorbell, rings = await heard(stack, backend)
    assert await soon(rings) is None
    for seq in range(1, 4):
        assert await between.hang_up() == 1
        began = time.monotonic()
        assert await soon(rings) is None
        doorbell.ring(HERE, seq)
        assert await soon(rings) == Ring(HERE, seq)
        assert time.monotonic() - began < 5
    assert (backend.pulse.connected, backend.pulse.reconnects) == (True, 3)
    assert backend.pulse.resyncs == 4


async def test_whatever_was_rung_while_it_was_cut_is_known_in_the_end(
    stack: AsyncExitStack, between: Between
) -> None:
    doorbell, _ = await heard(stack, between.backend())
    _, rings = await heard(stack, between.backend())

    async def ring() -> None:
        for seq in range(1, 301):
            doorbell.ring(HERE, seq)
            if seq % 100 == 0:
                assert await between.hang_up() > 0
            await asyncio.sleep(0.001)

    assert await soon(rings) is None
    await ring()
    async with asyncio.timeout(5):
        await past(rings, 300)


async def test_many_publish_at_once(stack: AsyncExitStack, between: Between) -> None:
    broadcast = await stack.enter_async_context(Broadcast(backend=between.backend()))
    subscriber = await stack.enter_async_context(broadcast.subscribe("many"))
    assert (await subscriber.get()).message == RESYNC
    await asyncio.gather(*(broadcast.publish("many", str(number)) for number in range(200)))
    heard = [(await subscriber.get()).message for _ in range(200)]
    assert sorted(heard) == sorted(str(number) for number in range(200))


async def test_the_first_subscribers_of_many_channels_come_at_once(
    stack: AsyncExitStack, between: Between
) -> None:
    broadcast = await stack.enter_async_context(Broadcast(backend=between.backend()))
    channels = [f"channel {number // 5}" for number in range(100)]
    subscribers = await asyncio.gather(
        *(stack.enter_async_context(broadcast.subscribe(channel)) for channel in channels)
    )
    for channel in set(channels):
        await broadcast.publish(channel, "late")
    for subscriber in subscribers:
        assert (await subscriber.get()).message in (RESYNC, "late")
    for channel in set(channels):
        await broadcast.publish(channel, "now")
    for channel, subscriber in zip(channels, subscribers, strict=True):
        while (event := await subscriber.get()).message != "now":
            assert event.message in (RESYNC, "late")
        assert event.channel == channel


async def test_who_comes_back_is_heard_again(stack: AsyncExitStack, between: Between) -> None:
    backend = between.backend()
    broadcast = await stack.enter_async_context(Broadcast(backend=backend))
    for _ in range(3):
        async with broadcast.subscribe("one") as one, broadcast.subscribe("two") as two:
            for subscriber in (one, two):
                assert (await subscriber.get()).message == RESYNC
            await broadcast.publish("one", "hello")
            assert await one.get() == Event("one", "hello")
        await until(lambda: backend.pulse.connected is None)


async def test_a_server_out_of_reach_costs_time_and_nothing_else(
    stack: AsyncExitStack, pool: asyncpg.Pool
) -> None:
    for backend in (
        PostgresBackend("postgresql://nobody@127.0.0.1:1/none", pool),
        RedisBackend("redis://127.0.0.1:1"),
    ):
        doorbell, rings = await heard(stack, backend)
        doorbell.ring(HERE, 1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(rings), 0.5)
        assert backend.pulse.connected is False


async def test_redis_may_restart(
    stack: AsyncExitStack, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    backend = RedisBackend(redis.url)
    doorbell, rings = await heard(stack, backend)
    assert await soon(rings) is None
    redis.kill()
    await until(lambda: backend.pulse.connected is False)
    doorbell.ring(HERE, 1)
    await until(lambda: backend.pulse.failed > 0)
    redis.start()
    began = time.monotonic()
    await past(rings, 1)
    assert time.monotonic() - began < 5
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1


async def test_redis_may_hang(stack: AsyncExitStack, redis: RedisServer) -> None:
    backend = RedisBackend(redis.url, heartbeat=0.3)
    doorbell, rings = await heard(stack, backend)
    assert await soon(rings) is None
    with redis.hanging():
        doorbell.ring(HERE, 1)
        await until(lambda: backend.pulse.connected is False)
        await until(lambda: backend.pulse.failed > 0)
    began = time.monotonic()
    await past(rings, 1)
    doorbell.ring(HERE, 2)
    while await soon(rings) != Ring(HERE, 2):
        pass
    assert time.monotonic() - began < 5


async def test_a_connection_to_postgresql_may_hang(
    stack: AsyncExitStack, pool: asyncpg.Pool, database_url: str, postgres: Server
) -> None:
    if postgres.remote:
        pytest.skip("processes of a server elsewhere can't be stopped")
    backend = PostgresBackend(database_url, pool, heartbeat=0.3)
    doorbell, rings = await heard(stack, backend)
    assert await soon(rings) is None
    process = psutil.Process(await pool.fetchval(HEARING))
    process.suspend()
    try:
        await until(lambda: backend.pulse.connected is False)
        began = time.monotonic()
        assert await soon(rings) is None
        doorbell.ring(HERE, 1)
        assert await soon(rings) == Ring(HERE, 1)
        assert time.monotonic() - began < 5
    finally:
        process.resume()


async def test_a_pool_that_hangs_holds_nobody_up(database_url: str, postgres: Server) -> None:
    if postgres.remote:
        pytest.skip("processes of a server elsewhere can't be stopped")
    async with open_pool(database_url, max_size=1) as pool:
        backend = PostgresBackend(database_url, pool)
        process = psutil.Process(await pool.fetchval("select pg_backend_pid()"))
        process.suspend()
        try:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(backend.publish("c", "one"), 5)
        finally:
            process.resume()
        await backend.publish("c", "two")
    assert backend.pulse.failed == 1


async def test_an_inbox_that_overflows_holds_one_resync() -> None:
    pulse = Pulse("memory")
    inbox = Inbox(pulse, size=3)
    inbox.channels |= {"c", "d"}
    for number in range(4):
        inbox.put("c", str(number))
    inbox.put("unheard", "x")
    inbox.put("c", "after")
    resyncs = [await inbox.get(), await inbox.get()]
    assert sorted(event.channel for event in resyncs) == ["c", "d"]
    assert {event.message for event in resyncs} == {RESYNC}
    assert await inbox.get() == Event("c", "after")
    assert (pulse.lost, pulse.resyncs) == (4, 1)


async def test_what_postgresql_can_t_carry_is_a_resync(
    stack: AsyncExitStack, pool: asyncpg.Pool, database_url: str
) -> None:
    backend = PostgresBackend(database_url, pool)
    broadcast = await stack.enter_async_context(Broadcast(backend=backend))
    subscriber = await stack.enter_async_context(broadcast.subscribe("c"))
    assert (await subscriber.get()).message == RESYNC
    for length, message in ((7999, "x" * 7999), (8000, RESYNC)):
        await broadcast.publish("c", "x" * length)
        assert (await subscriber.get()).message == message
    with pytest.raises(ValueError, match="63 bytes"):
        await backend.subscribe("c" * 64)


def test_pauses_grow_and_differ() -> None:
    waits = [list(itertools.islice(pauses(0.1, 2.0), 8)) for _ in range(20)]
    for most, column in zip(
        (0.1, 0.2, 0.4, 0.8, 1.6, 2, 2, 2), zip(*waits, strict=True), strict=True
    ):
        assert all(most / 2 <= wait <= most for wait in column)
        assert len(set(column)) > 1


def test_the_address_chooses_the_backend(pool: asyncpg.Pool) -> None:
    assert isinstance(backend_for("", "dsn", pool), MemoryBackend)
    assert isinstance(backend_for("memory://", "dsn", pool), MemoryBackend)
    assert isinstance(backend_for("postgres://", "dsn", pool), PostgresBackend)
    assert isinstance(backend_for("redis://host:6379", "dsn", pool), RedisBackend)
    assert isinstance(backend_for("rediss://host:6379", "dsn", pool), RedisBackend)
    with pytest.raises(BroadcastUnsupported, match="BROADCAST_URL can't be kafka"):
        backend_for("kafka://host", "dsn", pool)
