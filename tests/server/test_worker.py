import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import asyncpg
import pytest
from PIL import Image

from pipeline.domain import (
    Brief,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    PromptPart,
    Route,
    RouteCandidate,
    Run,
    WorkspaceId,
)
from pipeline.errors import ProviderUnavailable, StageSkipped
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.paying import Till
from pipeline.ports import Report
from pipeline.produce import Stages
from pipeline.prompting import as_written, compose
from pipeline.providers.unbilled import Unbilled
from pipeline.repositories import Submission
from pipeline.results import Analysis, Enhancement, Optimization, PersonaChoice, Routing
from pipeline.spec import GarmentSpec
from pipeline.stages.deliver import Deliver
from pipeline.stages.generate import Generate
from server.queue import working
from server.upkeep import kept_up
from server.worker import MAX_TAKEOVERS, Worker
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.claims import Claims
from storage.journal import RunJournal
from storage.objects import LocalObjects
from storage.removals import Removals

LEASE = timedelta(seconds=2)
ROUTE = Route(
    "painter",
    "the only one",
    (RouteCandidate(model="painter", eligible=True, reason="here", estimated_cost=Decimal(3)),),
)


class SilentBell:
    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        pass


@dataclass
class Painter:
    """Paints a plain square in the shade of its seed, when it is allowed to."""

    may: asyncio.Event
    fails: Callable[[ImageRequest], bool] = lambda _request: False
    painted: int = 0
    started: int = 0

    async def generate(self, request: ImageRequest) -> ImageResult:
        self.started += 1
        await self.may.wait()
        if self.fails(request):
            raise ProviderUnavailable("out of paint")
        self.painted += 1
        picture = BytesIO()
        Image.new("L", (64, 64), request.seed % 256).save(picture, "PNG")
        return ImageResult(content=picture.getvalue(), content_type="image/png")


async def analyse(_brief: Brief, _report: Report, _till: Till) -> Analysis:
    return Analysis(GarmentSpec(), "Seen")


async def enhance(brief: Brief, spec: GarmentSpec | None, _seed: int, _till: Till) -> Enhancement:
    return Enhancement(as_written(brief, spec), None, "As it was")


async def match(_workspace: WorkspaceId, _brief: Brief, _spec: GarmentSpec | None) -> PersonaChoice:
    raise StageSkipped("Nobody fits")


async def route(_run: Run) -> Routing:
    return Routing(ROUTE, "painter")


async def optimise(
    _workspace: WorkspaceId, parts: Sequence[PromptPart], negative: str | None, _seed: int
) -> Optimization:
    return Optimization(compose(parts, negative), None, "Nothing learnt yet")


@dataclass
class Studio:
    """A worker with a painter for a model."""

    db: asyncpg.Pool
    dsn: str
    objects: LocalObjects
    staging: LocalObjects
    painter: Painter

    def worker(self) -> Worker:
        stages = Stages(
            analyse=analyse,
            enhance=enhance,
            match_persona=match,
            route=route,
            optimise=optimise,
            generate=Generate({"painter": Unbilled(self.painter)}, self.staging, self.objects),
            deliver=Deliver(self.staging, self.objects),
        )

        def journal_of(run: Run) -> RunJournal:
            return RunJournal(self.db, SilentBell(), run, self.objects.url, lambda model: model)

        return Worker(Claims(self.db, SilentBell(), LEASE), stages, journal_of)

    @asynccontextmanager
    async def at_work(self, settle: float = 5) -> AsyncGenerator[Worker]:
        worker = self.worker()
        async with (
            kept_up(worker, Removals(self.db, self.objects)),
            working(self.dsn, worker, settle=settle, patience=settle),
        ):
            yield worker

    async def submit(self, count: int = 1) -> GenerationId:
        settings = GenerationSettings(count=count, seed=1)
        brief = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a dress", settings=settings)
        return await verbs.submit(
            self.db, SilentBell(), self.objects, LOCAL, Submission(brief=brief)
        )

    async def status(self) -> str:
        found: str = await self.db.fetchval("select status from generations")
        return found

    async def becomes(self, status: str) -> None:
        await eventually(lambda: self._is(status))

    async def _is(self, status: str) -> bool:
        return await self.status() == status

    async def begun(self, images: int = 1) -> None:
        async def enough() -> bool:
            return self.painter.started >= images

        await eventually(enough)


async def eventually(holds: Callable[[], Awaitable[bool]], within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not await holds():
            await asyncio.sleep(0.02)


@pytest.fixture
async def studio(pool: asyncpg.Pool, database_url: str, tmp_path: Path) -> Studio:
    await ensure_local_viewer(pool)
    objects, staging = LocalObjects(tmp_path / "o", ""), LocalObjects(tmp_path / "s", "")
    painter = Painter(asyncio.Event())
    painter.may.set()
    return Studio(pool, database_url, objects, staging, painter)


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
    broken = replace(studio.painter, fails=lambda request: request.slot == 2)
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


async def test_cancelling_stops_a_running_stage_within_a_second(studio: Studio) -> None:
    studio.painter.may.clear()
    generation = await studio.submit()
    async with studio.at_work() as worker:
        await studio.begun()
        cancelled = asyncio.get_running_loop().time()
        await verbs.cancel(studio.db, SilentBell(), LOCAL, generation)

        async def dropped() -> bool:
            return generation not in worker.working_on

        await eventually(dropped)
        assert asyncio.get_running_loop().time() - cancelled < 1.5
    assert await studio.status() == "CANCELLED"
    assert studio.painter.painted == 0


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
