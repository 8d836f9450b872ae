import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import asyncpg
import pytest
from PIL import Image

from pipeline.calls import OpenCall
from pipeline.domain import (
    Brief,
    FinalPrompt,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    Run,
    StageName,
    WorkspaceId,
)
from pipeline.errors import (
    ClaimLost,
    DeadlineExceeded,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
)
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted, ImageModel
from pipeline.providers.noting import Noting
from pipeline.reconcile import Reconcile
from pipeline.repositories import Submission
from pipeline.results import Rendering
from pipeline.routing import Choice
from pipeline.stages.generate import Generate, Order
from server.reconciling import reconciling
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.claims import Claims
from storage.journal import RunJournal
from storage.ledger import Sendings
from storage.left_calls import LeftCalls
from storage.objects import LocalObjects
from storage.tasks import running

PRICE = Decimal("0.04")
BRIEF = Brief(
    mode=GenerationMode.FROM_PROMPT, prompt="a dress", settings=GenerationSettings(count=1)
)
ORDER = Order(FinalPrompt(text="a dress"), None, (Choice("paid", PRICE), Choice("other", PRICE)))


class SilentBell:
    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        pass


@dataclass
class Lab:
    """A provider: takes a call on, bills it, and answers when it may.

    `outcome` is what comes of a call, an image if None.
    """

    may: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: StageFailed | None = None
    billed: list[str] = field(default_factory=list[str])
    stopped: list[str] = field(default_factory=list[str])
    before_answering: Callable[[], Awaitable[None]] | None = None

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        del request
        name = f"p-{len(self.billed)}"
        self.billed.append(name)
        await accepted(name)
        return await self._ended(name)

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        del request, accepted
        if call.external_id is None:
            raise OutcomeUnknown("cut")
        return await self._ended(call.external_id)

    async def _ended(self, name: str) -> ImageResult:
        try:
            await self.may.wait()
        except asyncio.CancelledError:
            self.stopped.append(name)
            raise
        if self.before_answering is not None:
            await self.before_answering()
        if self.outcome is not None:
            raise self.outcome
        picture = BytesIO()
        Image.new("L", (8, 8)).save(picture, "PNG")
        return ImageResult(content=picture.getvalue(), content_type="image/png")


@dataclass
class House:
    """A run's GENERATION on a real ledger, and who looks after what it leaves."""

    db: asyncpg.Pool
    lab: Lab
    staging: LocalObjects
    generation: GenerationId
    claims: Claims

    @property
    def models(self) -> dict[str, ImageModel]:
        return {"paid": Noting(self.lab, Sendings(self.db))}

    async def render(self) -> Rendering:
        run = await self.claims.take(self.generation)
        assert run is not None
        journal = RunJournal(self.db, SilentBell(), run, str, str)
        stage = Generate(self.models, self.staging, self.staging)
        return await journal.step(
            StageName.GENERATION,
            Rendering,
            lambda report: stage(run, ORDER, journal, report),
        )

    async def cancel(self) -> None:
        await verbs.cancel(self.db, SilentBell(), LOCAL, self.generation)

    async def expire(self) -> None:
        await self.db.execute("update generations set leased_until = now() - interval '1 s'")

    async def states(self) -> list[str]:
        rows = await self.db.fetch("select state from charges order by created_at")
        return [row["state"] for row in rows]

    async def cost(self) -> Decimal:
        found: Decimal = await self.db.fetchval("select cost from generations")
        return found

    @asynccontextmanager
    async def under_way(self) -> AsyncGenerator[asyncio.Task[Rendering]]:
        """Give the stage once its call is billed."""
        task = asyncio.create_task(self.render())
        await eventually(lambda: bool(self.lab.billed))
        yield task

    async def break_off(self, task: asyncio.Task[Rendering]) -> None:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def reconciled(self) -> None:
        """Look after left calls until there is none."""
        lines = LeftCalls(self.db, settling=timedelta(0))
        reconcile = Reconcile(models=self.models, lines=lines, waiting=0.2)
        async with running(reconciling(lines, reconcile, interval=0.05)), asyncio.timeout(10):
            while "RESERVED" in await self.states():
                await asyncio.sleep(0.02)


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.fixture
async def house(pool: asyncpg.Pool, tmp_path: Path) -> House:
    await ensure_local_viewer(pool)
    objects = LocalObjects(tmp_path, "")
    submission = Submission(brief=BRIEF, image_price=PRICE)
    generation = await verbs.submit(pool, SilentBell(), objects, LOCAL, submission)
    claims = Claims(pool, SilentBell(), timedelta(seconds=10))
    return House(pool, Lab(), objects, generation, claims)


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
        await asyncio.sleep(0.1)
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

    with pytest.raises(OutcomeUnknown):
        await house.render()

    assert house.lab.billed == []
    assert await house.states() == ["UNKNOWN"]


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
