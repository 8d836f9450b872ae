"""A prediction that did not start stays on its line: what is asked next has a line of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import cast
from uuid import uuid4

import asyncpg
import pytest
from PIL import Image

from pipeline.breakers import CLOSED
from pipeline.calls import CallId, Mailbox, News
from pipeline.catalogue.inputs import Value
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import StageName
from pipeline.errors import NeverRan
from pipeline.providers.breaking import Breaking
from pipeline.providers.noting import Noting
from pipeline.providers.replicate.asking import asking
from pipeline.providers.replicate.model import ReplicateModel
from pipeline.providers.replicate.predictions import Prediction
from pipeline.providers.replicate.searching import Pace, Search
from pipeline.providers.replicate.wire import Unanswered, Wire
from pipeline.providers.retrying import Retrying
from pipeline.results import Rendering
from pipeline.routing import Choice
from pipeline.stages.generate import Generate
from pipeline.turns import Patience, never_ran
from storage.journal import RunJournal
from storage.ledger import Sendings
from tests.server.paying import ORDER, PRICE, House, eventually, house_on
from tests.shut import SilentBell
from tests.storage.workbench import asked

KEY = "flux-schnell"


@dataclass
class Replicate:
    """The first `unborn` predictions don't start; of the second, the id does not reach us.

    It is answered with silence where `cut`, never where not, and its first look-up misses it.
    """

    cut: bool
    unborn: int = 1
    made: dict[str, Prediction] = field(default_factory=dict[str, Prediction])
    listed: set[str] = field(default_factory=set[str])

    @property
    def paid(self) -> list[str]:
        return [one.id for one in self.made.values() if one.started]

    async def create(self, slug: str, given: Mapping[str, Value], hook: str | None) -> str:
        del hook
        name, starts = f"P{len(self.made) + 1}", len(self.made) >= self.unborn
        self.made[name] = Prediction(
            id=name,
            model=slug,
            status="succeeded" if starts else "failed",
            created=datetime.now(UTC),
            input=dict(given),
            output="https://replicate.delivery/x.png" if starts else None,
            error=None if starts else "E6716: timeout starting",
            started=starts,
            removed=False,
            seconds=None,
        )
        if name == "P2" and starts:
            if not self.cut:
                await asyncio.Event().wait()
            raise Unanswered
        return name

    async def get(self, id: str) -> Prediction:
        return self.made[id]

    async def since(self, moment: datetime) -> AsyncIterator[Prediction]:
        del moment
        seen = [one for one in self.made.values() if one.id != "P2" or "P2" in self.listed]
        self.listed |= set(self.made)
        for one in reversed(seen):
            yield one

    async def cancel(self, id: str) -> None: ...

    async def file(self, link: str) -> bytes:
        del link
        picture = BytesIO()
        Image.new("L", (64, 64)).save(picture, "PNG")
        return picture.getvalue()


async def at_once(seconds: float) -> None:
    del seconds


async def render(house: House, wire: Replicate) -> Rendering:
    found = SHIPPED.find(KEY)
    assert found
    model = ReplicateModel(model=found, wire=cast("Wire", wire), news=News(), pace=Pace(least=0.02))
    noting = Noting(model, Sendings(house.db))
    patience = Patience(sleep=at_once)
    models = {KEY: Retrying(Breaking(noting, "replicate", CLOSED), patience)}
    order = replace(ORDER, choices=(Choice(KEY, PRICE),))
    run = await house.claims.take(house.generation)
    assert run is not None
    journal = RunJournal(house.db, SilentBell(), run, str, str)
    stage = Generate(
        models, house.staging, house.staging, patience=replace(patience, hopeful=never_ran)
    )
    return await journal.step(
        StageName.GENERATION, Rendering, lambda report: stage(run, order, journal, report)
    )


async def lines(house: House) -> list[tuple[str, str]]:
    rows = await house.db.fetch("select external_id, state from charges order by created_at")
    return [(row["external_id"], row["state"]) for row in rows]


async def test_an_answer_that_is_lost_after_one_that_did_not_start(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    house, wire = await house_on(pool, tmp_path), Replicate(cut=True)

    async with asyncio.timeout(30):
        await render(house, wire)

    assert wire.paid == ["P2"]
    assert await lines(house) == [("P1", "RELEASED"), ("P2", "SETTLED")]
    assert await house.cost() == PRICE


async def test_a_worker_that_dies_sending_after_one_that_did_not_start(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    house, wire = await house_on(pool, tmp_path), Replicate(cut=False)
    first = asyncio.create_task(render(house, wire))
    await eventually(lambda: "P2" in wire.made)
    await house.expire()

    async with asyncio.timeout(30):
        await render(house, wire)

    assert wire.paid == ["P2"]
    assert await lines(house) == [("P1", "RELEASED"), ("P2", "SETTLED")]
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_what_never_starts_is_asked_three_times_on_three_lines(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    house, wire = await house_on(pool, tmp_path), Replicate(cut=True, unborn=9)

    with pytest.raises(NeverRan, match="did not start"):
        await render(house, wire)

    assert await lines(house) == [(f"P{number}", "RELEASED") for number in (1, 2, 3)]
    assert await house.cost() == 0


async def test_a_search_passes_over_what_never_ran() -> None:
    model = SHIPPED.find(KEY)
    assert model
    wire, taken = Replicate(cut=True), list[str]()
    question = asking(model, asked(0))
    for _ in range(2):
        with suppress(Unanswered):
            await wire.create(model.slug, question.words, None)

    async def accept(external_id: str) -> None:
        taken.append(external_id)

    search = Search(
        model=model,
        wire=cast("Wire", wire),
        pace=Pace(least=0.02),
        now=partial(datetime.now, UTC),
        asked=question,
        call=CallId(uuid4()),
        sent_at=datetime.now(UTC),
        accepted=accept,
    )
    async with asyncio.timeout(20):
        assert await search(Mailbox()) == "P2"
    assert taken == ["P2"]
