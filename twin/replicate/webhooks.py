"""Telling a client of its predictions, signed as Standard Webhooks are."""

import asyncio
import base64
import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from time import time

import httpx

from twin.faults import Delivery, Faults, Hooked
from twin.replicate.predictions import Hook
from twin.values import JsonObject

_ATTEMPTS = 4
_PAUSES = (0.2, 1.0, 5.0)
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Message:
    """One event; it keeps `id` however often it is sent."""

    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends webhooks with the secret `key` ("whsec_" and base64)."""

    client: httpx.AsyncClient
    key: str

    async def send(self, hook: Hook, body: JsonObject, faults: Faults) -> None:
        """Send an event as the faults have it, again and again until it is taken."""
        message = Message(f"msg_{token_urlsafe(18)}", json.dumps(body).encode())
        hows = {fault.how: fault.seconds for fault in faults if isinstance(fault, Hooked)}
        if Delivery.LOST in hows:
            return
        if Delivery.LATE in hows:
            await asyncio.sleep(hows[Delivery.LATE])
        # Before the true one, or nobody would be tempted to believe it.
        if Delivery.FORGED in hows:
            await self._post(hook.url, _forged(body), _false_key())
        await self._deliver(hook.url, message)
        if Delivery.DUPLICATED in hows:
            await self._deliver(hook.url, message)
        if Delivery.REPLAYED in hows:
            await self._post(hook.url, message, self.key, ago=hows[Delivery.REPLAYED])

    async def _deliver(self, url: str, message: Message) -> None:
        for attempt in range(_ATTEMPTS):
            if await self._post(url, message, self.key):
                return
            if attempt < len(_PAUSES):
                await asyncio.sleep(_PAUSES[attempt])

    async def _post(self, url: str, message: Message, key: str, ago: float = 0) -> bool:
        """Send once, as if `ago` seconds earlier; say whether it was taken."""
        at = int(time() - ago)
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(key, message.id, at, message.body),
        }
        try:
            answer = await self.client.post(
                url, content=message.body, headers=headers, timeout=_SECONDS
            )
        except httpx.HTTPError:
            return False
        return answer.is_success


def signature(key: str, id: str, at: int, body: bytes) -> str:
    """Return "v1," and the HMAC-SHA-256 of a message in base64."""
    secret = base64.b64decode(key.removeprefix("whsec_"))
    mac = hmac.new(secret, f"{id}.{at}.".encode() + body, sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


def key_of(seed: int) -> str:
    """Return the signing secret of a twin with that seed."""
    return f"whsec_{base64.b64encode(sha256(f'webhooks {seed}'.encode()).digest()).decode()}"


def _false_key() -> str:
    return f"whsec_{base64.b64encode(b'not the secret of this account').decode()}"


def _forged(body: JsonObject) -> Message:
    """Claim a success that leads elsewhere."""
    claim: JsonObject = {
        **body,
        "status": "succeeded",
        "output": "https://forged.invalid/picture.png",
    }
    return Message(f"msg_{token_urlsafe(18)}", json.dumps(claim).encode())
