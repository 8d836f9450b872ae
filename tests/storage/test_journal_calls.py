"""Paid calls of a run: on record before they are sent, and until it is known how they end."""

from decimal import Decimal

import pytest

from pipeline.domain import StageName
from pipeline.errors import ClaimLost, OutcomeUnknown, StageFailed
from storage.accounts import LOCAL
from storage.budgets import set_budget
from tests.storage.workbench import DRAFT, Bench, asked


async def test_a_call_is_on_record_before_it_is_sent_and_until_its_outcome_is_known(
    bench: Bench,
) -> None:
    _, journal = await bench.claimed()
    call = await journal.call_opened(asked(0), "painter", Decimal("0.06"))
    await journal.call_accepted(call, "prediction-1")
    await bench.expire()

    _, successor = await bench.claimed()

    (found,) = await successor.open_calls()
    assert (found.id, found.slot, found.external_id) == (call, 0, "prediction-1")
    await journal.call_settled(call, Decimal("0.05"), "it ran all the same")
    assert await successor.open_calls() == []
    assert await bench.db.fetchval("select cost from generations") == Decimal("0.05")


async def test_an_image_that_comes_after_its_slot_failed_is_there_and_the_failure_is_not(
    bench: Bench,
) -> None:
    _, zombie = await bench.claimed()
    call = await zombie.call_opened(asked(0), "painter", Decimal("0.06"))
    await bench.expire()
    _, journal = await bench.claimed()
    gone = OutcomeUnknown("nobody knows").failure(StageName.GENERATION)
    await journal.slot_failed(0, gone)
    await journal.call_held(call, "nobody knows")

    await zombie.slot_made(0, call, DRAFT, Decimal("0.05"))

    async def slot() -> tuple[str, bool, str | None]:
        row = await bench.db.fetchrow("select * from generation_slots where index = 0")
        assert row is not None
        return row["status"], row["draft"] is not None, row["error"] and row["error"]["code"]

    assert await slot() == ("RUNNING", True, None)
    await journal.slot_failed(0, gone)
    assert await slot() == ("RUNNING", True, None)
    assert await bench.db.fetchval("select state from charges") == "SETTLED"
    await bench.claims.finish(journal.run, None)
    assert await slot() == ("FAILED", True, "CAME_LATE")


async def test_a_call_that_did_not_run_costs_nothing_and_an_unknown_one_is_held(
    bench: Bench,
) -> None:
    _, journal = await bench.claimed()
    for slot, close in enumerate((journal.call_released, journal.call_held)):
        call = await journal.call_opened(asked(slot), "painter", Decimal("0.06"))
        await close(call, "cut off")

    rows = await bench.db.fetch("select state, amount from charges order by slot")
    assert [(row["state"], row["amount"]) for row in rows] == [
        ("RELEASED", Decimal(0)),
        ("UNKNOWN", Decimal("0.06")),
    ]
    assert await bench.db.fetchval("select cost from generations") == 0


async def test_a_call_beside_the_images_is_on_record_and_costs_the_run(bench: Bench) -> None:
    _, journal = await bench.claimed()

    call = await journal.side_call_opened("gpt-6-luna", "openai", Decimal("0.002"))
    row = await bench.db.fetchrow("select * from charges")
    assert row is not None
    assert (row["state"], row["slot"], row["reserved"]) == ("RESERVED", -1, Decimal("0.002"))
    assert row["sent_at"] is not None
    await journal.call_accepted(call, "resp_1")
    await journal.call_settled(call, Decimal("0.0015"), "words")

    assert await bench.db.fetchval("select cost from generations") == Decimal("0.0015")
    assert await bench.db.fetchval("select sum(cost) from generation_slots") == 0
    assert not await journal.open_calls()


async def test_only_who_holds_the_run_calls_beside_the_images(bench: Bench) -> None:
    _, zombie = await bench.claimed()
    await bench.expire()
    await bench.claimed()

    with pytest.raises(ClaimLost):
        await zombie.side_call_opened("gpt-6-luna", "openai", Decimal(1))


async def test_a_call_beside_the_images_that_was_cut_off_is_held_and_not_sent_again(
    bench: Bench,
) -> None:
    _, journal = await bench.claimed()
    await journal.side_call_opened("gpt-6-luna", "openai", Decimal("0.002"))
    await bench.expire()

    _, successor = await bench.claimed()

    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="cut off"):
            await successor.side_call_opened("gpt-6-luna", "openai", Decimal("0.002"))
    rows = await bench.db.fetch("select state, amount from charges")
    assert [(row["state"], row["amount"]) for row in rows] == [("UNKNOWN", Decimal("0.002"))]


async def test_a_call_beside_the_images_needs_its_money_in_the_budget(bench: Bench) -> None:
    _, journal = await bench.claimed()
    await set_budget(bench.db, LOCAL.workspace, Decimal("0.001"))

    with pytest.raises(StageFailed, match="are left today") as refused:
        await journal.side_call_opened("gpt-6-luna", "openai", Decimal("0.002"))
    assert refused.value.code == "BUDGET_EXCEEDED"
    assert not await bench.db.fetch("select from charges")


async def test_a_price_that_nobody_knows_is_never_written_as_nothing(bench: Bench) -> None:
    _, journal = await bench.claimed()
    call = await journal.call_opened(asked(0), "painter", None)
    await journal.slot_made(0, call, DRAFT, None)

    row = await bench.db.fetchrow("select state, amount from charges")
    assert row is not None
    assert (row["state"], row["amount"]) == ("SETTLED", None)


async def test_a_failure_whose_answer_was_lost_is_told_once(bench: Bench) -> None:
    _, journal = await bench.claimed()
    broke = StageFailed("it broke").failure(StageName.GENERATION)
    count = "select count(*) from generation_events"

    await journal.slot_failed(0, broke)
    told = await bench.db.fetchval(count)
    await journal.slot_failed(0, broke)

    assert await bench.db.fetchval(count) == told
