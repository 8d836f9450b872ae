"""A run through the real worker, the real SDK, the twin of Replicate and its webhooks."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import asyncpg
import pytest
from PIL import Image
from starlette.types import ASGIApp

from pipeline.domain import (
    AspectRatio,
    Brief,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    StoredImage,
)
from pipeline.keys import object_key
from pipeline.repositories import Submission
from server.app import create_app
from server.hosted import hosted_models
from server.settings import Settings
from server.studio import at_work
from server.wiring import Foundations, founded, serving_parts
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from twin.config import OPENAI_KEY, REPLICATE_TOKEN, Config, Latency
from twin.faults import Delivery, Fault, Hooked, Slow
from twin.script import Rule, Where
from twin.serving import Running, running

Served = Callable[[ASGIApp], AbstractAsyncContextManager[str]]

CALLS = "select state, amount, external_id from charges order by slot"
TAKEN = "select count(*) from webhook_deliveries"


@dataclass
class Shop:
    """Everything in one process; webhooks lead back to it."""

    on: Foundations
    twin: Running

    async def submit(self, **more: object) -> GenerationId:
        given: dict[str, object] = {"mode": GenerationMode.FROM_PROMPT, "prompt": "a dress", **more}
        brief = Brief(**given)  # type: ignore[arg-type]
        return await verbs.submit(
            self.on.pool,
            self.on.doorbell,
            self.on.objects,
            LOCAL,
            Submission(brief=brief, upload=photo() if brief.source else None),
        )

    async def becomes(self, status: str) -> None:
        async with asyncio.timeout(60):
            while await self.on.pool.fetchval("select status from generations") != status:
                await asyncio.sleep(0.05)

    async def has(self, count: int, query: str) -> None:
        async with asyncio.timeout(30):
            while await self.on.pool.fetchval(query) < count:
                await asyncio.sleep(0.05)

    def meets(self, *faults: Fault) -> None:
        where = Where(provider="replicate", endpoint="create")
        self.twin.twin.script.add(Rule(fault, where) for fault in faults)

    @property
    def asked_at(self) -> set[str]:
        entries = self.twin.twin.journal.shown()
        return {str(entry["endpoint"]) for entry in entries if isinstance(entry, dict)}

    @property
    def billed(self) -> dict[str, Decimal]:
        rows = [row for row in self.twin.twin.bill.rows() if isinstance(row, dict)]
        return {str(row["id"]): Decimal(str(row["usd"])) for row in rows}


def photo() -> bytes:
    content = BytesIO()
    Image.effect_noise((300, 200), 60).convert("RGB").save(content, "JPEG")
    return content.getvalue()


@pytest.fixture
async def shop(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, served: Served
) -> AsyncGenerator[Shop]:
    await ensure_local_viewer(pool)
    twin_config = Config(bill=tmp_path / "bill.jsonl", latency=Latency(scale=0))
    async with running(twin_config) as twin, _at(twin, database_url, tmp_path, served) as on:
        yield Shop(on, twin)


@asynccontextmanager
async def _at(twin: Running, dsn: str, folder: Path, served: Served) -> AsyncGenerator[Foundations]:
    settings = Settings(
        data_dir=folder,
        replicate_api_token=REPLICATE_TOKEN,
        replicate_base_url=twin.replicate,
        webhook_url="https://not-known-yet.example",
    )
    async with (
        founded(settings, dsn, one_process=True) as on,
        serving_parts(on, loopback=True) as parts,
        served(create_app(parts)) as address,
    ):
        yield replace(on, settings=replace(settings, webhook_url=address))


async def test_what_is_billed_is_settled_entry_for_entry(shop: Shop) -> None:
    shop.meets(Hooked(Delivery.FORGED), Hooked(Delivery.DUPLICATED))
    settings = GenerationSettings(model="flux-schnell", count=2, aspect_ratio=AspectRatio.SQUARE)
    await shop.submit(settings=settings)
    async with at_work(shop.on):
        await shop.becomes("COMPLETED")
        await shop.has(4, TAKEN)

    rows = await shop.on.pool.fetch(CALLS)
    assert {row["external_id"]: row["amount"] for row in rows} == shop.billed
    assert {row["state"] for row in rows} == {"SETTLED"}
    assert await shop.on.pool.fetchval("select cost from generations") == Decimal("0.006")
    assert await shop.on.pool.fetchval(TAKEN) == 4


async def test_a_photo_goes_to_the_model_and_comes_back_as_a_picture(shop: Shop) -> None:
    source = StoredImage(
        object_key(LOCAL.workspace, photo(), "jpg"), "image/jpeg", len(photo()), 300, 200
    )
    settings = GenerationSettings(model="flux-1.1-pro-ultra", enhance=False)
    await shop.submit(source=source, settings=settings)
    async with at_work(shop.on):
        await shop.becomes("COMPLETED")
    (asked,) = [
        entry
        for entry in shop.twin.twin.journal.shown()
        if isinstance(entry, dict) and entry["endpoint"] == "create"
    ]
    given = asked["input"]
    assert isinstance(given, dict)
    assert str(given["image_prompt"]).startswith("sha256:")
    assert given["image_prompt_strength"] == 0.8


async def test_a_cancelled_run_is_stopped_at_the_provider_and_its_bill_recorded(
    shop: Shop,
) -> None:
    shop.meets(Slow(seconds=120))
    generation = await shop.submit(settings=GenerationSettings(model="flux-schnell"))
    async with at_work(shop.on):
        await shop.has(1, "select count(external_id) from charges")
        await shop.has(1, TAKEN)
        await verbs.cancel(shop.on.pool, shop.on.doorbell, LOCAL, generation)
        async with asyncio.timeout(1):
            while "cancel" not in shop.asked_at:
                await asyncio.sleep(0.01)
        await shop.has(1, "select count(*) from charges where state = 'SETTLED'")
    (row,) = await shop.on.pool.fetch(CALLS)
    assert {row["external_id"]: row["amount"]} == shop.billed


async def test_a_worker_that_ends_waits_for_an_image_that_openai_can_not_be_asked_about(
    shop: Shop,
) -> None:
    shop.twin.twin.script.add([Rule(Slow(seconds=4), Where(provider="openai"))])
    settings = replace(
        shop.on.settings, openai_api_key=OPENAI_KEY, openai_base_url=shop.twin.openai
    )
    wish = GenerationSettings(model="gpt-image-2.5-flare", enhance=False)
    await shop.submit(settings=wish)
    async with at_work(replace(shop.on, settings=settings)):
        await shop.has(1, "select count(sent_at) from charges")

    (row,) = await shop.on.pool.fetch(CALLS)
    assert row["state"] == "SETTLED"
    assert await shop.on.pool.fetchval("select draft is not null from generation_slots")


async def test_without_a_token_there_is_no_model(
    database_url: str, tmp_path: Path, pool: asyncpg.Pool
) -> None:
    await ensure_local_viewer(pool)
    bare = Settings(data_dir=tmp_path)
    assert bare.providers == {"embedded"}
    async with founded(bare, database_url, one_process=True) as on, hosted_models(on, None) as none:
        assert none == {}
