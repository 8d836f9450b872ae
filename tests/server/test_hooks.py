"""Webhooks at our door: who signed is heard, once."""

import base64
import hmac
import json
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from uuid import uuid4

import httpx
import pytest
from starlette.routing import Route

from pipeline.calls import CallId
from pipeline.errors import ProviderUnavailable
from server.app import Parts, create_app
from server.hooks import REPLICATE_HOOK, ReplicateHook, Secret, hook_url

KEY = "whsec_" + base64.b64encode(b"the account's own secret").decode()
OTHER = "whsec_" + base64.b64encode(b"somebody else's secret").decode()
CALL = CallId(uuid4())
BODY = json.dumps({"id": "abc123", "status": "succeeded"}).encode()


@dataclass
class Desk:
    """Takes deliveries, each once, and knows the account's secrets of today."""

    taken: list[tuple[str, str, CallId, str]] = field(
        default_factory=list[tuple[str, str, CallId, str]]
    )
    keys: list[str] = field(default_factory=lambda: [KEY])

    async def take(self, provider: str, delivery: str, call: CallId, external_id: str) -> bool:
        self.taken.append((provider, delivery, call, external_id))
        return True

    async def key(self) -> str:
        if not self.keys:
            raise ProviderUnavailable("out of reach")
        return self.keys[0] if len(self.keys) == 1 else self.keys.pop(0)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def door(parts: Parts, desk: Desk) -> AsyncGenerator[httpx.AsyncClient]:
    hook = ReplicateHook(Secret(desk.key, kept=0), desk.take)
    hooked = replace(parts, hooks=(Route(REPLICATE_HOOK, hook.one, methods=["POST"]),))
    transport = httpx.ASGITransport(create_app(hooked), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


def signed(
    body: bytes = BODY, key: str = KEY, ago: float = 0, delivery: str = "msg_1"
) -> dict[str, str]:
    at = str(int(time.time() - ago))
    secret = base64.b64decode(key.removeprefix("whsec_"))
    mac = hmac.new(secret, f"{delivery}.{at}.".encode() + body, sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


async def told(
    door: httpx.AsyncClient, headers: dict[str, str], body: bytes = BODY, url: str | None = None
) -> httpx.Response:
    return await door.post(url or hook_url("", CALL), content=body, headers=headers)


async def test_what_is_signed_is_taken(door: httpx.AsyncClient, desk: Desk) -> None:
    answer = await told(door, signed())
    assert (answer.status_code, answer.content) == (204, b"")
    assert desk.taken == [("replicate", "msg_1", CALL, "abc123")]


async def test_one_of_several_signatures_is_enough(door: httpx.AsyncClient, desk: Desk) -> None:
    headers = signed()
    other = signed(key=OTHER)["webhook-signature"]
    headers["webhook-signature"] = f"{other} {headers['webhook-signature']}"
    assert (await told(door, headers)).status_code == 204
    assert desk.taken


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (signed(key=OTHER), BODY),
        (signed(), BODY.replace(b"abc123", b"abc124")),
        (signed(), BODY + b" "),
        (signed(ago=3600), BODY),
        (signed(ago=-3600), BODY),
        ({**signed(), "webhook-id": "msg_2"}, BODY),
        ({**signed(), "webhook-timestamp": "soon"}, BODY),
        ({**signed(), "webhook-signature": "v1"}, BODY),
        ({**signed(), "webhook-signature": "v1,&&&"}, BODY),
        ({"content-type": "application/json"}, BODY),
        (signed(b""), b""),
        (signed(b"\xff\xfe"), b"\xff\xfe"),
        (signed(b"[1]"), b"[1]"),
        (signed(b"no json"), b"no json"),
    ],
)
async def test_what_is_not_signed_as_it_came_learns_nothing(
    door: httpx.AsyncClient, desk: Desk, headers: dict[str, str], body: bytes
) -> None:
    answer = await told(door, headers, body)
    assert (answer.status_code, answer.content) == (401, b"")
    assert desk.taken == []


async def test_a_call_that_is_none_of_ours_is_let_go(door: httpx.AsyncClient, desk: Desk) -> None:
    for url in (REPLICATE_HOOK, f"{REPLICATE_HOOK}?call=elsewhere"):
        assert (await told(door, signed(), url=url)).status_code == 204
    assert desk.taken == []


async def test_a_new_secret_is_asked_for(door: httpx.AsyncClient, desk: Desk) -> None:
    desk.keys = [OTHER, KEY]
    assert (await told(door, signed())).status_code == 204
    assert (await told(door, signed(key=OTHER))).status_code == 401
    assert len(desk.taken) == 1


async def test_without_the_secret_it_has_to_come_again(door: httpx.AsyncClient, desk: Desk) -> None:
    desk.keys = []
    assert (await told(door, signed())).status_code == 503
    desk.keys = [KEY]
    assert (await told(door, signed())).status_code == 204


async def test_hooks_may_come_under_any_name_and_nothing_else_may(
    door: httpx.AsyncClient,
) -> None:
    tunnel = {"host": "designer.example"}
    assert (await told(door, {**signed(), **tunnel})).status_code == 204
    assert (await door.get("/health", headers=tunnel)).status_code == 421


async def test_a_server_without_hooks_has_no_door(site: httpx.AsyncClient) -> None:
    assert (await told(site, signed())).status_code == 404
