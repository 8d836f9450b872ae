import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.webhook import InvalidSignatureError, InvalidTimestampError, Webhooks

from twin.faults import Delivery, Hooked
from twin.script import Rule
from twin.serving import Running

Start = Callable[..., Awaitable[Running]]
Connect = Callable[..., Client]

MODEL = "google/nano-banana-2"
TOLERANCE = 300


class Letter(Protocol):
    target: str
    headers: dict[str, str]
    body: str


class Mailbox(Protocol):
    url: str
    answers: list[int]
    letters: asyncio.Queue[Letter]

    async def next(self) -> Letter: ...


async def create(client: Client, mailbox: Mailbox, **more: Any) -> str:
    given = {"webhook_events_filter": ["start", "completed"], **more}
    one = await client.models.predictions.async_create(
        MODEL, {"prompt": "a hat"}, webhook=mailbox.url, **given
    )
    return one.id


async def scripted(start: Start, connect: Connect, *faults: Hooked) -> Client:
    return connect(await start(rules=[Rule(fault) for fault in faults]))


async def check(client: Client, letter: Letter) -> dict[str, Any]:
    """Return the prediction in a letter whose signature and time are right."""
    secret = await client.webhooks.default.async_secret()
    Webhooks.validate(headers=letter.headers, body=letter.body, secret=secret, tolerance=TOLERANCE)
    body: dict[str, Any] = json.loads(letter.body)
    return body


async def test_start_and_end_are_told_with_the_sdks_signature(
    client: Client, mailbox: Mailbox
) -> None:
    made = await create(client, mailbox)
    first, second = await mailbox.next(), await mailbox.next()
    assert first.target == "/hooks?run=7"
    assert first.headers["webhook-id"] != second.headers["webhook-id"]
    started, ended = await check(client, first), await check(client, second)
    assert (started["id"], started["status"], started["output"]) == (made, "processing", None)
    assert (ended["id"], ended["status"]) == (made, "succeeded")
    assert ended["output"].startswith("http")


async def test_only_the_wanted_events_are_told(client: Client, mailbox: Mailbox) -> None:
    await create(client, mailbox, webhook_events_filter=["completed"])
    assert (await check(client, await mailbox.next()))["status"] == "succeeded"
    assert mailbox.letters.empty()


async def test_what_is_not_taken_is_sent_again_under_its_id(
    client: Client, mailbox: Mailbox
) -> None:
    mailbox.answers = [500, 307]
    await create(client, mailbox)
    letters = [await mailbox.next() for _ in range(4)]
    ids = [letter.headers["webhook-id"] for letter in letters]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    for letter in letters:
        await check(client, letter)


async def test_lost_ones_never_come(start: Start, connect: Connect, mailbox: Mailbox) -> None:
    client = await scripted(start, connect, Hooked(Delivery.LOST))
    await create(client, mailbox, wait=30)
    assert mailbox.letters.empty()


async def test_duplicates_have_the_same_id(
    start: Start, connect: Connect, mailbox: Mailbox
) -> None:
    client = await scripted(start, connect, Hooked(Delivery.DUPLICATED))
    await create(client, mailbox)
    ids = [(await mailbox.next()).headers["webhook-id"] for _ in range(4)]
    assert ids[0] == ids[1] != ids[2] == ids[3]


async def test_the_end_may_come_before_the_start(
    start: Start, connect: Connect, mailbox: Mailbox
) -> None:
    client = await scripted(start, connect, Hooked(Delivery.SWAPPED))
    await create(client, mailbox)
    statuses = [(await check(client, await mailbox.next()))["status"] for _ in range(2)]
    assert statuses == ["succeeded", "processing"]


async def test_late_ones_come_later(start: Start, connect: Connect, mailbox: Mailbox) -> None:
    client = await scripted(start, connect, Hooked(Delivery.LATE, seconds=0.5))
    await create(client, mailbox)
    started = datetime.fromisoformat((await check(client, await mailbox.next()))["started_at"])
    assert datetime.now(UTC) - started >= timedelta(seconds=0.5)


async def test_replayed_ones_are_signed_but_old(
    start: Start, connect: Connect, mailbox: Mailbox
) -> None:
    client = await scripted(start, connect, Hooked(Delivery.REPLAYED, seconds=3600))
    await create(client, mailbox)
    await check(client, await mailbox.next())
    replayed = await mailbox.next()
    with pytest.raises(InvalidTimestampError):
        await check(client, replayed)
    Webhooks.validate(
        headers=replayed.headers,
        body=replayed.body,
        secret=await client.webhooks.default.async_secret(),
    )


async def test_forged_ones_claim_a_success_under_another_secret(
    start: Start, connect: Connect, mailbox: Mailbox
) -> None:
    client = await scripted(start, connect, Hooked(Delivery.FORGED))
    made = await create(client, mailbox)
    forged = await mailbox.next()
    assert json.loads(forged.body)["id"] == made
    assert json.loads(forged.body)["status"] == "succeeded"
    with pytest.raises(InvalidSignatureError):
        await check(client, forged)
    assert (await check(client, await mailbox.next()))["status"] == "processing"


async def test_a_webhook_must_be_https_beyond_this_machine(client: Client) -> None:
    with pytest.raises(ReplicateError) as refused:
        await client.models.predictions.async_create(
            MODEL, {"prompt": "a hat"}, webhook="http://hooks.example/replicate"
        )
    assert refused.value.status == 422
