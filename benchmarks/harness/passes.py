"""One pass of the load over sockets that are open: what it cost, and what became of the events."""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import pairwise

import asyncpg
import httpx

from benchmarks.harness.contenders import Contender
from benchmarks.harness.pinning import cpu_seconds
from benchmarks.harness.watchers import Watcher, arrived

FEEDER = (sys.executable, "-P", "-m", "benchmarks.harness.feeding")
SERVED = {"query": "{ served }"}
PATIENCE_SECONDS = 60.0

ADD_GENERATIONS = """
insert into generations (id, workspace_id, user_id, mode, status, settings)
select one, $2, $3, 'FROM_PROMPT', 'PROCESSING', '{}' from unnest($1::uuid[]) as one
"""


@dataclass(slots=True)
class Load:
    """One event for each of `generations` (their global ids by their own) every `interval`."""

    workspaces: dict[str, list[str]]
    names: dict[str, str]
    events: int
    interval: float
    first: int = 1


@dataclass(frozen=True, slots=True)
class Feeder:
    """A process of its own that offers loads."""

    plans: asyncio.StreamWriter
    answers: asyncio.StreamReader

    async def offer(self, load: Load) -> list[float]:
        """Return when each round was offered, in monotonic seconds."""
        self.plans.write(json.dumps(asdict(load)).encode() + b"\n")
        answer = await self.answers.readline()
        if not answer:
            raise RuntimeError("the load could not be offered")
        times: list[float] = json.loads(answer)
        return times


@asynccontextmanager
async def feeding(server: Contender, broadcast: str) -> AsyncGenerator[Feeder]:
    """Start a feeder of that server."""
    way = ("postgres", server.database, broadcast) if server.database else ("lines",)
    ours, its = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *FEEDER,
        str(its),
        *way,
        stdin=asyncio.subprocess.PIPE,
        stdout=None if server.database else server.process.stdin,
        pass_fds=(its,),
    )
    os.close(its)
    answers = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        partial(asyncio.StreamReaderProtocol, answers), os.fdopen(ours, "rb")
    )
    assert process.stdin is not None
    try:
        yield Feeder(process.stdin, answers)
    finally:
        process.stdin.close()
        await process.wait()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass showed; times in seconds, `waits` from the offer to each arrival."""

    deliveries: int
    cpu: float
    postgres: float
    took: float
    offered: float
    lost: int
    repeated: int
    disordered: int
    waits: Sequence[float] = field(repr=False)

    @property
    def us(self) -> float:
        """Microseconds of the server's processor for each delivery."""
        return self.cpu / max(1, self.deliveries) * 1e6

    @property
    def wrong(self) -> int:
        return self.lost + self.repeated + self.disordered


async def gone_through(
    server: Contender, feeder: Feeder, watchers: Sequence[Watcher], load: Load
) -> Outcome:
    """Offer the load and wait until it has arrived; later passes go on from its last number."""
    for one in watchers:
        one.arrivals.clear()
    before = cpu_seconds(server.pid), server.postgres_seconds()
    began = time.monotonic()
    offered = await feeder.offer(load)
    await arrived(watchers, load.events, PATIENCE_SECONDS)
    heard = [moment for one in watchers for _, moment in one.arrivals]
    expected = range(load.first, load.first + load.events)
    load.first += load.events
    lost, repeated, disordered = _faults(watchers, expected)
    return Outcome(
        deliveries=len(heard),
        cpu=cpu_seconds(server.pid) - before[0],
        postgres=server.postgres_seconds() - before[1],
        took=max(heard, default=began) - offered[0],
        offered=(len(watchers) * (len(offered) - 1)) / max(1e-9, offered[-1] - offered[0]),
        lost=lost,
        repeated=repeated,
        disordered=disordered,
        waits=[
            moment - offered[seq - expected.start]
            for one in watchers
            for seq, moment in one.arrivals
            if seq in expected
        ],
    )


async def listening(server: Contender, watchers: Sequence[Watcher], subscriptions: int) -> None:
    """Wait until they are subscribed: to ours each has its run's first event then.

    The others have no log, and tell how many subscriptions they have had.
    """
    if server.database:
        await arrived(watchers, 1, PATIENCE_SECONDS)
        return
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        httpx.AsyncClient(base_url=server.url, trust_env=False) as http,
    ):
        served = 0
        while served < subscriptions:
            await asyncio.sleep(0.05)
            served = (await http.post("/graphql", json=SERVED)).json()["data"]["served"]


def _faults(watchers: Sequence[Watcher], expected: range) -> tuple[int, int, int]:
    """Count what is lost, what came again, and what came before what precedes it."""
    lost = repeated = disordered = 0
    for one in watchers:
        heard = [seq for seq, _ in one.arrivals]
        lost += len(set(expected) - set(heard))
        repeated += len(heard) - len(set(heard))
        disordered += sum(later < sooner for sooner, later in pairwise(heard))
    for why, times in Counter(one.closed for one in watchers if one.closed).most_common(3):
        print(f"{times} sockets ended: {why}", file=sys.stderr)
    return lost, repeated, disordered


async def prepared(server: Contender, feeder: Feeder, user: str, load: Load) -> None:
    """Have the runs in our database, as ones that somebody works on, each with a first event."""
    if not server.database:
        return
    database = await asyncpg.connect(server.database)
    for workspace, generations in load.workspaces.items():
        await database.execute(ADD_GENERATIONS, generations, workspace, user)
    await database.close()
    await feeder.offer(replace(load, events=1))
    load.first += 1
