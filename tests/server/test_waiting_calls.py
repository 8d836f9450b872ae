"""Calls that were on record and not sent, or not known to have been, when their worker stopped."""

from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from pipeline.domain import Run, StageName
from pipeline.errors import ClaimLost, OutcomeUnknown, StageFailed
from pipeline.imaging import ImageRequest
from storage.journal import RunJournal
from storage.ledger import Sendings
from tests.server.paying import ORDER, PRICE, House, house_on
from tests.shut import SilentBell


@pytest.fixture
async def house(pool: asyncpg.Pool, tmp_path: Path) -> House:
    return await house_on(pool, tmp_path)


async def test_a_call_that_waited_for_its_turn_is_sent_by_the_next_worker(house: House) -> None:
    run, journal = await _opened(house)
    await journal.call_opened(_asked(run), "paid", PRICE)
    await house.expire()
    house.lab.may.set()

    rendering = await house.render()

    assert (rendering.made, house.lab.billed) == (1, ["p-0"])
    assert await house.states() == ["RELEASED", "SETTLED"]
    assert rendering.warnings == ()


async def test_a_worker_that_was_superseded_while_its_call_waited_does_not_send_it(
    house: House,
) -> None:
    run, journal = await _opened(house)
    call = await journal.call_opened(_asked(run), "paid", PRICE)
    await house.expire()
    house.lab.may.set()
    await house.render()

    with pytest.raises(ClaimLost):
        await house.models["paid"].generate(replace(_asked(run), call=call), _forgotten)

    assert house.lab.billed == ["p-0"]


async def test_only_who_took_the_run_over_may_send_even_before_it_looks_at_the_lines(
    house: House,
) -> None:
    run, journal = await _opened(house)
    call = await journal.call_opened(_asked(run), "paid", PRICE)
    await house.expire()
    _, successor = await _opened(house)

    with pytest.raises(ClaimLost):
        await Sendings(house.db).sent(call)

    (line,) = await successor.open_calls()
    assert line.sent_at is None


async def test_a_call_whose_run_was_cancelled_while_it_waited_is_not_sent(house: House) -> None:
    run, journal = await _opened(house)
    call = await journal.call_opened(_asked(run), "paid", PRICE)
    await house.cancel()

    with pytest.raises(ClaimLost):
        await house.models["paid"].generate(replace(_asked(run), call=call), _forgotten)

    assert house.lab.billed == []
    await house.reconciled()
    assert await house.states() == ["RELEASED"]


async def test_what_a_call_did_not_cost_is_set_aside_for_the_next(house: House) -> None:
    run, journal = await _opened(house)
    call = await journal.call_opened(_asked(run), "paid", 2 * PRICE)
    assert await house.db.fetchval("select reserved from generations") == 0

    await journal.call_released(call, "not sent")

    assert await house.db.fetchval("select reserved from generations") == PRICE
    late = await journal.call_opened(_asked(run), "paid", PRICE)
    await house.cancel()
    await journal.call_released(late, "not sent")
    assert await house.db.fetchval("select reserved from generations") == 0


async def test_a_call_that_was_cut_off_is_held_and_never_sent_again(house: House) -> None:
    run, journal = await _opened(house)
    call = await journal.call_opened(_asked(run), "paid", PRICE)
    await Sendings(house.db).sent(call)
    await house.expire()

    with pytest.raises(OutcomeUnknown, match=r"^The worker was lost before the answer came: "):
        await house.render()

    assert house.lab.billed == []
    assert await house.states() == ["UNKNOWN"]
    note = await house.db.fetchval("select note from charges")
    assert note.startswith("The worker was lost before the answer came: ")


async def test_a_slot_that_was_over_when_the_worker_died_is_not_filled_anew(
    house: House,
) -> None:
    run, journal = await _opened(house)
    call = await journal.call_opened(_asked(run), "paid", PRICE)
    await Sendings(house.db).sent(call)
    await journal.slot_failed(0, OutcomeUnknown("cut").failure(StageName.GENERATION))
    await house.expire()
    house.lab.may.set()

    with pytest.raises(StageFailed) as failed:
        await house.render()

    assert (failed.value.code, house.lab.billed) == ("UNKNOWN_OUTCOME", [])
    await house.db.execute("update generations set status = 'FAILED', completed_at = now()")
    await house.reconciled()
    assert await house.states() == ["UNKNOWN"]


async def _opened(house: House) -> tuple[Run, RunJournal]:
    run = await house.claims.take(house.generation)
    assert run is not None
    return run, RunJournal(house.db, SilentBell(), run, str, str)


def _asked(run: Run) -> ImageRequest:
    settings = run.brief.settings
    return ImageRequest(
        prompt=ORDER.prompt,
        aspect_ratio=settings.aspect_ratio,
        quality=settings.quality,
        style=None,
        seed=1,
        slot=0,
    )


async def _forgotten(external_id: str) -> None:
    del external_id
