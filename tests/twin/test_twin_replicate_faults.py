import asyncio
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image, UnidentifiedImageError
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.prediction import Prediction

from twin.faults import (
    Broken,
    Dropped,
    Early,
    Failed,
    Fault,
    Hanging,
    Refused,
    Shape,
    Shaped,
    Slow,
    Spoil,
    Spoiled,
    Throttled,
    Unpaid,
)
from twin.script import Rule, When, Where
from twin.serving import Running

Connect = Callable[..., Client]
Meets = Callable[..., None]

BANANA = "google/nano-banana-2"
INPUT = {"prompt": "a red silk gown", "output_format": "png"}
CREATE = Where(provider="replicate", endpoint="create")


@pytest.fixture
def meets(twin: Running) -> Meets:
    """Let the next creation, or another request, meet faults."""

    def add(*faults: Fault, where: Where = CREATE) -> None:
        twin.twin.script.add(Rule(fault, where, When(next=1)) for fault in faults)

    return add


async def create(client: Client, **more: Any) -> Prediction:
    return await client.models.predictions.async_create(BANANA, INPUT, **more)


async def fetch(url: object) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(str(url))


def charges(twin: Running) -> int:
    return len(twin.twin.bill.rows())


async def billed(twin: Running, count: int) -> None:
    """Wait for that many charges, which are made beside the requests."""
    async with asyncio.timeout(10):
        while charges(twin) < count:
            await asyncio.sleep(0.02)
    assert charges(twin) == count


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (Throttled(), (429, "Request was throttled. Your rate limit resets in ~30s.")),
        (Throttled(retry_after=4), (429, "Request was throttled. Your rate limit resets in ~4s.")),
        (Unpaid(), (402, "You have insufficient credit to run this model.")),
        (Broken(status=500), (500, "Internal server error")),
        (Broken(status=502), (502, "Internal server error")),
        (Broken(status=503), (503, "Internal server error")),
    ],
)
async def test_a_refusal_is_not_billed(
    twin: Running, client: Client, meets: Meets, fault: Fault, answer: tuple[int, str]
) -> None:
    meets(fault)
    with pytest.raises(ReplicateError) as refused:
        await create(client)
    assert (refused.value.status, refused.value.detail) == answer
    assert len((await client.predictions.async_list()).results) == 0
    assert charges(twin) == 0


async def test_retry_after_is_sent_only_where_it_is_scripted(twin: Running, meets: Meets) -> None:
    account = Where(endpoint="account")
    headers = {"Authorization": f"Bearer {twin.environment['REPLICATE_API_TOKEN']}"}
    async with httpx.AsyncClient(headers=headers) as http:
        for fault, sent in ((Throttled(), None), (Throttled(retry_after=4), "4")):
            meets(fault, where=account)
            answer = await http.get(f"{twin.replicate}/v1/account")
            assert (answer.status_code, answer.headers.get("retry-after")) == (429, sent)


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_dropped_connection_is_billed_once_the_work_was_accepted(
    twin: Running, client: Client, meets: Meets, *, accepted: bool
) -> None:
    meets(Dropped(accepted=accepted))
    with pytest.raises(httpx.RemoteProtocolError):
        await create(client)
    await billed(twin, int(accepted))
    found = (await client.predictions.async_list()).results
    assert [one.input for one in found] == [INPUT] * accepted


async def test_a_server_error_may_hide_that_the_work_was_accepted(
    twin: Running, client: Client, meets: Meets
) -> None:
    meets(Broken(status=502, accepted=True))
    with pytest.raises(ReplicateError):
        await create(client)
    await billed(twin, 1)


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_hang_lasts_until_the_client_gives_up(
    twin: Running, client: Client, meets: Meets, *, accepted: bool
) -> None:
    meets(Hanging(accepted=accepted))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await create(client)
    await billed(twin, int(accepted))


@pytest.mark.parametrize("charged", [False, True])
@pytest.mark.parametrize("kind", [Refused, Failed])
async def test_a_failed_prediction_says_why_and_is_charged_only_where_it_is_scripted(
    twin: Running, client: Client, meets: Meets, kind: type[Refused | Failed], *, charged: bool
) -> None:
    meets(kind(charged=charged))
    one = await create(client, wait=30)
    assert (one.status, one.output) == ("failed", None)
    assert one.error is not None
    assert ("flagged as sensitive" if kind is Refused else "E1000") in one.error
    assert charges(twin) == charged


@pytest.mark.parametrize(
    ("shape", "written"),
    [
        (Shape.TEXT, r"http://\S+/out-0\.png"),
        (Shape.LIST, r"\['http://\S+/out-0\.png'\]"),
        (Shape.DATA, r"data:image/png;base64,iVBOR\S+"),
    ],
)
async def test_an_output_may_have_another_shape(
    client: Client, meets: Meets, shape: Shape, written: str
) -> None:
    meets(Shaped(shape))
    assert re.fullmatch(written, str((await create(client, wait=30)).output))


async def test_an_empty_output_is_a_success_that_is_billed(
    twin: Running, client: Client, meets: Meets
) -> None:
    meets(Spoiled(Spoil.EMPTY))
    one = await create(client, wait=30)
    assert (one.status, one.output) == ("succeeded", None)
    assert charges(twin) == 1


async def test_a_file_may_be_blank_a_page_or_half_a_picture(client: Client, meets: Meets) -> None:
    meets(Spoiled(Spoil.BLANK))
    assert (await fetch((await create(client, wait=30)).output)).content == b""
    meets(Spoiled(Spoil.HTML))
    page = await fetch((await create(client, wait=30)).output)
    assert page.headers["content-type"].startswith("text/html")
    assert page.text.startswith("<!DOCTYPE html>")
    meets(Spoiled(Spoil.TRUNCATED))
    half = await fetch((await create(client, wait=30)).output)
    assert half.status_code == 200
    with pytest.raises((OSError, UnidentifiedImageError)):
        Image.open(BytesIO(half.content)).load()


async def test_a_picture_may_have_another_size(client: Client, meets: Meets) -> None:
    meets(Spoiled(Spoil.SMALL))
    content = (await fetch((await create(client, wait=30)).output)).content
    assert Image.open(BytesIO(content)).size == (64, 64)


async def test_a_download_may_break_off(client: Client, meets: Meets) -> None:
    meets(Spoiled(Spoil.CUT))
    one = await create(client, wait=30)
    with pytest.raises(httpx.RemoteProtocolError):
        await fetch(one.output)


async def test_an_address_may_have_expired(twin: Running, client: Client, meets: Meets) -> None:
    meets(Spoiled(Spoil.EXPIRED))
    assert (await fetch((await create(client, wait=30)).output)).status_code == 404
    assert charges(twin) == 1


async def test_an_address_may_be_at_another_host(
    twin: Running, client: Client, meets: Meets
) -> None:
    meets(Spoiled(Spoil.FOREIGN))
    output = str((await create(client, wait=30)).output)
    assert output.startswith("http://localhost:")
    assert (await fetch(output)).status_code == 200
    *_, seen = twin.twin.journal.shown()
    assert isinstance(seen, dict)
    assert (seen["endpoint"], seen["authorized"], seen["address"]) == ("file", False, output)


async def test_an_output_may_come_while_it_still_says_processing(
    client: Client, meets: Meets
) -> None:
    meets(Early(seconds=0.3))
    one = await create(client, wait=30)
    assert one.status == "processing"
    assert (await fetch(one.output)).status_code == 200
    async with asyncio.timeout(10):
        while one.status == "processing":
            await one.async_reload()
            await asyncio.sleep(0.02)
    assert one.status == "succeeded"


async def test_work_may_take_longer(client: Client, meets: Meets) -> None:
    meets(Slow(seconds=30))
    assert (await create(client, wait=1)).status == "processing"


async def test_other_requests_meet_faults_too(client: Client, meets: Meets) -> None:
    one = await create(client, wait=30)
    meets(Broken(status=500), where=Where(endpoint="get"))
    with pytest.raises(ReplicateError):
        await one.async_reload()
    meets(Dropped(), where=Where(endpoint="file"))
    with pytest.raises(httpx.RemoteProtocolError):
        await fetch(one.output)
    assert (await fetch(one.output)).status_code == 200


async def test_rules_can_be_given_seen_and_taken_back_while_it_runs(
    twin: Running, client: Client
) -> None:
    address = f"{twin.replicate}/_twin/faults"
    async with httpx.AsyncClient() as http:
        rule = {"fault": {"kind": "throttled"}, "where": {"model": "google/*"}}
        assert (await http.post(address, json=[rule])).status_code == 200
        with pytest.raises(ReplicateError):
            await create(client)
        (shown,) = (await http.get(address)).json()["faults"]
        assert (shown["met"], shown["hit"]) == (1, 1)
        wrong = await http.post(address, json=[{"fault": {"kind": "surprise"}}])
        assert wrong.status_code == 400
        assert wrong.json()["error"].startswith("0.fault: ")
        assert (await http.delete(address)).json() == {"faults": []}
    assert (await create(client, wait=30)).status == "succeeded"
