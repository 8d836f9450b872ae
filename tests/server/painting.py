"""A worker whose stages do next to nothing, and whose images are painted when they may be."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import asyncpg
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
    StageName,
    WorkspaceId,
)
from pipeline.errors import ProviderUnavailable, StageSkipped
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.paying import Till
from pipeline.ports import ImageModel, Report
from pipeline.produce import Stages
from pipeline.prompting import as_written, compose
from pipeline.providers.limited import Limited
from pipeline.providers.noting import Noting
from pipeline.providers.unbilled import Unbilled
from pipeline.repositories import Submission
from pipeline.results import Analysis, Enhancement, Optimization, PersonaChoice, Routing
from pipeline.spec import GarmentSpec
from pipeline.stages.deliver import Deliver
from pipeline.stages.generate import Generate
from server.queue import working
from server.upkeep import kept_up
from server.worker import Worker
from storage import verbs
from storage.accounts import LOCAL
from storage.claims import Claims
from storage.database import open_pool
from storage.gates import Limit, ProviderGates
from storage.journal import RunJournal
from storage.ledger import Sendings
from storage.objects import LocalObjects
from storage.removals import Removals
from tests.shut import SilentBell

LEASE = timedelta(seconds=2)
ROUTE = Route(
    "painter",
    "the only one",
    (RouteCandidate(model="painter", eligible=True, reason="here", estimated_cost=Decimal(3)),),
)

CHECKPOINTS = """
select payload #>> '{stage,name}' as stage, count(*)
  from generation_events
 where kind = 'StageChanged' and payload #>> '{stage,status}' in ('COMPLETED', 'SKIPPED')
 group by 1
"""


@dataclass
class Painter:
    """Paints a plain square in the shade of its seed, when it is allowed to."""

    may: asyncio.Event
    seconds: float = 0.0
    fails: Callable[[ImageRequest], bool] = lambda _request: False
    painted: int = 0
    started: int = 0

    async def generate(self, request: ImageRequest) -> ImageResult:
        self.started += 1
        await self.may.wait()
        await asyncio.sleep(self.seconds)
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
    """A worker with a painter for a model, whose calls are `paid` for and limited, or not."""

    db: asyncpg.Pool
    dsn: str
    objects: LocalObjects
    staging: LocalObjects
    painter: Painter
    slots: int = 4
    paid: bool = False
    limit: Limit | None = None
    lease: timedelta = LEASE
    allowance: timedelta = timedelta(minutes=30)
    deadlines: Mapping[StageName, float] = field(default_factory=dict[StageName, float])

    @classmethod
    def on(cls, db: asyncpg.Pool, dsn: str, folder: Path) -> "Studio":
        """Return one that keeps its images in `folder` and paints at once."""
        painter = Painter(asyncio.Event())
        painter.may.set()
        return cls(db, dsn, LocalObjects(folder / "o", ""), LocalObjects(folder / "s", ""), painter)

    def worker(self, lifeline: asyncpg.Pool) -> Worker:
        model: ImageModel = Unbilled(self.painter)
        if self.paid:
            model = Noting(model, Sendings(self.db))
        if self.limit:
            model = Limited(model, "painter", ProviderGates(self.db, {"painter": self.limit}))
        stages = Stages(
            analyse=analyse,
            enhance=enhance,
            match_persona=match,
            route=route,
            optimise=optimise,
            generate=Generate({"painter": model}, self.staging, self.objects),
            deliver=Deliver(self.staging, self.objects),
        )

        def journal_of(run: Run) -> RunJournal:
            return RunJournal(
                self.db, SilentBell(), run, self.objects.url, lambda model: model, self.deadlines
            )

        claims = Claims(self.db, SilentBell(), self.lease, self.allowance, lifeline)
        return Worker(claims, stages, journal_of, self.slots)

    @asynccontextmanager
    async def at_work(self, settle: float = 5, patience: float = 5) -> AsyncGenerator[Worker]:
        async with open_pool(self.dsn, max_size=1) as lifeline:
            worker = self.worker(lifeline)
            async with (
                kept_up(worker, Removals(self.db, self.objects)),
                working(self.dsn, worker, settle=settle, patience=patience),
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

    async def checkpoints(self) -> dict[str, int]:
        """Return how often each stage's end was told, of all runs together."""
        return {row["stage"]: row["count"] for row in await self.db.fetch(CHECKPOINTS)}

    async def all_are(self, status: str) -> bool:
        found: bool = await self.db.fetchval(
            "select bool_and(status = $1) from generations", status
        )
        return found

    async def has_begun(self, images: int) -> bool:
        return self.painter.started >= images

    async def begun(self, images: int = 1) -> None:
        await eventually(lambda: self.has_begun(images))


async def eventually(holds: Callable[[], Awaitable[bool]], within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not await holds():
            await asyncio.sleep(0.02)
