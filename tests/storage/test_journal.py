"""A run's journal: stages once, slots and events, and nothing by whoever was superseded."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.domain import Facts, FinalPrompt, Run, StageName
from pipeline.errors import (
    ClaimLost,
    DeadlineExceeded,
    InternalFailure,
    OutcomeUnknown,
    StageFailed,
    StageSkipped,
)
from pipeline.events import StageProgress
from pipeline.ports import Report
from pipeline.results import Delivery
from storage import verbs
from storage.accounts import LOCAL
from storage.generations import Generations
from storage.journal import RunJournal
from tests.shut import SilentBell
from tests.storage.workbench import DRAFT, PNG, Bench, asked, made, work


async def must_not_run(_report: Report) -> Delivery:
    raise AssertionError("the checkpoint was there")


async def nothing() -> None:
    return None


async def test_a_claimed_run_is_nobody_elses(bench: Bench) -> None:
    run, _ = await bench.claimed()

    assert (run.attempt, run.claim, run.takeovers) == (1, 1, 0)
    assert await bench.claims.take(bench.generation) is None
    assert await bench.claims.extend([(run, 60.0)]) == {(run.id, run.claim)}


async def test_a_finished_stage_is_not_done_again(bench: Bench) -> None:
    _, journal = await bench.claimed()
    await journal.step(StageName.DELIVERY, Delivery, work)
    await bench.expire()

    run, journal = await bench.claimed()

    assert run.takeovers == 1
    assert await journal.step(StageName.DELIVERY, Delivery, must_not_run) == made()


async def test_a_superseded_worker_writes_nothing_more(bench: Bench) -> None:
    run, zombie = await bench.claimed()
    await bench.expire()
    await bench.claimed()

    with pytest.raises(ClaimLost):
        await zombie.step(StageName.DELIVERY, Delivery, work)
    with pytest.raises(ClaimLost):
        await zombie.call_opened(asked(0), "painter", Decimal(1))
    with pytest.raises(ClaimLost):
        await bench.claims.finish(run, None)
    assert await bench.claims.extend([(run, 60.0)]) == set()
    assert (await bench.stage(StageName.DELIVERY))["status"] == "PENDING"
    assert await bench.db.fetchval("select cost from generations") == 0


async def test_losing_the_claim_in_mid_stage_discards_its_result(bench: Bench) -> None:
    _, journal = await bench.claimed()

    async def cancelled_meanwhile(_report: Report) -> Delivery:
        await verbs.cancel(bench.db, SilentBell(), LOCAL, bench.generation)
        return made()

    with pytest.raises(ClaimLost):
        await journal.step(StageName.DELIVERY, Delivery, cancelled_meanwhile)
    assert (await bench.stage(StageName.DELIVERY))["status"] == "CANCELLED"


async def test_a_failing_stage_says_why(bench: Bench) -> None:
    _, journal = await bench.claimed()

    async def failing(_report: Report) -> Delivery:
        raise StageFailed("No paper left", code="NO_PAPER")

    with pytest.raises(StageFailed) as raised:
        await journal.step(StageName.DELIVERY, Delivery, failing)

    assert raised.value.failure().stage is StageName.DELIVERY
    row = await bench.stage(StageName.DELIVERY)
    assert (row["status"], row["error"]["code"]) == ("FAILED", "NO_PAPER")


async def test_a_breaking_stage_keeps_its_detail_to_the_log(bench: Bench) -> None:
    _, journal = await bench.claimed()

    async def breaking(_report: Report) -> Delivery:
        raise RuntimeError("the password is tiger")

    with pytest.raises(InternalFailure) as raised:
        await journal.step(StageName.DELIVERY, Delivery, breaking)

    row = await bench.stage(StageName.DELIVERY)
    assert "tiger" not in str(row["error"])
    assert raised.value.trace in row["error"]["message"]


async def test_a_skipped_stage_stays_skipped(bench: Bench) -> None:
    _, journal = await bench.claimed()

    async def pointless(_report: Report) -> Delivery:
        raise StageSkipped("Nothing to match")

    for _ in range(2):
        with pytest.raises(StageSkipped, match="Nothing to match"):
            await journal.step(StageName.PERSONA, Delivery, pointless)
    await journal.skip(StageName.ANALYSIS, "No photo")
    await journal.skip(StageName.ANALYSIS, "No photo")

    skipped = await bench.db.fetchval(
        "select count(*) from generation_events where payload #>> '{stage,status}' = 'SKIPPED'"
    )
    assert skipped == 2


async def test_facts_add_up_and_warnings_come_once(bench: Bench) -> None:
    _, journal = await bench.claimed()
    prompt = Facts(final_prompt=FinalPrompt(text="a red dress"), warnings=("b", "a"))
    await journal.skip(StageName.ANALYSIS, "No photo", Facts(warnings=("a",)))
    await journal.skip(StageName.OPTIMIZATION, "Off", prompt)

    facts = await bench.db.fetchval("select pipeline_data from generations")
    assert facts["final_prompt"]["text"] == "a red dress"
    assert facts["warnings"] == ["a", "b"]


async def test_a_delivered_slot_shows_its_asset_and_what_it_cost(bench: Bench) -> None:
    _, journal = await bench.claimed()
    call = await journal.call_opened(asked(1), "painter", Decimal("0.06"))
    await journal.slot_made(1, call, DRAFT, Decimal("0.04"))

    asset = await journal.slot_delivered(1, PNG, DRAFT, nothing)

    slots = await journal.slots()
    assert [slot.asset_id for slot in slots] == [None, asset.id]
    assert asset.seed == slots[1].seed
    assert await bench.db.fetchval("select cost from generations") == Decimal("0.04")
    assert await bench.db.fetchval("select amount from charges") == Decimal("0.04")


async def test_an_image_of_a_run_that_was_cancelled_meanwhile_goes_again(bench: Bench) -> None:
    _, journal = await bench.claimed()
    await verbs.cancel(bench.db, SilentBell(), LOCAL, bench.generation)

    with pytest.raises(ClaimLost):
        await journal.slot_delivered(1, PNG, DRAFT, nothing)

    assert await bench.db.fetchval("select object_key from object_removals") == PNG.key


TOLD = """
select payload ->> 'message' as message, (payload ->> 'slot')::int as slot,
       payload #>> '{failure,code}' as code
  from generation_events where kind = 'StageProgress' order by seq
"""


async def test_that_a_slot_failed_or_went_on_elsewhere_is_told_at_once(bench: Bench) -> None:
    _, journal = await bench.claimed()
    await journal.slot_passed_on(0, "one could not", "one could not; another is asked")
    await journal.slot_failed(1, OutcomeUnknown("nobody knows").failure(StageName.GENERATION))
    call = await journal.call_opened(asked(0), "painter", Decimal("0.06"))
    await journal.slot_made(0, call, DRAFT, None)
    await journal.slot_failed(0, OutcomeUnknown("after all").failure(StageName.GENERATION))

    assert [tuple(row) for row in await bench.db.fetch(TOLD)] == [
        ("one could not; another is asked", 0, None),
        ("Image 2 is missing: nobody knows", 1, "UNKNOWN_OUTCOME"),
    ]
    facts = await bench.db.fetchval("select pipeline_data from generations")
    assert (facts["warnings"], facts["troubles"]) == ([], ["one could not"])


async def test_what_an_attempt_ran_into_is_warned_of_until_the_next_one(
    bench: Bench, generations: Generations
) -> None:
    async def warnings() -> tuple[str, ...]:
        found = await generations.by_ids(LOCAL, [bench.generation])
        return found[bench.generation].facts.warnings

    _, journal = await bench.claimed()
    await journal.slot_passed_on(0, "one could not", "one could not; another is asked")
    told = Facts(warnings=("a",), troubles=("Image 2 is missing: it broke", "one could not"))
    await journal.skip(StageName.DELIVERY, "Off", told)
    assert await warnings() == ("a", "one could not", "Image 2 is missing: it broke")

    await verbs.cancel(bench.db, SilentBell(), LOCAL, bench.generation)
    await verbs.retry(
        bench.db, SilentBell(), LOCAL, bench.generation, from_stage=None, idempotency=None
    )

    assert await warnings() == ("a",)


async def test_a_stage_that_is_late_may_go_on_with_what_there_is(bench: Bench) -> None:
    run, _ = await bench.claimed()
    name = StageName.GENERATION
    journal = RunJournal(bench.db, SilentBell(), run, str, str, {name: 0.05})

    async def endless(_report: Report) -> Delivery:
        await asyncio.Event().wait()
        return made()

    async def rescue(over: DeadlineExceeded) -> Delivery:
        return made(over.message)

    assert (await journal.step(name, Delivery, endless, rescue)).delivered == 1
    stage = await bench.stage(name)
    assert (stage["status"], stage["summary"]) == (
        "COMPLETED",
        "GENERATION took longer than 0.05 seconds",
    )


async def test_numbers_have_no_gaps_with_many_writers(bench: Bench) -> None:
    _, journal = await bench.claimed()

    await asyncio.gather(*(journal.skip(name, "No") for name in StageName))

    rows = await bench.db.fetch("select seq, workspace_seq from generation_events order by seq")
    assert [row["seq"] for row in rows] == list(range(1, 10))
    assert [row["workspace_seq"] for row in rows] == list(range(1, 10))


async def test_the_sweeper_wakes_only_what_nobody_works_on(bench: Bench) -> None:
    assert await bench.claims.sweep() == 0
    await bench.claimed()
    await bench.db.execute("delete from pgqueuer")
    assert await bench.claims.sweep() == 0

    await bench.expire()
    assert await bench.claims.sweep() == 1
    assert await bench.claims.sweep() == 0


async def test_a_run_that_is_handed_over_has_its_job_at_once_and_counts_as_no_loss(
    bench: Bench,
) -> None:
    run, journal = await bench.claimed()
    await bench.db.execute("delete from pgqueuer")

    await bench.claims.hand_over(run)

    assert await bench.db.fetchval("select count(*) from pgqueuer where status = 'queued'") == 1
    with pytest.raises(ClaimLost):
        await journal.skip(StageName.PERSONA, "No")
    again, _ = await bench.claimed()
    assert (again.takeovers, again.attempt) == (0, run.attempt)
    await bench.claims.hand_over(run)
    assert await bench.claims.take(bench.generation) is None


async def test_what_is_shown_of_an_image_goes_by_itself(bench: Bench) -> None:
    run, journal = await bench.claimed()
    told: list[StageProgress] = []
    puts: list[str] = []

    async def put() -> None:
        puts.append(PNG.key)

    def tell(_run: Run, progress: StageProgress) -> None:
        told.append(progress)

    await replace(journal, tell=tell).slot_shown(1, PNG, put)

    assert puts == [PNG.key]
    assert [(one.slot, one.preview, one.message) for one in told] == [
        (1, PNG.key, "Image 2 takes shape")
    ]
    query = "select object_key, created_at > now() as later from object_removals"
    due = await bench.db.fetchrow(query)
    assert due is not None
    assert (due["object_key"], due["later"]) == (PNG.key, True)
    assert run.id == bench.generation
