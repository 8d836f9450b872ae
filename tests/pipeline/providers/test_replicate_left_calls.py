"""Calls at Replicate that nobody has the answer of, or that nobody waits for any more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import CallFailed, NeverRan, OutcomeUnknown, ProviderUnavailable
from pipeline.waits import telling
from tests.pipeline.providers.replicate_house import (
    BRIEFLY,
    LIST,
    LONG,
    House,
    house_at,
    photo,
    request,
)
from twin.faults import Broken, Dropped, Fault, Hanging, Slow
from twin.script import When
from twin.serving import Running

Start = Callable[..., Awaitable[Running]]


@pytest.mark.parametrize(
    "fault",
    [Broken(status=502, accepted=True), Dropped(accepted=True), Hanging(accepted=True)],
)
@pytest.mark.parametrize("key", ["flux-schnell", "nano-banana-pro"])
async def test_a_lost_answer_is_found_again_and_paid_once(
    twin: Running, fault: Fault, key: str
) -> None:
    async with house_at(twin, answers_in=0.5) as house:
        house.meets(fault)
        assert (await house.make(key, request(references=(photo(),)))).width
        assert house.billed == list(house.ledger.ids.values())


@pytest.mark.parametrize("fault", [Broken(status=500), Dropped(), Hanging()])
async def test_a_request_that_never_arrived_is_known_not_to_have_run(
    twin: Running, fault: Fault
) -> None:
    async with house_at(twin, answers_in=0.5) as house:
        house.pace = replace(BRIEFLY)
        house.meets(fault)
        with pytest.raises(NeverRan, match="never got"):
            await house.make("flux-schnell", request())
    assert house.billed == []


async def test_while_it_is_looked_for_that_is_said_once(
    twin: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pipeline.providers.replicate")
    said: list[str] = []
    async with house_at(twin, answers_in=0.5) as house:
        house.pace = replace(BRIEFLY)
        house.meets(Broken(status=500))
        asked = request()
        with telling(said.append), pytest.raises(NeverRan):
            await house.make("flux-schnell", asked)
    (told,) = said
    assert told.startswith("Looking whether Replicate took the call, for about ")
    assert caplog.messages == [f"looking whether replicate took call {asked.call}"]


async def test_an_outcome_that_can_not_be_found_out_stays_unknown(house: House) -> None:
    house.pace = replace(BRIEFLY)
    house.meets(Dropped(accepted=True))
    house.meets(Broken(status=503), LIST, When())
    with pytest.raises(OutcomeUnknown):
        await house.make("flux-schnell", request())
    assert len(house.billed) == 1


async def test_two_that_ask_the_same_share_no_prediction(house: House) -> None:
    house.meets(Dropped(accepted=True), when=When(next=2))
    one, other = request(), request()
    await asyncio.gather(house.make("imagen-4-fast", one), house.make("imagen-4-fast", other))
    assert sorted(house.billed) == sorted(house.ledger.ids.values())
    assert len(house.billed) == 2


async def test_of_two_that_ask_the_same_only_the_one_that_ran_is_paid(house: House) -> None:
    house.pace = replace(BRIEFLY)
    house.meets(Dropped(accepted=True), when=When(on=(1,)))
    house.meets(Dropped(), when=When(on=(2,)))
    outcomes = await asyncio.gather(
        house.make("imagen-4-fast", request()),
        house.make("imagen-4-fast", request()),
        return_exceptions=True,
    )
    assert sum(isinstance(one, ProviderUnavailable) for one in outcomes) == 1
    assert house.billed == list(house.ledger.ids.values())


async def test_what_nobody_wants_any_more_is_stopped(house: House) -> None:
    house.meets(Slow(seconds=60))
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    await house.ledger.given.wait()
    house.abandoned = True

    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    assert wanted.call
    one = await house.wire.get(house.ledger.ids[wanted.call])
    async with asyncio.timeout(5):
        while not one.over:
            one = await house.wire.get(one.id)
    assert one.status == "canceled"


async def test_what_another_worker_goes_on_with_is_not_stopped(house: House) -> None:
    house.meets(Slow(seconds=0.5))
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    await house.ledger.given.wait()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    assert wanted.call
    known = house.ledger.ids[wanted.call]
    assert (await house.resume("flux-schnell", wanted, external_id=known)).width
    assert house.billed == [known]


async def test_a_call_that_is_broken_off_while_it_is_sent_has_its_id_all_the_same(
    house: House,
) -> None:
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    while not house.asked("create"):
        await asyncio.sleep(0)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert wanted.call in house.ledger.ids


async def test_a_worker_that_died_before_it_sent_pays_nothing(house: House) -> None:
    house.pace = replace(BRIEFLY)
    with pytest.raises(ProviderUnavailable, match="never got"):
        await house.resume("flux-schnell", request())
    assert house.billed == []


async def test_what_was_sent_long_ago_is_not_waited_for_anew(house: House) -> None:
    assert house.pace.deadline > timedelta(seconds=20)
    async with asyncio.timeout(20):
        with pytest.raises(NeverRan, match="never got"):
            await house.resume("flux-schnell", request(), ago=timedelta(minutes=50))


@pytest.mark.parametrize("key", ["flux-schnell", "nano-banana-pro"])
async def test_a_worker_that_died_before_it_knew_the_id_pays_once(house: House, key: str) -> None:
    wanted = request(references=(photo(),))
    died, buried = asyncio.Event(), asyncio.Event()

    async def accept(_id: str) -> None:
        died.set()
        await buried.wait()

    house.meets(Slow(seconds=0.5))
    making = asyncio.create_task(house.model(key).generate(wanted, accept))
    await died.wait()

    assert (await house.resume(key, wanted)).width
    making.cancel()
    buried.set()
    await asyncio.wait([making])
    assert house.billed == list(house.ledger.ids.values())


async def test_an_output_that_is_deleted_by_now_was_paid(start_twin: Start) -> None:
    twin = await start_twin(retention=timedelta(seconds=0.5))
    async with house_at(twin) as house:
        wanted = request()
        await house.make("flux-schnell", wanted)
        assert wanted.call
        known = house.ledger.ids[wanted.call]
        while not (await house.wire.get(known)).removed:
            await asyncio.sleep(0.05)
        with pytest.raises(CallFailed) as caught:
            await house.resume("flux-schnell", wanted, external_id=known)
    assert (caught.value.code, caught.value.charged) == ("OUTPUT_LOST", True)


async def test_news_wakes_whoever_waits(house: House) -> None:
    house.pace = replace(LONG, least=30, most=30)
    house.meets(Slow(seconds=0.3))
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    await house.ledger.given.wait()
    assert wanted.call
    async with asyncio.timeout(10):
        while not making.done():
            house.news.tell(wanted.call, house.ledger.ids[wanted.call])
            await asyncio.sleep(0.05)
    assert (await making).width


async def test_news_tells_the_id_of_a_lost_answer(house: House) -> None:
    house.meets(Dropped(accepted=True))
    house.meets(Broken(status=503), LIST, When())
    wanted = request()
    making = asyncio.create_task(house.make("flux-schnell", wanted))
    while not (house.asked("list") and house.billed):
        await asyncio.sleep(0.01)
    assert wanted.call
    house.news.tell(wanted.call, house.billed[0])
    assert (await making).width
