"""What befalls a cluster: its processes die or stall, and its servers go and come."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import asyncpg

from benchmarks.harness.cluster import Cluster, Member

LEASE_SECONDS = 2
PATIENCE = 10.0
CUT = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
 where backend_type = 'client backend' and pid <> pg_backend_pid() and random() < $1
"""

Fault = Callable[[], Awaitable[bool]]


@dataclass(slots=True)
class Storm:
    """So many faults over `span` seconds; `done` counts those that found their victim."""

    cluster: Cluster
    faults: int
    span: float
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter[str])

    async def blow(self) -> None:
        """Let the faults happen at their times, each while others may still last."""
        kinds = self._kinds()
        times = sorted(self.chance.uniform(0, self.span) for _ in kinds)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for at, (name, fault) in zip(times, kinds, strict=True):
                await asyncio.sleep(max(0.0, at - (time.monotonic() - began)))
                group.create_task(self._counted(name, fault))

    def _kinds(self) -> list[tuple[str, Fault]]:
        """Return the faults in a random order; those of the servers come once."""
        often: list[tuple[str, Fault]] = [
            ("workers_killed", self._kill_worker),
            ("workers_killed", self._kill_worker),
            ("workers_stopped", self._stop_worker),
            ("workers_stopped", self._stop_worker),
            ("apis_killed", self._kill_api),
            ("apis_stopped", self._stop_api),
            ("connections_cut", self._cut),
            ("deploys", self._deploy),
        ]
        once: list[tuple[str, Fault]] = [
            ("postgres_restarts", self._restart_postgres),
            ("redis_restarts", self._restart_redis),
        ]
        more = self.faults - len(once)
        chosen = (often * (more // len(often) + 1))[:more]
        kinds = [*chosen, *once]
        self.chance.shuffle(kinds)
        return kinds

    async def _counted(self, name: str, fault: Fault) -> None:
        if await fault():
            self.done[name] += 1

    async def _kill_worker(self) -> bool:
        return await self._with_one(self.cluster.workers, self._kill)

    async def _stop_worker(self) -> bool:
        return await self._with_one(self.cluster.workers, self._stop)

    async def _kill_api(self) -> bool:
        return await self._with_one(list(self.cluster.apis.values()), self._kill)

    async def _stop_api(self) -> bool:
        return await self._with_one(list(self.cluster.apis.values()), self._stop)

    async def _with_one(
        self, members: Sequence[Member], act: Callable[[Member], Awaitable[None]]
    ) -> bool:
        """Act on one of them, once another of its kind is left in peace; else on none."""
        until = time.monotonic() + PATIENCE
        while len(free := [one for one in members if not one.busy]) < 2:
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.1)
        member = self.chance.choice(free)
        member.busy = True
        await act(member)
        member.busy = False
        return True

    async def _kill(self, member: Member) -> None:
        member.kill()
        await asyncio.sleep(self.chance.uniform(0, LEASE_SECONDS))
        await member.start()

    async def _stop(self, member: Member) -> None:
        """Stop it for longer than a lease; what took over may be killed meanwhile."""
        member.send(signal.SIGSTOP)
        await asyncio.sleep(LEASE_SECONDS * self.chance.uniform(1.2, 2))
        successor = asyncio.create_task(self._kill_worker()) if self.chance.random() < 0.3 else None
        await asyncio.sleep(self.chance.uniform(0, 0.5))
        member.send(signal.SIGCONT)
        if successor and await successor:
            self.done["workers_killed"] += 1

    async def _deploy(self) -> bool:
        kinds = (self.cluster.workers, list(self.cluster.apis.values()))
        return await self._with_one(self.chance.choice(kinds), self._renew)

    async def _renew(self, member: Member) -> None:
        if complaint := await asyncio.to_thread(member.end):
            self.cluster.complaints.append(complaint)
        await member.start()

    async def _cut(self) -> bool:
        connection = await asyncpg.connect(self.cluster.servers.database.dsn)
        try:
            await connection.fetchval(CUT, self.chance.choice((0.3, 1.0)))
        finally:
            await connection.close()
        return True

    async def _restart_postgres(self) -> bool:
        # In this thread, whose end it would share; it takes a second.
        self.cluster.servers.database.stop()
        self.cluster.servers.database.start()
        return True

    async def _restart_redis(self) -> bool:
        self.cluster.servers.redis.kill()
        await asyncio.sleep(self.chance.uniform(0, 1))
        self.cluster.servers.redis.start()
        return True
