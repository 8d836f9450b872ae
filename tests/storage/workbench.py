"""A run that has been submitted, and what it takes to work on it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg

from pipeline.domain import (
    AspectRatio,
    Brief,
    Draft,
    FinalPrompt,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    Quality,
    Run,
    StageName,
    StoredImage,
)
from pipeline.imaging import ImageRequest, Reference
from pipeline.keys import object_key
from pipeline.ports import Report
from pipeline.repositories import Submission
from pipeline.results import Delivery
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.claims import Claims
from storage.journal import RunJournal
from storage.objects import LocalObjects
from tests.shut import SilentBell

PNG = StoredImage(object_key(LOCAL.workspace, b"image", "png"), "image/png", 5, 10, 10)


DRAFT = Draft(key=PNG.key, content_type="image/png", model="sketch")


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


async def bench_on(pool: asyncpg.Pool, folder: Path) -> Bench:
    await ensure_local_viewer(pool)
    brief = Brief(
        mode=GenerationMode.FROM_PROMPT,
        prompt="a dress",
        settings=GenerationSettings(count=2, enhance=False),
    )
    generation = await verbs.submit(
        pool, SilentBell(), LocalObjects(folder, ""), LOCAL, Submission(brief=brief)
    )
    return Bench(pool, Claims(pool, SilentBell(), timedelta(seconds=10)), generation)


def made(summary: str = "done") -> Delivery:
    return Delivery(1, 1, summary)


async def work(_report: Report) -> Delivery:
    return made()


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
