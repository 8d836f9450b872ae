"""What was called for is paid for, whatever becomes of the run and its workers meanwhile."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from pipeline.calls import CallId
from pipeline.domain import StageName
from pipeline.errors import DeadlineExceeded, ProviderUnavailable
from pipeline.repositories import Submission
from pipeline.results import Rendering
from pipeline.stages.generate import Generate
from storage import verbs
from storage.accounts import LOCAL
from storage.journal import RunJournal
from storage.left_calls import LeftCalls
from tests.server.paying import BRIEF, ORDER, PRICE, House, eventually, house_on
from tests.shut import SilentBell


@pytest.fixture
async def house(pool: asyncpg.Pool, tmp_path: Path) -> House:
    return await house_on(pool, tmp_path)


async def test_a_cancel_in_mid_call_tells_the_provider_and_records_what_was_billed(
    house: House,
) -> None:
    async with house.under_way() as task:
        await house.cancel()
        await house.break_off(task)
    assert house.lab.stopped == ["p-0"]
    assert await house.states() == ["RESERVED"]

    house.lab.may.set()
    await house.reconciled()

    assert await house.states() == ["SETTLED"]
    assert await house.cost() == PRICE
    assert await house.db.fetchval("select draft from generation_slots") is None
    assert await house.db.fetchval("select request from charges") is None


async def test_a_call_that_is_under_way_at_its_deadline_is_stopped_and_paid_for(
    house: House,
) -> None:
    run = await house.claims.take(house.generation)
    assert run is not None
    deadlines = {StageName.GENERATION: 0.5}
    journal = RunJournal(house.db, SilentBell(), run, str, str, deadlines)
    stage = Generate(house.models, house.staging, house.staging)
    with pytest.raises(DeadlineExceeded) as late:
        await journal.step(
            StageName.GENERATION, Rendering, lambda report: stage(run, ORDER, journal, report)
        )
    assert house.lab.stopped == ["p-0"]
    assert await house.states() == ["RESERVED"]
    await house.claims.finish(run, late.value.failure())

    house.lab.may.set()
    await house.reconciled()

    assert await house.states() == ["SETTLED"]
    assert await house.cost() == PRICE


async def test_a_left_call_that_goes_on_is_stopped_and_asked_about_again(house: House) -> None:
    async with house.under_way() as task:
        await house.cancel()
        await house.break_off(task)
    house.lab.stopped.clear()

    looking = asyncio.create_task(house.reconciled())
    await eventually(lambda: len(house.lab.stopped) > 1)
    house.lab.outcome = ProviderUnavailable("it was stopped before it began")
    house.lab.may.set()
    await looking

    assert await house.states() == ["RELEASED"]
    assert await house.cost() == 0


async def test_a_call_that_is_let_go_while_it_is_being_kept_is_asked_about_again(
    house: House,
) -> None:
    @dataclass(frozen=True, slots=True)
    class SlowToKeep(LeftCalls):
        async def keep(self, calls: Collection[CallId]) -> None:
            if calls and not house.lab.stopped:
                await eventually(lambda: bool(house.lab.stopped))
                await asyncio.sleep(0.05)
            await LeftCalls.keep(self, calls)

    async with house.under_way() as task:
        await house.cancel()
        await house.break_off(task)
    house.lab.stopped.clear()

    looking = asyncio.create_task(house.reconciled(SlowToKeep(house.db, timedelta(0))))
    await eventually(lambda: bool(house.lab.stopped))
    house.lab.may.set()
    await looking

    assert await house.states() == ["SETTLED"]


async def test_an_image_that_comes_after_a_cancel_is_paid_for_all_the_same(house: House) -> None:
    house.lab.before_answering = house.cancel
    house.lab.may.set()

    with pytest.raises(Exception, match=str(house.generation)):
        await house.render()

    assert await house.states() == ["SETTLED"]
    assert await house.cost() == PRICE


async def test_an_image_that_comes_after_a_takeover_is_kept_for_the_successor(
    house: House,
) -> None:
    async with house.under_way() as zombie:
        await house.expire()
        successor = asyncio.create_task(house.render())
        await eventually(lambda: bool(house.lab.resumed))
        house.lab.may.set()
        rendering = await successor
        await asyncio.gather(zombie, return_exceptions=True)

    assert rendering.made == 1
    assert house.lab.billed == ["p-0"]
    assert await house.states() == ["SETTLED"]
    assert await house.cost() == PRICE


async def test_a_cancelled_worker_keeps_an_image_that_has_come(house: House) -> None:
    """The cancellation strikes between the provider's answer and its record."""
    tasks: list[asyncio.Task[Rendering]] = []

    async def shut_down() -> None:
        tasks[0].cancel()

    async def not_stopped() -> None:
        asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(shut_down()))

    house.lab.before_answering = not_stopped
    house.lab.may.set()
    tasks.append(asyncio.create_task(house.render()))
    await asyncio.gather(*tasks, return_exceptions=True)
    await house.expire()
    house.lab.before_answering = None

    run = await house.claims.take(house.generation)

    assert run is not None
    assert await house.states() == ["SETTLED"]
    assert await house.db.fetchval("select draft from generation_slots") is not None


async def test_runs_that_make_the_same_image_keep_a_draft_each(house: House) -> None:
    house.lab.may.set()
    await house.render()
    await house.expire()
    again = await verbs.submit(
        house.db, SilentBell(), house.staging, LOCAL, Submission(brief=BRIEF, image_price=PRICE)
    )
    await replace(house, generation=again).render()

    keys = await house.db.fetch("select draft ->> 'key' as key from generation_slots")
    assert len({row["key"] for row in keys}) == 2


async def test_a_retry_leaves_the_calls_of_earlier_attempts_alone(house: House) -> None:
    async with house.under_way() as task:
        await house.cancel()
        await house.break_off(task)
    await verbs.retry(
        house.db, SilentBell(), LOCAL, house.generation, from_stage=None, idempotency=None
    )
    house.lab.may.set()

    rendering = await house.render()
    await house.reconciled()

    assert rendering.made == 1
    assert house.lab.billed == ["p-0", "p-1"]
    assert await house.states() == ["SETTLED", "SETTLED"]
    assert await house.cost() == 2 * PRICE


async def test_a_deleted_run_still_owes_what_it_called_for(house: House) -> None:
    async with house.under_way() as task:
        await house.cancel()
        await house.break_off(task)
    await verbs.delete(house.db, SilentBell(), LOCAL, house.generation)

    house.lab.may.set()
    await house.reconciled()

    assert await house.states() == ["SETTLED"]
    assert await house.db.fetchval("select amount from charges") == PRICE
