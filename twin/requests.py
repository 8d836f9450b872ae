"""What a request asks for, as values."""

import json
from dataclasses import dataclass
from hashlib import sha256

from twin.photos import content_of
from twin.values import Json


@dataclass(frozen=True, slots=True)
class Call:
    """A request as fault scripts see it; `model` and `prompt` are empty where it has none."""

    provider: str
    endpoint: str
    model: str = ""
    prompt: str = ""


def fingerprint(request: Json) -> str:
    """Return the SHA-256 of a request, whatever the order of its keys."""
    canonical = json.dumps(abridged(request), sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def abridged(value: Json) -> Json:
    """Return `value` with each data URI replaced by the digest and the size of its content."""
    match value:
        case dict():
            return {key: abridged(inner) for key, inner in value.items()}
        case list():
            return [abridged(inner) for inner in value]
        case str() if value.startswith("data:"):
            content = content_of(value)
            return value if content is None else digest(content)
        case _:
            return value


def digest(content: bytes) -> str:
    """Return how journal and fingerprint name a file."""
    return f"sha256:{sha256(content).hexdigest()} ({len(content)} bytes)"
