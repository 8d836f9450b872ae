"""Webhooks of Replicate: who signed them, and what they tell."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from replicate.webhook import Webhooks, WebhookSigningSecret

_TOLERANCE_SECONDS: Final = 300


class Forged(Exception):
    """Nobody who knows the secret signed this lately."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a webhook tells: `delivery` stays the same when it is sent again."""

    delivery: str
    prediction: str


def told(headers: Mapping[str, str], body: bytes, secret: str) -> Told:
    """Check the signature over the bytes as they came, and read them.

    `headers` have small letters. Raises `Forged`.
    """
    validate: Any = Webhooks.validate
    try:
        validate(
            headers=dict(headers),
            body=body.decode(),
            secret=WebhookSigningSecret(key=secret),
            tolerance=_TOLERANCE_SECONDS,
        )
        prediction = json.loads(body)["id"]
    except (ValueError, KeyError, TypeError) as error:
        raise Forged from error
    return Told(headers["webhook-id"], str(prediction))
