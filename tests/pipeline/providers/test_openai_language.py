"""Hosted analysis and enhancement through the real SDK, against the twin."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import BytesIO

import openai
import pytest
from PIL import Image

from pipeline.breakers import Rest
from pipeline.calls import CallId
from pipeline.catalogue.openai_words import LANGUAGES
from pipeline.domain import Brief, GenerationMode, GenerationSettings, PartOrigin, StoredImage
from pipeline.errors import (
    BadOutput,
    ContentRejected,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
)
from pipeline.imaging import PhotoLimits, Reference
from pipeline.paying import Till
from pipeline.photos import prepared
from pipeline.providers.falling_back import FallingBack
from pipeline.providers.openai.prompts import OpenAIPrompts
from pipeline.providers.openai.structured import Structured
from pipeline.providers.openai.vision import OpenAIVision
from pipeline.results import Analysis
from pipeline.spec import ColorRole, GarmentSpec, SpecColor, SpecSource, SpecText
from pipeline.stages.analyse import Analyse
from pipeline.stages.enhance import Enhance
from pipeline.turns import Patience
from tests.pipeline.providers.bookkeeping import Book
from twin.config import OPENAI_KEY
from twin.faults import (
    Broken,
    Dropped,
    Fault,
    Hanging,
    Refused,
    Spoil,
    Spoiled,
    Throttled,
    Unpaid,
)
from twin.requests import digest
from twin.script import Rule, When, Where
from twin.serving import Running

Meets = Callable[[Fault], None]

BRIEF = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a NAVY silk wrap dress; no ruffles!")

FAULTS = [
    (Throttled(), ProviderUnavailable),
    (Unpaid(), ProviderUnavailable),
    (Broken(status=503), OutcomeUnknown),
    (Dropped(accepted=True), OutcomeUnknown),
    (Hanging(), OutcomeUnknown),
    (Refused(), ContentRejected),
    (Spoiled(Spoil.EMPTY), BadOutput),
    (Spoiled(Spoil.BLANK), BadOutput),
    (Spoiled(Spoil.INCOMPLETE), BadOutput),
    (Spoiled(Spoil.SMALL), BadOutput),
    (Spoiled(Spoil.CUT), OutcomeUnknown),
]


@pytest.fixture
def meets(twin: Running) -> Meets:
    """Let the next request meet a fault."""

    def add(fault: Fault) -> None:
        twin.twin.script.add([Rule(fault, Where("openai", "respond"), When(next=1))])

    return add


@pytest.fixture
async def model(twin: Running) -> AsyncGenerator[Structured]:
    async with openai.AsyncOpenAI(
        api_key=OPENAI_KEY, base_url=twin.openai, max_retries=0
    ) as client:
        yield Structured(
            client=client, model=LANGUAGES["gpt-6.1-terra"], patience=Patience(tries=1)
        )


@pytest.fixture
def vision(model: Structured) -> OpenAIVision:
    return OpenAIVision(model)


@pytest.fixture
def prompts(model: Structured) -> OpenAIPrompts:
    return OpenAIPrompts(replace(model, model=LANGUAGES["gpt-6-luna"]), Enhance())


def photo() -> bytes:
    encoded = BytesIO()
    Image.new("RGB", (300, 400), "navy").save(encoded, "JPEG")
    return encoded.getvalue()


def asked(twin: Running) -> list[Mapping[str, object]]:
    """Return the bodies that the twin was sent."""
    return [
        row["input"]
        for row in twin.twin.journal.shown()
        if isinstance(row, dict) and isinstance(row["input"], dict)
    ]


async def test_a_photo_is_read_into_a_specification(vision: OpenAIVision) -> None:
    spec = await vision.analyse(photo(), TILL)
    assert spec.colors
    assert {colour.source for colour in spec.colors} == {SpecSource.HOSTED}
    fields = (spec.garment_type, spec.fabric, spec.pattern, spec.silhouette, spec.aesthetic)
    for one in fields:
        assert (one.value is None) == (one.source is SpecSource.NOT_VISIBLE)
        assert 0 <= one.confidence <= 0.9
    assert any(one.source is SpecSource.HOSTED for one in fields)


async def test_the_photo_is_sent_and_nothing_is_kept(twin: Running, vision: OpenAIVision) -> None:
    await vision.analyse(photo(), TILL)
    (body,) = asked(twin)
    assert body["store"] is False
    sent = prepared(Reference(photo(), "image/jpeg"), PhotoLimits(1024, 4_000_000))
    assert digest(sent.content) in str(body["input"])
    assert "'strict': True" in str(body["text"])


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_every_fault_is_an_error_of_ours(
    vision: OpenAIVision, meets: Meets, fault: Fault, error: type[StageFailed]
) -> None:
    meets(fault)
    seconds = 0.5 if isinstance(fault, Hanging) else 30
    book = Book()
    till = Till(book)
    with pytest.raises(error):
        await OpenAIVision(replace(vision.model, seconds=seconds)).analyse(photo(), till)


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (None, "settled"),
        (Throttled(), "released"),
        (Dropped(accepted=True), "held"),
        (Refused(), "settled"),
        (Spoiled(Spoil.INCOMPLETE), "settled"),
    ],
)
async def test_a_call_is_on_the_ledger_before_it_is_sent(
    twin: Running, vision: OpenAIVision, meets: Meets, fault: Fault | None, line: str
) -> None:
    if fault:
        meets(fault)
    book = Book()
    with suppress(StageFailed):
        await vision.analyse(photo(), Till(book))
    assert book.lines[0] == ("opened", "gpt-6.1-terra openai 0.0045")
    assert book.lines[-1][0] == line
    rows = [row for row in twin.twin.bill.rows() if isinstance(row, dict)]
    billed, ids = [row["usd"] for row in rows], [row["id"] for row in rows]
    if fault is None:
        assert [what for what, _ in book.lines] == ["opened", "accepted", "settled"]
        assert [book.lines[-1][1]] == billed
        assert book.lines[1][1] == ids[0]
    assert len(billed) == (line != "released")


@dataclass(slots=True)
class Porter:
    """A gate that notes who asked, and who is inside."""

    asked: list[str] = field(default_factory=list[str])
    inside: int = 0

    @asynccontextmanager
    async def admitted(self, provider: str) -> AsyncGenerator[None]:
        self.asked.append(provider)
        self.inside += 1
        yield
        self.inside -= 1


async def test_a_call_waits_for_its_turn_before_it_is_on_the_ledger(vision: OpenAIVision) -> None:
    porter = Porter()

    @dataclass(slots=True)
    class Watched(Book):
        async def side_call_opened(self, model: str, provider: str, expected: Decimal) -> CallId:
            assert porter.inside == 1
            return await Book.side_call_opened(self, model, provider, expected)

    await OpenAIVision(replace(vision.model, gate=porter)).analyse(photo(), Till(Watched()))
    assert (porter.asked, porter.inside) == (["openai/gpt-6.1-terra"], 0)


async def test_what_did_not_run_is_asked_again_and_paid_for_once(
    twin: Running, vision: OpenAIVision, meets: Meets
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    meets(Throttled(retry_after=3))
    book, patient = Book(), Patience(most=4, sleep=sleep)
    await OpenAIVision(replace(vision.model, patience=patient)).analyse(photo(), Till(book))
    told = [what for what, _ in book.lines]
    assert told == ["opened", "released", "opened", "accepted", "settled"]
    assert 3 <= waits[0] <= 3.5
    assert len(twin.twin.bill.rows()) == 1


@dataclass
class Fuse:
    """A breaker that is open or not, and counts."""

    open: bool = False
    counts: list[str] = field(default_factory=list[str])

    async def rests(self, provider: str) -> Rest | None:
        self.counts.append(provider)
        return Rest(20.0) if self.open else None

    async def failed(self, provider: str) -> None:
        self.counts.append(f"{provider} failed")

    async def succeeded(self, provider: str) -> None:
        self.counts.append(f"{provider} succeeded")


async def test_a_model_that_failed_too_often_is_left_alone_without_a_wait(
    twin: Running, vision: OpenAIVision, meets: Meets
) -> None:
    fuse, turn = Fuse(), "openai/gpt-6.1-terra"
    guarded = OpenAIVision(replace(vision.model, breaker=fuse))
    meets(Broken(status=503))
    with pytest.raises(OutcomeUnknown):
        await guarded.analyse(photo(), TILL)
    await guarded.analyse(photo(), TILL)
    assert fuse.counts == [turn, f"{turn} failed", turn, f"{turn} succeeded"]

    fuse.counts.clear()

    class Held(Book):
        """A ledger that opens no line: nobody knows yet what became of an earlier call."""

        async def side_call_opened(self, model: str, provider: str, expected: Decimal) -> CallId:
            raise OutcomeUnknown(f"a call of {model} at {provider} for {expected} was lost")

    with pytest.raises(OutcomeUnknown, match="lost"):
        await guarded.analyse(photo(), Till(Held()))
    assert fuse.counts == [turn]

    fuse.open, sent = True, len(asked(twin))
    with pytest.raises(ProviderUnavailable, match="left alone"):
        await guarded.analyse(photo(), TILL)
    assert len(asked(twin)) == sent


async def test_the_designers_words_stay_as_they_are(twin: Running, prompts: OpenAIPrompts) -> None:
    result = await prompts(BRIEF, GarmentSpec(), 1, TILL)
    assert result.parts[0].text == BRIEF.prompt
    assert result.parts[0].origin is PartOrigin.DESIGNER
    added = [part for part in result.parts if part.origin is PartOrigin.ENHANCEMENT]
    assert added
    assert all(part.reason for part in added)
    assert result.summary == "gpt-6-luna added 1 style phrase to your words and garment"
    assert result.negative == (await Enhance()(BRIEF, GarmentSpec(), 1)).negative
    assert len(asked(twin)) == 1


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_the_grammar_stands_in_and_says_why(
    prompts: OpenAIPrompts, meets: Meets, fault: Fault, error: type[StageFailed]
) -> None:
    del error
    meets(fault)
    seconds = 0.5 if isinstance(fault, Hanging) else 30
    hosted = replace(prompts, model=replace(prompts.model, seconds=seconds))
    result = await FallingBack(Enhance(), hosted)(BRIEF, GarmentSpec(), 1, TILL)
    assert result.parts == (await Enhance()(BRIEF, GarmentSpec(), 1)).parts
    assert result.warnings[-1].startswith("The prompt was written without a hosted model: ")
    assert "OpenAI" in result.warnings[-1]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (GenerationSettings(confidential=True), "it is confidential"),
        (GenerationSettings(max_cost=Decimal(1)), "the cost is limited by maxCost"),
    ],
)
async def test_nobody_is_asked_about_what_is_confidential_or_may_not_cost_more(
    *,
    twin: Running,
    prompts: OpenAIPrompts,
    vision: OpenAIVision,
    settings: GenerationSettings,
    reason: str,
) -> None:
    brief = replace(BRIEF, settings=settings)
    written = await FallingBack(Enhance(), prompts)(brief, GarmentSpec(), 1, TILL)
    seen = await analyse(vision, brief)
    assert written.warnings == (f"The prompt was written without a hosted model: {reason}",)
    assert seen.warnings == (f"No hosted model looked at the photo: {reason}",)
    assert not asked(twin)


async def test_what_the_embedded_analyser_is_unsure_of_is_asked(
    twin: Running, vision: OpenAIVision
) -> None:
    found = await analyse(vision, BRIEF)
    assert found.spec.garment_type == EMBEDDED.garment_type
    assert found.spec.colors == EMBEDDED.colors
    assert not found.warnings
    assert len(asked(twin)) == 1


async def test_the_embedded_reading_stands_where_the_hosted_one_fails(
    vision: OpenAIVision, meets: Meets
) -> None:
    meets(Refused())
    found = await analyse(vision, BRIEF)
    assert found.spec == EMBEDDED
    assert found.warnings == (
        "No hosted model looked at the photo: OpenAI's model declined to answer",
    )


TILL = Till(Book())
EMBEDDED = GarmentSpec(
    garment_type=SpecText("dress", 0.95, SpecSource.ANALYSIS),
    colors=(SpecColor("navy", "#101040", ColorRole.PRIMARY, 1.0, 0.9, SpecSource.ANALYSIS),),
)


class Embedded:
    """Reads every photo alike, and sees no cloth."""

    async def analyse(self, photo: bytes) -> GarmentSpec:
        del photo
        return EMBEDDED


@dataclass(frozen=True, slots=True)
class Album:
    """An object store in memory."""

    photos: dict[str, bytes]

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        del content_type
        self.photos[key] = content

    async def get(self, key: str) -> bytes:
        return self.photos[key]

    async def delete(self, key: str) -> None:
        del self.photos[key]

    def url(self, key: str) -> str:
        return key


async def analyse(vision: OpenAIVision, brief: Brief) -> Analysis:
    source = StoredImage("photo", "image/jpeg", 1, 300, 400)
    stage = Analyse(Embedded(), Album({"photo": photo()}), vision)

    async def report(_fraction: float | None, _message: str | None) -> None:
        pass

    shown = replace(brief, mode=GenerationMode.FROM_IMAGE, source=source)
    return await stage(shown, report, TILL)
