"""How fast a cancel stops what is under way, wherever that is."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from pipeline.domain import GenerationId
from pipeline.errors import StoreUnreachable
from server.worker import Worker
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.gates import Limit
from storage.objects import LocalObjects
from tests.server.painting import Studio, eventually
from tests.shut import SilentBell

CALLS = "select sent_at is not null as sent from charges where generation_id = $1"


class Shut(LocalObjects):
    """A store that takes nothing."""

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        raise StoreUnreachable(
            f"{key} of {len(content)} bytes is no {content_type} for a shut store"
        )


@pytest.fixture
async def studio(pool: asyncpg.Pool, database_url: str, tmp_path: Path) -> Studio:
    await ensure_local_viewer(pool)
    return Studio.on(pool, database_url, tmp_path)


async def cancelled(studio: Studio, worker: Worker, generation: GenerationId) -> float:
    """Cancel it; return after how many seconds nobody works on it any more."""
    clock = asyncio.get_running_loop().time
    began = clock()
    await verbs.cancel(studio.db, SilentBell(), LOCAL, generation)

    async def dropped() -> bool:
        return generation not in worker.working_on

    await eventually(dropped)
    status = await studio.db.fetchval("select status from generations where id = $1", generation)
    assert status == "CANCELLED"
    return clock() - began


async def stage(studio: Studio, generation: GenerationId, name: str) -> str:
    found: str = await studio.db.fetchval(
        "select status from generation_stages where generation_id = $1 and name = $2",
        generation,
        name,
    )
    return found


async def test_a_waiting_run_leaves_the_queue(studio: Studio) -> None:
    studio.painter.may.clear()
    first = await studio.submit()
    async with replace(studio, slots=1).at_work() as worker:
        await studio.begun()
        waiting = await studio.submit()
        await cancelled(studio, worker, waiting)
        assert await studio.db.fetchval("select count(*) from pgqueuer") == 0
        studio.painter.may.set()

        async def done() -> bool:
            return await stage(studio, first, "DELIVERY") == "COMPLETED"

        await eventually(done)
    assert studio.painter.started == 1


async def test_a_stage_under_way_stops_within_a_second(studio: Studio) -> None:
    studio.painter.may.clear()
    generation = await studio.submit()
    async with studio.at_work() as worker:
        await studio.begun()
        assert await cancelled(studio, worker, generation) < 1
    assert await stage(studio, generation, "GENERATION") == "CANCELLED"
    assert studio.painter.painted == 0


async def test_what_waits_for_a_seat_stops_within_a_second_and_was_never_sent(
    studio: Studio,
) -> None:
    studio.painter.may.clear()
    limited = replace(studio, paid=True, limit=Limit(100, timedelta(seconds=1), seats=1))
    first = await studio.submit()
    async with limited.at_work() as worker:
        await studio.begun()
        second = await studio.submit()

        async def opened() -> bool:
            return await studio.db.fetchrow(CALLS, second) is not None

        await eventually(opened)
        assert await cancelled(studio, worker, second) < 1
        assert [row["sent"] for row in await studio.db.fetch(CALLS, second)] == [False]
        assert [row["sent"] for row in await studio.db.fetch(CALLS, first)] == [True]
        studio.painter.may.set()
    assert studio.painter.started == 1


async def test_a_delivery_that_waits_for_its_store_stops_within_a_second(
    studio: Studio, tmp_path: Path
) -> None:
    generation = await studio.submit()
    async with replace(studio, objects=Shut(tmp_path, "")).at_work() as worker:

        async def waits() -> bool:
            found: bool = await studio.db.fetchval(
                "select exists (select from generation_slots where draft is not null)"
            )
            return found and await stage(studio, generation, "DELIVERY") == "RUNNING"

        await eventually(waits)
        assert await cancelled(studio, worker, generation) < 1

    assert await studio.db.fetchval("select draft is not null from generation_slots")
    await verbs.retry(studio.db, SilentBell(), LOCAL, generation, from_stage=None, idempotency=None)
    async with studio.at_work():
        await studio.becomes("COMPLETED")
    assert studio.painter.painted == 1
