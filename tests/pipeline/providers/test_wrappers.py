import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from pipeline.breakers import Rest
from pipeline.calls import CallId, OpenCall
from pipeline.domain import AspectRatio, FinalPrompt, Quality
from pipeline.errors import (
    CallFailed,
    ContentRejected,
    NeverRan,
    OutcomeUnknown,
    ProviderUnavailable,
    StageFailed,
    Throttled,
)
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted
from pipeline.providers.breaking import Breaking
from pipeline.providers.retrying import Retrying
from pipeline.turns import Patience
from pipeline.waits import telling

REQUEST = ImageRequest(
    prompt=FinalPrompt(text="a dress"),
    aspect_ratio=AspectRatio.SQUARE,
    quality=Quality.STANDARD,
    style=None,
    seed=1,
    slot=0,
)
IMAGE = ImageResult(content=b"image", content_type="image/png")
CALL = OpenCall(id=CallId(uuid4()), slot=0, model="m", external_id=None, sent_at=datetime.now(UTC))
BUSY = ProviderUnavailable("busy", transient=True)
SLOW_DOWN = Throttled("It", retry_after=7)
NOT_FOR_AN_HOUR = Throttled("It", retry_after=3600)
NO_KEY = ProviderUnavailable("no key")


@dataclass
class Scripted:
    """A model that answers with what it was given, in order."""

    answers: list[StageFailed | ImageResult]
    asked: int = 0

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        del request, accepted
        answer = self.answers[self.asked]
        self.asked += 1
        if isinstance(answer, StageFailed):
            raise answer
        return answer

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        del call
        return await self.generate(request, accepted)


@dataclass
class Waits:
    """A sleep that only notes how long."""

    seconds: list[float] = field(default_factory=list[float])

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@dataclass
class Counted:
    """A breaker that notes what it is told, and rests for as long as it was given."""

    resting: list[Rest] = field(default_factory=list[Rest])
    failures: int = 0
    successes: int = 0

    async def rests(self, provider: str) -> Rest | None:
        del provider
        return self.resting.pop(0) if self.resting else None

    async def failed(self, provider: str) -> None:
        del provider
        self.failures += 1

    async def succeeded(self, provider: str) -> None:
        del provider
        self.successes += 1


async def accept(external_id: str) -> None:
    del external_id


async def test_what_did_not_run_is_tried_three_times() -> None:
    model, waits = Scripted([BUSY, BUSY, IMAGE]), Waits()

    assert await Retrying(model, Patience(sleep=waits)).generate(REQUEST, accept) == IMAGE

    assert model.asked == 3
    assert len(waits.seconds) == 2


async def test_after_three_tries_the_last_refusal_is_raised() -> None:
    model = Scripted([BUSY, BUSY, SLOW_DOWN, IMAGE])

    with pytest.raises(ProviderUnavailable, match="no more requests"):
        await Retrying(model, Patience(sleep=Waits())).generate(REQUEST, accept)


async def test_the_provider_says_how_long_to_wait() -> None:
    model, waits = Scripted([SLOW_DOWN, IMAGE]), Waits()

    await Retrying(model, Patience(sleep=waits, chance=random.Random(1))).generate(REQUEST, accept)

    assert 7 <= waits.seconds[0] <= 7.5


@pytest.mark.parametrize(
    "failure",
    [NO_KEY, NOT_FOR_AN_HOUR, OutcomeUnknown("cut"), ContentRejected("no"), CallFailed("broke")],
)
async def test_what_may_have_run_or_would_not_do_better_is_not_tried_again(
    failure: StageFailed,
) -> None:
    model = Scripted([failure, IMAGE])

    with pytest.raises(type(failure)):
        await Retrying(model, Patience(sleep=Waits())).generate(REQUEST, accept)

    assert model.asked == 1


async def test_an_open_breaker_asks_nobody_but_about_calls_that_were_sent() -> None:
    model = Scripted([IMAGE])
    breaking = Breaking(model, "p", Counted(resting=[Rest(20.0)]))

    with pytest.raises(ProviderUnavailable):
        await breaking.generate(REQUEST, accept)
    assert model.asked == 0
    assert await breaking.resume(REQUEST, CALL, accept) == IMAGE


async def test_an_open_breaker_is_waited_for_in_words_where_nobody_may_stand_in() -> None:
    model, waits, heard = Scripted([IMAGE]), Waits(), list[str]()
    breaking = Breaking(
        model, "replicate", Counted(resting=[Rest(20.0), Rest(2.0), Rest(0.0)]), waits
    )

    with telling(heard.append):
        assert await breaking.generate(replace(REQUEST, alone=True), accept) == IMAGE

    assert waits.seconds == [5.0, 2.0, 0.1]
    assert heard[0] == "Replicate failed too often lately: it is asked again in about 20 s"
    assert heard[-1] == "Replicate is asked"


async def test_a_wait_for_a_breaker_ends_after_some_pauses_and_another_try_may_do_better() -> None:
    model, waits = Scripted([IMAGE]), Waits()
    endless = Counted(resting=[Rest(30.0)] * 1000)
    breaking = Retrying(Breaking(model, "p", endless, waits), Patience(sleep=waits))

    with pytest.raises(ProviderUnavailable, match="left alone") as caught:
        await breaking.generate(replace(REQUEST, alone=True), accept)

    assert caught.value.failure().retryable
    assert not caught.value.charged
    assert model.asked == 0
    assert sum(waits.seconds) == 120


@pytest.mark.parametrize("failure", [BUSY, NeverRan("it did not start")])
async def test_who_has_waited_for_a_breaker_waits_no_second_time(failure: StageFailed) -> None:
    model, waits = Scripted([failure, IMAGE]), Waits()
    breaking = Breaking(model, "p", Counted(resting=[Rest(2.0), Rest(1.0)]), waits)

    with pytest.raises(ProviderUnavailable) as caught:
        await Retrying(breaking, Patience(sleep=waits)).generate(
            replace(REQUEST, alone=True), accept
        )

    assert waits.seconds == [2.0, 1.0]
    assert not isinstance(caught.value, NeverRan)
    assert model.asked == 1


async def test_the_end_of_a_trial_is_waited_for_whoever_may_stand_in() -> None:
    model, waits = Scripted([IMAGE]), Waits()
    well = Counted(resting=[Rest(30.0, trial=True), Rest(25.0, trial=True)])
    assert await Breaking(model, "p", well, waits).generate(REQUEST, accept) == IMAGE
    assert waits.seconds == [5.0, 5.0]

    broken = Counted(resting=[Rest(30.0, trial=True), Rest(30.0)])
    with pytest.raises(ProviderUnavailable, match="left alone"):
        await Breaking(model, "p", broken, waits).generate(REQUEST, accept)


@pytest.mark.parametrize(
    ("failure", "counts"),
    [
        (BUSY, 1),
        (NeverRan("it did not start"), 1),
        (CallFailed("broke"), 1),
        (OutcomeUnknown("cut"), 1),
        (SLOW_DOWN, 0),
        (Throttled("It", retry_after=None), 0),
        (NO_KEY, 0),
        (ContentRejected("no"), 0),
    ],
)
async def test_only_outages_count_against_a_provider(failure: StageFailed, counts: int) -> None:
    counted = Counted()

    with pytest.raises(type(failure)):
        await Breaking(Scripted([failure]), "p", counted).generate(REQUEST, accept)

    assert counted.failures == counts


async def test_a_call_that_can_not_be_resumed_says_nothing_about_its_provider() -> None:
    counted = Counted()

    with pytest.raises(OutcomeUnknown):
        await Breaking(Scripted([OutcomeUnknown("cut")]), "p", counted).resume(
            REQUEST, CALL, accept
        )
    assert (counted.failures, counted.successes) == (0, 0)

    await Breaking(Scripted([IMAGE]), "p", counted).resume(REQUEST, CALL, accept)
    assert (counted.failures, counted.successes) == (0, 1)


@pytest.mark.parametrize("answer", [ContentRejected("no"), SLOW_DOWN])
async def test_a_provider_that_answers_is_well(answer: StageFailed) -> None:
    counted = Counted()
    with pytest.raises(type(answer)):
        await Breaking(Scripted([answer]), "p", counted).generate(REQUEST, accept)
    assert counted.successes == 1
