"""Models of Replicate that stand at the twin, for tests of their adapter."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

from PIL import Image

from pipeline.calls import CallId, News, OpenCall
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import AspectRatio, FinalPrompt, Quality
from pipeline.errors import AlreadyTaken
from pipeline.imaging import ImageRequest, Reference
from pipeline.providers.replicate.model import ReplicateModel
from pipeline.providers.replicate.searching import Pace
from pipeline.providers.replicate.wire import Account, Wire, connected
from twin.config import REPLICATE_TOKEN
from twin.faults import Fault
from twin.script import Rule, When, Where
from twin.serving import Running

BRIEFLY = Pace(deadline=timedelta(seconds=1), least=0.05)


LONG = Pace(deadline=timedelta(seconds=30), least=0.05)


CREATE = Where(provider="replicate", endpoint="create")


LIST = Where(endpoint="list")


ONCE = When(next=1)


@dataclass
class Ledger:
    """Which call has which id, as the database keeps it."""

    ids: dict[CallId, str] = field(default_factory=dict[CallId, str])
    given: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, call: CallId, external_id: str) -> None:
        if external_id in [known for one, known in self.ids.items() if one != call]:
            raise AlreadyTaken
        self.ids[call] = external_id
        self.given.set()


@dataclass
class House:
    """A workshop whose models stand at the twin."""

    twin: Running
    wire: Wire
    ledger: Ledger = field(default_factory=Ledger)
    news: News = field(default_factory=News)
    pace: Pace = field(default_factory=lambda: replace(LONG))
    abandoned: bool = False

    def model(self, key: str) -> ReplicateModel:
        found = SHIPPED.find(key)
        assert found

        async def wanted(_call: CallId) -> bool:
            return not self.abandoned

        return ReplicateModel(
            model=found, wire=self.wire, news=self.news, pace=self.pace, wanted=wanted
        )

    async def make(self, key: str, request: ImageRequest) -> Image.Image:
        assert request.call
        call = request.call
        result = await self.model(key).generate(
            request, lambda found: self.ledger.accept(call, found)
        )
        assert result.metadata["predictionId"] == self.ledger.ids[call]
        return opened(result.content)

    async def resume(
        self,
        key: str,
        request: ImageRequest,
        *,
        external_id: str | None = None,
        ago: timedelta = timedelta(0),
    ) -> Image.Image:
        assert request.call
        call = OpenCall(
            id=request.call,
            slot=0,
            model=key,
            external_id=external_id,
            sent_at=datetime.now(UTC) - ago,
        )
        result = await self.model(key).resume(
            request, call, lambda found: self.ledger.accept(call.id, found)
        )
        return opened(result.content)

    def meets(self, fault: Fault, where: Where = CREATE, when: When = ONCE) -> None:
        self.twin.twin.script.add([Rule(fault, where, when)])

    @property
    def billed(self) -> list[str]:
        return [str(row["id"]) for row in self.twin.twin.bill.rows() if isinstance(row, dict)]

    def asked(self, endpoint: str) -> list[dict[str, object]]:
        entries = [entry for entry in self.twin.twin.journal.shown() if isinstance(entry, dict)]
        return [dict(entry) for entry in entries if entry["endpoint"] == endpoint]


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def request(**more: object) -> ImageRequest:
    given: dict[str, object] = {
        "prompt": FinalPrompt(text="a red silk gown", negative="buttons"),
        "aspect_ratio": AspectRatio.PORTRAIT_3_4,
        "quality": Quality.STANDARD,
        "style": None,
        "seed": 7,
        "slot": 0,
        "call": CallId(uuid4()),
        **more,
    }
    return ImageRequest(**given)  # type: ignore[arg-type]


def photo() -> Reference:
    content = BytesIO()
    Image.effect_noise((300, 200), 60).convert("RGB").save(content, "JPEG")
    return Reference(content.getvalue(), "image/jpeg")


@asynccontextmanager
async def house_at(twin: Running, *, answers_in: float = 30.0) -> AsyncGenerator[House]:
    account = Account(token=REPLICATE_TOKEN, base=twin.replicate)
    async with connected(account, timedelta(seconds=30), answers_in=answers_in) as wire:
        yield House(twin, wire)


async def nowhere(_id: str) -> None:
    pass
