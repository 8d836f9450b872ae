from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest

from pipeline.domain import FinalPrompt, GenerationId, GenerationSettings, Viewer
from pipeline.imaging import ImageRequest
from storage.identity import is_known, require_known
from storage.restoring import Found, Plan, carry_out, last_sign, plan, recorded

Start = Callable[[Viewer], Awaitable[GenerationId]]

PRICE = Decimal("0.04")
LINE = """
insert into charges (id, workspace_id, user_id, generation_id, slot, attempt, model, provider,
                     state, reserved, sent_at)
select $2, workspace_id, user_id, id, 0, attempt, 'flux-schnell', $3, 'RESERVED', 0.04, null
  from generations where id = $1
"""
STATE = "select status, error, claim, leased_until from generations where id = $1"


async def opened(pool: asyncpg.Pool, run: GenerationId, provider: str = "replicate") -> None:
    await pool.execute(LINE, run, uuid4(), provider)


async def rendered(pool: asyncpg.Pool, run: GenerationId) -> None:
    await pool.execute(
        "update generation_stages set status = 'COMPLETED'"
        " where generation_id = $1 and name = 'GENERATION'",
        run,
    )
    await pool.execute(
        "update generations set status = 'PROCESSING', leased_until = now() + interval '1 h'"
        " where id = $1",
        run,
    )


async def test_without_anybody_to_pay_all_goes_on(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    run = await start(viewer)
    planned = await plan(pool, paying=False)
    assert [one.id for one in planned.going_on] == [run]

    assert await carry_out(pool, planned, whatever_timeline=False) == 0
    assert (await pool.fetchval("select status from generations")) == "PENDING"


@pytest.mark.parametrize("paying", [True, False])
async def test_what_may_have_been_paid_for_ends_with_its_reason(
    pool: asyncpg.Pool, viewer: Viewer, start: Start, paying: bool
) -> None:
    """By the keys that are set now, or by what the ledger says of earlier ones."""
    run = await start(viewer)
    if not paying:
        await opened(pool, run)
    planned = await plan(pool, paying=paying)
    await carry_out(pool, planned, whatever_timeline=False)

    row = await pool.fetchrow(STATE, run)
    assert row is not None
    assert (row["status"], row["error"]["code"]) == ("FAILED", "RESTORED")
    assert (row["error"]["retryable"], row["error"]["charged"]) == (True, False)
    assert await pool.fetchval("select count(*) from pgqueuer where status = 'queued'") == 0
    last = await pool.fetchrow("select kind, payload from generation_events order by seq desc")
    assert last is not None
    assert (last["kind"], last["payload"]["status"]) == ("StatusChanged", "FAILED")


async def test_what_is_only_to_be_delivered_goes_on_out_of_reach_of_old_workers(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    run = await start(viewer)
    await rendered(pool, run)
    claim: int = await pool.fetchval("select claim from generations")
    planned = await plan(pool, paying=True)
    await carry_out(pool, planned, whatever_timeline=False)

    row = await pool.fetchrow(STATE, run)
    assert row is not None
    assert row["status"] == "PROCESSING"
    assert row["claim"] > claim + 100
    assert row["leased_until"] is None


async def test_calls_that_waited_count_as_sent(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    run = await start(viewer)
    await opened(pool, run)
    await opened(pool, run, "embedded")
    assert await carry_out(pool, await plan(pool, paying=True), whatever_timeline=False) == 1
    rows = await pool.fetch("select provider, sent_at = created_at as sent from charges")
    assert {row["provider"]: row["sent"] for row in rows} == {"replicate": True, "embedded": None}


@pytest.mark.parametrize("line", [True, False])
async def test_a_found_call_gets_the_line_that_waits_for_it_or_a_new_one(
    pool: asyncpg.Pool, viewer: Viewer, start: Start, line: bool
) -> None:
    run = await start(viewer)
    if line:
        await opened(pool, run)
    (under_way,) = (await plan(pool, paying=True)).ending
    found = Found(
        run=under_way,
        model="flux-schnell",
        provider="replicate",
        external_id="p-1",
        sent_at=datetime.now(UTC),
        request=asked(),
        expected=PRICE,
    )
    await carry_out(
        pool, Plan(ending=(under_way,), going_on=(), found=(found,)), whatever_timeline=False
    )

    (row,) = await pool.fetch("select state, reserved, external_id, request from charges")
    assert (row["state"], row["reserved"], row["external_id"]) == ("RESERVED", PRICE, "p-1")
    assert (row["request"] is None) is line
    assert await recorded(pool, "replicate", ["p-1", "p-2"]) == {"p-1"}
    assert (await pool.fetchval("select error from generations"))["charged"]


async def test_the_database_is_known_when_it_is_done(pool: asyncpg.Pool) -> None:
    await require_known(pool)
    await pool.execute('update database_identity set parts = parts || \'{"cluster": "other"}\'')
    assert not await is_known(pool)
    await carry_out(pool, Plan(ending=(), going_on=()), whatever_timeline=False)
    assert await is_known(pool)


async def test_the_last_sign_is_the_last_thing_that_happened(
    pool: asyncpg.Pool, viewer: Viewer, start: Start
) -> None:
    assert await last_sign(pool) is None
    await start(viewer)
    assert await last_sign(pool) == await pool.fetchval("select max(at) from generation_events")


def asked() -> ImageRequest:
    settings = GenerationSettings()
    return ImageRequest(
        prompt=FinalPrompt(text="a silk gown"),
        aspect_ratio=settings.aspect_ratio,
        quality=settings.quality,
        style=None,
        seed=1,
        slot=0,
    )
