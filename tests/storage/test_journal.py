import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from pipeline.domain import (
    AspectRatio,
    Brief,
    Draft,
    Facts,
    FinalPrompt,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    Quality,
    Run,
    StageName,
    StoredImage,
    WorkspaceId,
)
from pipeline.errors import (
    ClaimLost,
    DeadlineExceeded,
    InternalFailure,
    OutcomeUnknown,
    StageFailed,
    StageSkipped,
)
from pipeline.events import StageProgress
from pipeline.imaging import ImageRequest, Reference
from pipeline.keys import object_key
from pipeline.ports import Report
from pipeline.repositories import Submission
from pipeline.results import Delivery
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.budgets import set_budget
from storage.claims import Claims
from storage.journal import RunJournal
from storage.objects import LocalObjects

PNG = StoredImage(object_key(LOCAL.workspace, b"image", "png"), "image/png", 5, 10, 10)
DRAFT = Draft(key=PNG.key, content_type="image/png", model="sketch")


class SilentBell:
    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        pass


@dataclass
class Bench:
    """A submitted run and the means to work on it."""

    db: asyncpg.Pool
    claims: Claims
    generation: GenerationId

    async def claimed(self) -> tuple[Run, RunJournal]:
        run = await self.claims.take(self.generation)
        assert run is not None
        return run, RunJournal(
            self.db, SilentBell(), run, lambda key: f"/objects/{key}", lambda model: model
        )

    async def expire(self) -> None:
        await self.db.execute("update generations set leased_until = now() - interval '1 s'")

    async def stage(self, name: StageName) -> asyncpg.Record:
        row = await self.db.fetchrow("select * from generation_stages where name = $1", name)
        assert row is not None
        return row


@pytest.fixture
async def bench(pool: asyncpg.Pool, tmp_path: Path) -> Bench:
    await ensure_local_viewer(pool)
    brief = Brief(
        mode=GenerationMode.FROM_PROMPT,
        prompt="a dress",
        settings=GenerationSettings(count=2, enhance=False),
    )
    generation = await verbs.submit(
        pool, SilentBell(), LocalObjects(tmp_path, ""), LOCAL, Submission(brief=brief)
    )
    return Bench(pool, Claims(pool, SilentBell(), timedelta(seconds=10)), generation)


def made(summary: str = "done") -> Delivery:
    return Delivery(1, 1, summary)


async def work(_report: Report) -> Delivery:
    return made()


async def must_not_run(_report: Report) -> Delivery:
    raise AssertionError("the checkpoint was there")


async def nothing() -> None:
    return None


def asked(slot: int) -> ImageRequest:
    return ImageRequest(
        prompt=FinalPrompt(text="a dress"),
        aspect_ratio=AspectRatio.SQUARE,
        quality=Quality.STANDARD,
        style=None,
        seed=1,
        slot=slot,
        references=(Reference(b"\xff\xd8", "image/jpeg"),),
    )


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
    warnings = await bench.db.fetchval("select pipeline_data -> 'warnings' from generations")
    assert warnings == ["one could not"]


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
