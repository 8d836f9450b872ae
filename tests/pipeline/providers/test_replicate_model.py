"""The adapter for Replicate, through the real SDK, against the twin."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.catalogue.inputs import text
from pipeline.catalogue.replicate import MODELS
from pipeline.domain import AspectRatio
from pipeline.errors import BadOutput, CallFailed, ContentRejected, ProviderUnavailable, StageFailed
from pipeline.photos import prepared
from pipeline.providers.replicate.wire import Account, connected
from tests.pipeline.providers.replicate_house import House, nowhere, photo, request
from twin.config import REPLICATE_TOKEN, Latency
from twin.faults import (
    Early,
    Failed,
    Fault,
    Refused,
    Shape,
    Shaped,
    Slow,
    Spoil,
    Spoiled,
    Throttled,
    Unpaid,
)
from twin.requests import digest
from twin.serving import Running

Start = Callable[..., Awaitable[Running]]


@pytest.mark.parametrize("key", [model.key for model in MODELS])
async def test_every_model_takes_what_we_ask_and_makes_the_image(house: House, key: str) -> None:
    image = await house.make(key, request(references=(photo(),)))

    assert abs(image.width * 4 - image.height * 3) <= 0.02 * image.height * 3
    assert list(house.ledger.ids.values()) == house.billed


@pytest.mark.parametrize("ratio", AspectRatio)
async def test_a_model_without_the_ratio_is_cut_to_it(house: House, ratio: AspectRatio) -> None:
    wanted = request(aspect_ratio=ratio)
    image = await house.make("imagen-4-fast", wanted)
    across, down = ratio.terms
    assert image.width / image.height == pytest.approx(across / down, rel=0.02)


async def test_what_a_model_lacks_is_put_differently_and_said(house: House) -> None:
    wanted = request(
        aspect_ratio=AspectRatio.PORTRAIT_9_21, source_influence=0.2, own_negative=True
    )
    result = await house.model("imagen-4-ultra").generate(wanted, nowhere)
    assert [word for word in ("negative", "9:21") if word in " ".join(result.warnings)] == [
        "negative",
        "9:21",
    ]
    (asked,) = house.asked("create")
    assert asked["input"] == {
        "prompt": "a red silk gown\n\nAvoid: buttons.",
        "aspect_ratio": "9:16",
        "output_format": "png",
        "safety_filter_level": "block_only_high",
    }


async def test_a_model_with_the_fields_gets_negative_prompt_seed_and_influence(
    house: House,
) -> None:
    await house.make("sd3.5", request(references=(photo(),), source_influence=1.0))
    (asked,) = house.asked("create")
    given = asked["input"]
    assert isinstance(given, dict)
    assert (given["negative_prompt"], given["seed"]) == ("buttons", 7)
    assert given["prompt_strength"] == 0.35


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("nano-banana-pro", "image_input"),
        ("flux-2-pro", "input_images"),
        ("flux-1.1-pro-ultra", "image_prompt"),
        ("stable-diffusion-3.5-large", "image"),
        ("seedream-4", "image_input"),
    ],
)
async def test_the_photos_own_bytes_arrive_and_do_not_stay(
    house: House, key: str, name: str
) -> None:
    original = photo()
    model = house.model(key)
    await house.make(key, request(references=(original,)))

    (asked,) = house.asked("create")
    given = asked["input"]
    assert isinstance(given, dict)
    sent = digest(prepared(original, model.model.photo_limits).content)
    assert given[name] in (sent, [sent])
    kept = await house.wire.client.files.async_list()
    assert list(kept) == []


@pytest.mark.parametrize("shape", Shape)
async def test_an_output_in_any_shape_is_read(house: House, shape: Shape) -> None:
    house.meets(Shaped(shape))
    assert (await house.make("flux-schnell", request())).width


async def test_an_output_counts_before_the_prediction_says_so(house: House) -> None:
    house.meets(Early(seconds=60))
    async with asyncio.timeout(10):
        await house.make("flux-schnell", request())


@pytest.mark.parametrize(
    ("fault", "words", "wait"),
    [
        (Throttled(), "no more requests", 30),
        (Throttled(retry_after=4), "no more requests", 4),
        (Unpaid(), "credit", None),
    ],
)
async def test_a_refusal_to_start_costs_nothing(
    house: House, fault: Fault, words: str, wait: float | None
) -> None:
    house.meets(fault)
    with pytest.raises(ProviderUnavailable, match=words) as caught:
        await house.make("flux-schnell", request())
    assert (caught.value.charged, caught.value.retry_after) == (False, wait)
    assert caught.value.transient is (wait is not None)
    assert house.billed == []


async def test_a_wrong_key_and_a_model_that_is_gone_cost_nothing(house: House) -> None:
    stranger = Account(token="r8_" + "x" * 37, base=house.twin.replicate)
    async with connected(stranger, timedelta(seconds=30)) as wire:
        with pytest.raises(ProviderUnavailable, match=r"^Replicate does not accept the key$"):
            await House(house.twin, wire).make("flux-schnell", request())
    gone = replace(house.model("recraft-v3").model, slug="recraft-ai/recraft-v1")
    model = replace(house.model("recraft-v3"), model=gone)
    with pytest.raises(ProviderUnavailable, match="any more"):
        await model.generate(request(), nowhere)
    assert house.billed == []


async def test_a_request_that_the_catalogue_gets_wrong_is_not_sent(house: House) -> None:
    model = house.model("recraft-v3")
    inputs = model.model.inputs
    assert inputs
    wrong = replace(model.model, inputs=replace(inputs, constants={"steps": 4}))
    with pytest.raises(StageFailed, match="no field steps") as caught:
        await replace(model, model=wrong).generate(request(), nowhere)
    assert not caught.value.elsewhere
    assert house.asked("create") == []


async def test_a_request_that_replicate_finds_wrong_is_not_tried_elsewhere(house: House) -> None:
    model = house.model("recraft-v3")
    inputs = model.model.inputs
    assert inputs
    drifted = replace(inputs, declared=(*inputs.declared, text("mood")), constants={"mood": "calm"})
    with pytest.raises(StageFailed, match="mood") as caught:
        await replace(model, model=replace(model.model, inputs=drifted)).generate(
            request(), nowhere
        )
    assert (caught.value.code, caught.value.elsewhere) == ("REQUEST_REFUSED", False)
    assert house.billed == []


async def test_a_server_that_can_not_be_reached_costs_nothing(house: House) -> None:
    away = Account(token=REPLICATE_TOKEN, base="http://127.0.0.1:9")
    async with connected(away, timedelta(seconds=30)) as wire:
        with pytest.raises(ProviderUnavailable) as caught:
            await House(house.twin, wire).make("flux-schnell", request())
    assert caught.value.transient


@pytest.mark.parametrize(
    ("fault", "error", "charged"),
    [
        (Refused(reason="sexual"), ContentRejected, False),
        (Failed(), CallFailed, False),
        (Spoiled(Spoil.EMPTY), BadOutput, True),
        (Spoiled(Spoil.BLANK), BadOutput, True),
        (Spoiled(Spoil.HTML), BadOutput, True),
        (Spoiled(Spoil.TRUNCATED), BadOutput, True),
        (Spoiled(Spoil.CUT), BadOutput, True),
        (Spoiled(Spoil.EXPIRED), BadOutput, True),
        (Spoiled(Spoil.FOREIGN), BadOutput, True),
    ],
)
async def test_work_that_comes_to_nothing(
    house: House, fault: Fault, error: type[StageFailed], charged: bool
) -> None:
    house.meets(fault)
    with pytest.raises(error) as caught:
        await house.make("flux-schnell", request())
    assert caught.value.charged is charged
    assert bool(house.billed) is charged


async def test_the_reason_of_a_refusal_is_the_providers(house: House) -> None:
    house.meets(Refused(reason="sexual"))
    with pytest.raises(ContentRejected, match="flagged as sensitive"):
        await house.make("flux-schnell", request())


async def test_the_token_goes_to_no_other_host(house: House) -> None:
    account = house.wire.account
    assert account.trusts("https://replicate.delivery/a.png")
    assert account.trusts("https://pbxt.replicate.delivery/a.png")
    assert account.trusts(f"{account.base}/delivery/a.png")
    for other in (
        "https://evilreplicate.delivery/a.png",
        "https://replicate.delivery.evil.example/a.png",
        "http://replicate.delivery/a.png",
        "https://replicate.delivery:8443/a.png",
        "https://user@evil.example/replicate.delivery",
        "file:///etc/passwd",
    ):
        assert not account.trusts(other)


async def test_a_deadline_in_the_queue_costs_nothing(start_twin: Start) -> None:
    twin = await start_twin(latency=Latency(image=(30, 30), queue=1))
    account = Account(token=REPLICATE_TOKEN, base=twin.replicate)
    async with connected(account, timedelta(seconds=1)) as wire:
        house = House(twin, wire)
        with pytest.raises(ProviderUnavailable, match="did not start"):
            await house.make("flux-schnell", request())
    assert house.billed == []


async def test_a_deadline_at_work_is_paid(twin: Running) -> None:
    account = Account(token=REPLICATE_TOKEN, base=twin.replicate)
    async with connected(account, timedelta(seconds=1)) as wire:
        house = House(twin, wire)
        house.meets(Slow(seconds=60))
        with pytest.raises(CallFailed, match="stopped") as caught:
            await house.make("flux-schnell", request())
    assert caught.value.charged
    assert house.billed == list(house.ledger.ids.values())
