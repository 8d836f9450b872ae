"""A run whose images are paid for, on a real ledger, at a provider that can be held up."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
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
    StageName,
)
from pipeline.errors import OutcomeUnknown, StageFailed
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
from tests.shut import SilentBell

PRICE = Decimal("0.04")


BRIEF = Brief(
    mode=GenerationMode.FROM_PROMPT, prompt="a dress", settings=GenerationSettings(count=1)
)


ORDER = Order(FinalPrompt(text="a dress"), None, (Choice("paid", PRICE), Choice("other", PRICE)))


@dataclass
class Lab:
    """A provider: takes a call on, bills it, and answers when it may.

    `outcome` is what comes of a call, an image if None.
    """

    may: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: StageFailed | None = None
    billed: list[str] = field(default_factory=list[str])
    stopped: list[str] = field(default_factory=list[str])
    resumed: list[str] = field(default_factory=list[str])
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
        self.resumed.append(call.external_id)
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

    async def reconciled(self, lines: LeftCalls | None = None) -> None:
        """Look after left calls until there is none."""
        lines = lines or LeftCalls(self.db, settling=timedelta(0))
        reconcile = Reconcile(models=self.models, lines=lines, waiting=0.2)
        async with running(reconciling(lines, reconcile, interval=0.05)), asyncio.timeout(10):
            while "RESERVED" in await self.states():
                await asyncio.sleep(0.02)


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


async def house_on(pool: asyncpg.Pool, folder: Path) -> House:
    await ensure_local_viewer(pool)
    objects = LocalObjects(folder, "")
    submission = Submission(brief=BRIEF, image_price=PRICE)
    generation = await verbs.submit(pool, SilentBell(), objects, LOCAL, submission)
    claims = Claims(pool, SilentBell(), timedelta(seconds=10))
    return House(pool, Lab(), objects, generation, claims)
