from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest

from pipeline.domain import (
    Asset,
    AssetKind,
    FeedbackKind,
    GenerationId,
    GenerationMode,
    GenerationStatus,
    StageName,
    Viewer,
)
from pipeline.repositories import FeedbackDraft
from storage.feedback import FeedbackBook
from storage.generations import Generations
from storage.usage import Usage

Start = Callable[[Viewer], Awaitable[GenerationId]]
End = Callable[[GenerationId, GenerationStatus], Awaitable[None]]
Deliver = Callable[[Viewer, GenerationId, AssetKind], Awaitable[Asset]]

CHARGE = """
insert into charges (id, workspace_id, user_id, generation_id, slot, attempt, model, state, amount,
                     created_at)
values ($1, $2, $3, $4, 0, 1, 'm', $5, $6, now() - $7::interval)
"""


@pytest.fixture
def usage(pool: asyncpg.Pool) -> Usage:
    return Usage(pool)


async def charge(
    pool: asyncpg.Pool, viewer: Viewer, state: str, amount: str | None, age: timedelta
) -> None:
    cost = None if amount is None else Decimal(amount)
    row = (uuid4(), viewer.workspace, viewer.user, uuid4(), state, cost, age)
    await pool.execute(CHARGE, *row)


async def test_figures_of_a_user_survive_a_deletion(
    *,
    pool: asyncpg.Pool,
    usage: Usage,
    generations: Generations,
    viewer: Viewer,
    stranger: Viewer,
    start: Start,
    end: End,
    deliver: Deliver,
) -> None:
    kept, deleted, failed = [await start(viewer) for _ in range(3)]
    for run in (kept, deleted):
        await end(run, GenerationStatus.COMPLETED)
    await end(failed, GenerationStatus.FAILED)
    await deliver(viewer, kept, AssetKind.GENERATED)
    await deliver(viewer, kept, AssetKind.SOURCE)
    await charge(pool, viewer, "SETTLED", "0.04", timedelta())
    book = FeedbackBook(pool)
    await book.submit(viewer, FeedbackDraft(generation_id=kept, kind=FeedbackKind.HEART))
    await book.submit(viewer, FeedbackDraft(generation_id=kept, kind=FeedbackKind.RATING, rating=4))
    await generations.delete(viewer, deleted)
    stats = await usage.user(viewer)
    assert (stats.generations, stats.completed, stats.failed) == (3, 2, 1)
    assert (stats.assets, stats.hearts, stats.average_rating) == (1, 1, 4.0)
    assert (stats.total_cost, stats.average_duration_ms) == (Decimal("0.04"), 2000)
    nothing = await usage.user(stranger)
    assert (nothing.generations, nothing.average_rating) == (0, None)
    assert nothing.total_cost == 0


async def test_days_are_newest_first_and_count_the_ledger(
    pool: asyncpg.Pool, usage: Usage, viewer: Viewer, start: Start, end: End
) -> None:
    done, running = await start(viewer), await start(viewer)
    await end(done, GenerationStatus.COMPLETED)
    await charge(pool, viewer, "SETTLED", "0.04", timedelta())
    await charge(pool, viewer, "UNKNOWN", "0.01", timedelta(days=2))
    await charge(pool, viewer, "RELEASED", "9", timedelta())
    await charge(pool, viewer, "SETTLED", "9", timedelta(days=30))
    assert running != done
    today, before = await usage.daily(viewer, 30)
    assert today.date - before.date == timedelta(days=2)
    assert (today.generations, today.completed, today.failed) == (2, 1, 0)
    assert (today.total_cost, today.average_duration_ms) == (Decimal("0.04"), 2000)
    assert (before.generations, before.total_cost) == (0, Decimal("0.01"))
    assert [day.date for day in await usage.daily(viewer, 1)] == [today.date]


async def test_storage_is_estimated_from_what_lay_there_that_day(
    *, pool: asyncpg.Pool, viewer: Viewer, start: Start, deliver: Deliver
) -> None:
    run = await start(viewer)
    for _ in range(2):
        await deliver(viewer, run, AssetKind.GENERATED)
    await pool.execute("update generation_assets set byte_size = 1e9")
    await pool.execute(
        "update generation_assets set created_at = now() - interval '3 days'"
        " where id = (select id from generation_assets limit 1)"
    )
    await charge(pool, viewer, "SETTLED", "1", timedelta(days=2))
    await charge(pool, viewer, "SETTLED", "1", timedelta(days=4))
    priced = await Usage(pool, Decimal("0.03")).daily(viewer, 30)
    assert [day.storage_cost for day in priced] == [Decimal("0.002"), Decimal("0.001"), 0]
    assert {day.storage_cost for day in await Usage(pool).daily(viewer, 30)} == {0}


async def test_today_begins_at_midnight_utc_and_counts_what_may_have_been_spent(
    pool: asyncpg.Pool, usage: Usage, viewer: Viewer, stranger: Viewer
) -> None:
    now = datetime.now(UTC)
    yesterday = now - now.replace(hour=0, minute=0, second=0, microsecond=0)
    for state, amount in (
        ("SETTLED", "1"),
        ("UNKNOWN", "0.5"),
        ("UNKNOWN", None),
        ("RESERVED", "9"),
        ("RELEASED", "9"),
    ):
        await charge(pool, viewer, state, amount, timedelta())
    await charge(pool, viewer, "SETTLED", "9", yesterday + timedelta(minutes=1))
    assert (await usage.budget(viewer)).spent == Decimal("1.5")
    assert (await usage.budget(stranger)).spent == 0


async def test_stages_tell_their_times_and_failures(
    pool: asyncpg.Pool, usage: Usage, viewer: Viewer, stranger: Viewer, start: Start
) -> None:
    for seconds, status in ((1, "COMPLETED"), (3, "COMPLETED"), (60, "FAILED")):
        await pool.execute(
            "update generation_stages set status = $3, finished_at = now(),"
            " started_at = now() - make_interval(secs => $2)"
            " where generation_id = $1 and name = 'ROUTING'",
            await start(viewer),
            float(seconds),
            status,
        )
    stats = {row.stage: row for row in await usage.stages(viewer, 30)}
    assert list(stats) == list(StageName)
    routing = stats[StageName.ROUTING]
    assert (routing.runs, routing.failed) == (3, 1)
    assert (routing.p50_ms, routing.p95_ms) == (2000, 2900)
    delivery = stats[StageName.DELIVERY]
    assert (delivery.runs, delivery.p50_ms) == (0, None)
    assert {row.runs for row in await usage.stages(stranger, 30)} == {0}


async def test_durations_are_those_of_like_runs(
    pool: asyncpg.Pool, usage: Usage, viewer: Viewer, start: Start, end: End
) -> None:
    for _ in range(3):
        run = await start(viewer)
        await end(run, GenerationStatus.COMPLETED)
        await pool.execute(
            "update generations set pipeline_data = $2 where id = $1",
            run,
            {"route": {"model": "sketch"}},
        )
    alike = await usage.durations(viewer, GenerationMode.FROM_PROMPT, "sketch")
    assert (alike.p50, alike.p90, alike.evidence) == (2.0, 2.0, 3)
    other = await usage.durations(viewer, GenerationMode.FROM_SPEC, "sketch")
    assert (other.p50, other.p90, other.evidence) == (None, None, 0)
