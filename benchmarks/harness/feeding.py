"""Feeds events to a server under test, so many rounds of one event for each generation.

    python -P -m benchmarks.harness.feeding ANSWERS postgres DSN BROADCAST < plans
    python -P -m benchmarks.harness.feeding ANSWERS lines < plans > server

A plan is a line of JSON; when its rounds were offered is answered by a line on the open file of
the number ANSWERS. To PostgreSQL events go by the rules of the log, with a ring of the doorbell
after each commit; for the others a round is one line, an array of events.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
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

Offer = Callable[["Plan", int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """`workspaces` has the generations of each; a round is offered every `interval` seconds."""

    workspaces: dict[str, list[str]]
    names: dict[str, str]
    first: int
    events: int
    interval: float


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
        await offer(plan, plan.first + number)
    return times


@asynccontextmanager
async def to_postgres(dsn: str, broadcast: str) -> AsyncGenerator[Offer]:
    """Append in the log's own order of locks: the generations first, the head last."""
    async with (
        open_pool(dsn, max_size=4) as pool,
        bell.opened(backend_for(broadcast, dsn, pool)) as doorbell,
    ):

        async def offer(plan: Plan, seq: int) -> None:
            payload = encode(progress(seq, plan.events))
            heads: dict[WorkspaceId, int] = {}
            async with transaction(pool) as connection:
                for name, generations in plan.workspaces.items():
                    workspace, count = WorkspaceId(UUID(name)), len(generations)
                    await connection.execute(TAKE_SEQS, generations)
                    head = await connection.fetchval(TAKE_WORKSPACE_SEQ, workspace, count)
                    await connection.execute(APPEND_EACH, generations, head - count, payload)
                    heads[workspace] = head
            for workspace, head in heads.items():
                doorbell.ring(workspace, head)

        yield offer


async def to_lines(plan: Plan, seq: int) -> None:
    await asyncio.to_thread(_print, round_of(plan, seq))


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


async def work(answers: int, offering: AbstractAsyncContextManager[Offer]) -> None:
    """Go through one plan after the other."""
    async with offering as offer:
        while line := await asyncio.to_thread(sys.stdin.readline):
            times = await feed(Plan(**json.loads(line)), offer)
            os.write(answers, json.dumps(times).encode() + b"\n")


def main() -> None:
    answers, way, *where = sys.argv[1:]
    offering = to_postgres(*where) if way == "postgres" else nullcontext(to_lines)
    asyncio.run(work(int(answers), offering))


if __name__ == "__main__":
    main()
