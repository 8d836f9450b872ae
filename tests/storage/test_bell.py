"""The doorbell: what is said, in how many words, and that it is said in the end."""

import json
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import asyncpg

from pipeline.domain import WorkspaceId
from storage.bell import CHANNEL, Ring, Rings
from storage.broadcasts import MemoryBackend, PostgresBackend
from tests.storage.broadcasting import heard, soon, until

HERE = WorkspaceId(uuid4())
THERE = WorkspaceId(uuid4())


class Failing(MemoryBackend):
    """A broadcast that fails so many times, and remembers what it was given."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures
        self.said: list[str] = []

    async def publish(self, channel: str, message: Any) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("not now")
        self.said.append(message)
        await super().publish(channel, message)


async def test_the_latest_ring_of_each_workspace_is_heard(stack: AsyncExitStack) -> None:
    doorbell, rings = await heard(stack, MemoryBackend())
    for seq in (1, 5, 3):
        doorbell.ring(HERE, seq)
    doorbell.ring(THERE, 2)
    assert await soon(rings) == Ring(HERE, 5)
    assert await soon(rings) == Ring(THERE, 2)


async def test_rings_that_wait_are_said_together(stack: AsyncExitStack) -> None:
    backend = Failing(0)
    doorbell, rings = await heard(stack, backend)
    for _ in range(100):
        doorbell.ring(WorkspaceId(uuid4()), 2**63)
    taken = {await soon(rings) for _ in range(100)}
    assert None not in taken
    assert len(taken) == 100
    assert len(backend.said) == 2
    assert max(len(said) for said in backend.said) < 8000


async def test_what_could_not_be_said_is_said_later(stack: AsyncExitStack) -> None:
    backend = Failing(3)
    doorbell, rings = await heard(stack, backend)
    doorbell.ring(HERE, 1)
    await until(lambda: backend.failures < 3)
    doorbell.ring(THERE, 1)
    doorbell.ring(HERE, 2)
    assert {await soon(rings), await soon(rings)} == {Ring(HERE, 2), Ring(THERE, 1)}


async def test_a_slow_reader_is_told_the_latest(stack: AsyncExitStack) -> None:
    doorbell, rings = await heard(stack, MemoryBackend())
    other, quick = await heard(stack, MemoryBackend())
    for seq in range(1, 2001):
        for one in (doorbell, other):
            one.ring(HERE, seq)
        assert await soon(quick) == Ring(HERE, seq)
    assert await soon(rings) == Ring(HERE, 2000)


async def test_too_many_rings_become_one_look_at_everything() -> None:
    rings = Rings(most=3)
    for seq in (1, 2):
        for workspace in (HERE, THERE, HERE):
            rings.put(Ring(workspace, seq))
    assert await rings.take(1) == [Ring(HERE, 2)]
    for _ in range(3):
        rings.put(Ring(WorkspaceId(uuid4()), 1))
    rings.put(Ring(HERE, 3))
    assert await rings.take(9) is None
    assert await rings.take(9) == [Ring(HERE, 3)]


async def test_what_is_no_ring_asks_for_a_look(
    stack: AsyncExitStack, pool: asyncpg.Pool, database_url: str
) -> None:
    _, rings = await heard(stack, PostgresBackend(database_url, pool))
    assert await soon(rings) is None
    one = {"workspace": str(HERE), "workspace_seq": 1}
    for junk in ("", "{}", '[{"workspace": 5, "workspace_seq": 1}]', json.dumps(one), "nonsense"):
        await pool.execute("select pg_notify($1, $2)", CHANNEL, junk)
        assert await soon(rings) is None
