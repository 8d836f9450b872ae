"""Feeds events to a server under test, so many rounds of one event for each generation.

    python -P -m benchmarks.harness.feeding postgres DSN < plan
    python -P -m benchmarks.harness.feeding lines < plan > server

The plan is JSON; when each round was offered is written to its file `offered`. To PostgreSQL
events go by the rules of the log, with a ring of the doorbell after each commit; for the others
a round is one line, an array of events.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from uuid import UUID

from pipeline.domain import StageName, WorkspaceId
from pipeline.events import StageProgress
from storage import bell
from storage.broadcasts import backend_for
from storage.codec import encode
from storage.database import open_pool, transaction
from storage.events import TAKE_WORKSPACE_SEQ

TAKE_SEQS = """
update generations set last_seq = last_seq + 1, updated_at = clock_timestamp()
 where id = any($1::uuid[])
"""

APPEND_EACH = """
insert into generation_events (workspace_id, workspace_seq, generation_id, seq, kind, payload)
select g.workspace_id, $2 + row_number() over (), g.id, g.last_seq, 'StageProgress', $3
  from generations g
 where g.id = any($1::uuid[])
"""

Offer = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """`workspaces` has the generations of each; a round is offered every `interval` seconds."""

    workspaces: dict[str, list[str]]
    names: dict[str, str]
    first: int
    events: int
    interval: float
    offered: str
    broadcast: str

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(**json.loads(text))


def progress(seq: int, of: int) -> StageProgress:
    """Return what a run says that is so far."""
    return StageProgress(StageName.GENERATION, seq % (of + 1) / of, f"image {seq % 4 + 1} of 4")


async def feed(plan: Plan, offer: Offer) -> list[float]:
    """Offer the rounds, late ones at once; return when each was offered, in monotonic seconds."""
    times: list[float] = []
    began = time.monotonic()
    for number in range(plan.events):
        await asyncio.sleep(max(0.0, began + number * plan.interval - time.monotonic()))
        times.append(time.monotonic())
        await offer(plan.first + number)
    return times


async def to_postgres(plan: Plan, dsn: str) -> list[float]:
    """Append through the log's own order of locks: the generations first, the head last."""
    groups = {
        WorkspaceId(UUID(workspace)): [UUID(one) for one in generations]
        for workspace, generations in plan.workspaces.items()
    }
    async with (
        open_pool(dsn, max_size=4) as pool,
        bell.opened(backend_for(plan.broadcast, dsn, pool)) as doorbell,
    ):

        async def offer(seq: int) -> None:
            payload = encode(progress(seq, plan.events))
            async with transaction(pool) as connection:
                heads: dict[WorkspaceId, int] = {}
                for workspace, generations in groups.items():
                    count = len(generations)
                    await connection.execute(TAKE_SEQS, generations)
                    head = await connection.fetchval(TAKE_WORKSPACE_SEQ, workspace, count)
                    await connection.execute(APPEND_EACH, generations, head - count, payload)
                    heads[workspace] = head
            for workspace, head in heads.items():
                doorbell.ring(workspace, head)

        times = await feed(plan, offer)
        # The last ring is said by a task that goes with the doorbell.
        await asyncio.sleep(0.5)
    return times


async def to_lines(plan: Plan) -> list[float]:
    async def offer(seq: int) -> None:
        await asyncio.to_thread(_print, round_of(plan, seq))

    return await feed(plan, offer)


def round_of(plan: Plan, seq: int) -> list[dict[str, object]]:
    """Return one event for each generation as a server shows it."""
    now = datetime.now(UTC).isoformat()
    told = progress(seq, plan.events)
    return [
        {
            "__typename": "StageProgress",
            "generationId": plan.names[generation],
            "seq": seq,
            "cursor": f"{workspace[:8]}{seq:024}",
            "at": now,
            "name": told.name,
            "fraction": told.fraction,
            "message": told.message,
        }
        for workspace, generations in plan.workspaces.items()
        for generation in generations
    ]


def _print(told: Sequence[object]) -> None:
    print(json.dumps(told), flush=True)


def main() -> None:
    plan = Plan.read(sys.stdin.read())
    work = to_postgres(plan, sys.argv[2]) if sys.argv[1] == "postgres" else to_lines(plan)
    Path(plan.offered).write_text(json.dumps(asyncio.run(work)))


if __name__ == "__main__":
    main()
