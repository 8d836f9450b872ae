import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from pipeline.domain import StageName
from pipeline.imaging import ImageRequest
from server.worker import MAX_TAKEOVERS
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.objects import LocalObjects
from tests.server.painting import LEASE, Studio, eventually
from tests.shut import SilentBell


@pytest.fixture
async def studio(pool: asyncpg.Pool, database_url: str, tmp_path: Path) -> Studio:
    await ensure_local_viewer(pool)
    return Studio.on(pool, database_url, tmp_path)


async def test_a_run_goes_through_all_stages_and_its_job_goes(studio: Studio) -> None:
    await studio.submit(count=3)

    async with studio.at_work():
        await studio.becomes("COMPLETED")

    rows = await studio.db.fetch("select name, status from generation_stages")
    stages = {row["name"]: row["status"] for row in rows}
    skipped = {"ANALYSIS", "PERSONA"}
    assert {name for name, status in stages.items() if status == "SKIPPED"} == skipped
    assert await studio.db.fetchval("select count(*) from generation_assets") == 3
    assert await studio.db.fetchval("select cost from generations") == 3
    assert await studio.db.fetchval("select count(*) from pgqueuer") == 0
    assert not [path for path in studio.staging.root.rglob("*") if path.is_file()]


async def test_three_images_of_four_are_completed_and_a_retry_makes_the_fourth(
    studio: Studio,
) -> None:
    def third(request: ImageRequest) -> bool:
        return request.slot == 2

    broken = replace(studio.painter, fails=third)
    generation = await studio.submit(count=4)
    async with replace(studio, painter=broken).at_work():
        await studio.becomes("COMPLETED")
    failed = await studio.db.fetchval("select error from generation_slots where index = 2")
    assert failed["code"] == "PROVIDER_UNAVAILABLE"
    summary = await studio.db.fetchval(
        "select summary from generation_stages where name = 'GENERATION'"
    )
    assert "3 of 4" in summary

    await verbs.retry(studio.db, SilentBell(), LOCAL, generation, from_stage=None, idempotency=None)
    async with studio.at_work():
        await studio.becomes("COMPLETED")

    assert (broken.painted, studio.painter.painted) == (3, 1)
    assert await studio.db.fetchval("select count(*) from generation_assets") == 4


async def test_without_a_single_image_the_run_fails_with_the_reason(studio: Studio) -> None:
    studio.painter.fails = lambda _request: True
    await studio.submit(count=2)

    async with studio.at_work():
        await studio.becomes("FAILED")

    error = await studio.db.fetchval("select error from generations")
    assert (error["code"], error["stage"]) == ("PROVIDER_UNAVAILABLE", "GENERATION")


async def test_a_stopped_worker_hands_over_and_the_next_goes_on(studio: Studio) -> None:
    studio.painter.may.clear()
    await studio.submit(count=2)
    async with studio.at_work(settle=0.1):
        await studio.begun(2)
    assert await studio.status() == "PROCESSING"

    studio.painter.may.set()
    async with studio.at_work():
        await studio.becomes("COMPLETED")

    assert studio.painter.painted == 2
    starts = await studio.db.fetchval(
        "select count(*) from generation_events"
        " where payload #>> '{stage,name}' = 'ROUTING' and payload #>> '{stage,status}' = 'RUNNING'"
    )
    assert starts == 1


async def test_a_run_that_stops_worker_after_worker_is_given_up(studio: Studio) -> None:
    await studio.submit()
    await studio.db.execute(
        "update generations set status = 'PROCESSING', takeovers = $1,"
        " leased_until = now() - interval '1 s'",
        MAX_TAKEOVERS,
    )
    await studio.db.execute("update generation_slots set status = 'RUNNING'")
    await studio.db.execute(
        "update generation_stages set status = 'RUNNING' where name = 'GENERATION'"
    )

    async with studio.at_work():
        await studio.becomes("FAILED")

    error = await studio.db.fetchval("select error from generations")
    assert error["code"] == "WORKER_LOST"
    assert studio.painter.started == 0
    running = await studio.db.fetchval(
        "select (select count(*) from generation_stages where status = 'RUNNING')"
        "     + (select count(*) from generation_slots where status = 'RUNNING')"
    )
    assert running == 0


async def test_a_cancelled_attempt_and_its_retry_do_not_mix(studio: Studio) -> None:
    studio.painter.may.clear()
    generation = await studio.submit()
    async with studio.at_work():
        await studio.begun()
        await verbs.cancel(studio.db, SilentBell(), LOCAL, generation)
        await verbs.retry(
            studio.db, SilentBell(), LOCAL, generation, from_stage=None, idempotency=None
        )
        await studio.begun(2)
        # Longer than a lease: the second attempt has to be kept, though the first one ended.
        await asyncio.sleep(LEASE.total_seconds() + 0.5)
        studio.painter.may.set()
        await studio.becomes("COMPLETED")

    assert studio.painter.painted == 1
    row = await studio.db.fetchrow("select attempt, claim, takeovers from generations")
    assert row is not None
    assert (row["attempt"], row["takeovers"]) == (2, 0)


async def test_upkeep_goes_on_after_a_failure_that_nobody_foresaw(studio: Studio) -> None:
    await studio.db.execute("alter table object_removals rename to hidden")
    studio.painter.may.clear()
    await studio.submit()
    async with studio.at_work():
        await studio.begun()
        await asyncio.sleep(LEASE.total_seconds() + 0.5)
        await studio.db.execute("alter table hidden rename to object_removals")
        await studio.db.execute("delete from pgqueuer")
        studio.painter.may.set()
        await studio.becomes("COMPLETED")
    assert await studio.db.fetchval("select takeovers from generations") == 0


async def queued(studio: Studio) -> int:
    found: int = await studio.db.fetchval("select count(*) from pgqueuer where status = 'queued'")
    return found


async def failure(studio: Studio) -> tuple[str, str | None]:
    error = await studio.db.fetchval("select error from generations")
    return error["code"], error["stage"]


async def test_a_worker_takes_no_more_jobs_than_it_has_slots(studio: Studio) -> None:
    studio.painter.may.clear()
    for _ in range(5):
        await studio.submit()
    async with replace(studio, slots=2).at_work():
        await studio.begun(2)
        assert await queued(studio) == 3
        assert await studio.db.fetchval("select count(*) from pgqueuer") == 3
        studio.painter.may.set()
        await eventually(lambda: studio.all_are("COMPLETED"))


async def test_a_cut_connection_keeps_no_new_run_waiting(studio: Studio) -> None:
    studio.painter.may.clear()
    await studio.submit()
    async with studio.at_work():
        await studio.begun()
        cut = await studio.db.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'designer-bff worker'"
        )
        assert len(cut) == 1
        before = asyncio.get_running_loop().time()
        await studio.submit()
        await studio.begun(2)
        assert asyncio.get_running_loop().time() - before < 1.5
        studio.painter.may.set()
        await eventually(lambda: studio.all_are("COMPLETED"))


async def test_leases_wait_for_no_other_work(studio: Studio) -> None:
    studio.painter.may.clear()
    await studio.submit()
    async with studio.at_work():
        await studio.begun()
        async with AsyncExitStack() as busy:
            for _ in range(studio.db.get_max_size()):
                await busy.enter_async_context(studio.db.acquire())
            await asyncio.sleep(LEASE.total_seconds() + 1)
        studio.painter.may.set()
        await studio.becomes("COMPLETED")
    assert await studio.db.fetchval("select claim from generations") == 1


async def test_what_is_handed_over_goes_on_elsewhere_at_once(studio: Studio) -> None:
    studio.painter.may.clear()
    await studio.submit()
    async with AsyncExitStack() as first:
        await first.enter_async_context(studio.at_work(settle=0, patience=0))
        await studio.begun()
        async with studio.at_work():
            handed_over = asyncio.get_running_loop().time()
            await first.aclose()
            await studio.begun(2)
            assert asyncio.get_running_loop().time() - handed_over < 1.5
            studio.painter.may.set()
            await studio.becomes("COMPLETED")
    assert await studio.db.fetchval("select takeovers from generations") == 0


async def test_a_worker_that_ends_waits_for_calls_that_nobody_else_could_ask_about(
    studio: Studio,
) -> None:
    studio.painter.may.clear()
    await studio.submit()
    async with replace(studio, paid=True).at_work(settle=0, patience=10):
        await studio.begun()
        asyncio.get_running_loop().call_later(0.5, studio.painter.may.set)

    assert studio.painter.painted == 1
    assert await studio.db.fetchval("select state from charges") == "SETTLED"
    async with studio.at_work():
        await studio.becomes("COMPLETED")
    assert studio.painter.started == 1


async def test_a_stage_that_takes_too_long_fails_the_run(studio: Studio) -> None:
    studio.painter.may.clear()
    await studio.submit()
    async with replace(studio, deadlines={StageName.GENERATION: 0.3}).at_work():
        await studio.becomes("FAILED")
    assert await failure(studio) == ("DEADLINE_EXCEEDED", "GENERATION")
    assert (
        await studio.db.fetchval(
            "select error ->> 'code' from generation_stages where name = 'GENERATION'"
        )
        == "DEADLINE_EXCEEDED"
    )


async def test_a_run_that_takes_too_long_fails(studio: Studio) -> None:
    studio.painter.may.clear()
    await studio.submit()
    async with replace(studio, allowance=timedelta(seconds=0.8)).at_work():
        await studio.becomes("FAILED")
    assert await failure(studio) == ("DEADLINE_EXCEEDED", None)
    assert (
        await studio.db.fetchval("select count(*) from generation_stages where status = 'RUNNING'")
        == 0
    )


async def test_a_run_past_its_deadline_fails_though_its_worker_died(studio: Studio) -> None:
    await studio.submit()
    await studio.db.execute(
        "update generations set status = 'PROCESSING', leased_until = now() - interval '1 s',"
        " deadline_at = now() - interval '1 s'"
    )
    async with studio.at_work():
        await studio.becomes("FAILED")
    assert await failure(studio) == ("DEADLINE_EXCEEDED", None)
    assert studio.painter.started == 0


async def test_what_a_run_has_taken_is_counted_across_workers(studio: Studio) -> None:
    studio.painter.may.clear()
    await studio.submit()
    short = replace(studio, allowance=timedelta(seconds=2))
    async with short.at_work(settle=0, patience=0):
        await studio.begun()
        # Longer than leases are extended after.
        await asyncio.sleep(1)
    left = await studio.db.fetchval("select deadline_at - clock_timestamp() from generations")
    assert left < timedelta(seconds=1.5)
    async with studio.at_work():
        await studio.becomes("FAILED")
    assert await failure(studio) == ("DEADLINE_EXCEEDED", None)


class Slow(LocalObjects):
    """Stores as slowly as a bucket that hangs: longer than a lease."""

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        await super().put(key, content, content_type)
        await asyncio.sleep(2.5 * LEASE.total_seconds())


async def test_a_deadline_leaves_the_time_to_keep_what_was_paid_for(
    studio: Studio, tmp_path: Path
) -> None:
    slow = replace(
        studio,
        paid=True,
        staging=Slow(tmp_path / "slow", ""),
        allowance=timedelta(seconds=1),
    )
    await slow.submit()
    async with slow.at_work():
        await slow.becomes("FAILED")
    (run,) = await studio.db.fetch("select claim, takeovers, error from generations")
    assert (run["claim"], run["takeovers"], run["error"]["code"]) == (1, 0, "DEADLINE_EXCEEDED")
    assert await studio.db.fetchval("select draft is not null from generation_slots")
    assert await studio.db.fetchval("select state from charges") == "SETTLED"
