"""What makes two requests the same."""

import json
from dataclasses import fields, is_dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from pipeline.repositories import Idempotency
from schema import rules


def idempotency(mutation: str, key: str | None, *request: object) -> Idempotency | None:
    """Return the key with a hash of the `request`, whose defaults are to be filled in.

    Files are to be given by their hash. Raises `InvalidInput` about "idempotencyKey".
    """
    if key is None:
        return None
    rules.text(key, "idempotencyKey", rules.KEY)
    return Idempotency(mutation, key, fingerprint(*request))


def fingerprint(*request: object) -> bytes:
    written = json.dumps(request, sort_keys=True, default=_plain)
    return sha256(written.encode()).digest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in a request")
