"""What the doctor looks at beyond this machine: keys, models that end soon, the webhook address."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from pipeline.catalogue.shipped import SHIPPED
from server.addresses import is_loopback, is_public
from server.findings import Finding
from server.probing import NoAnswer, keys_of, openai_at, replicate_at
from server.settings import Settings

_REPLICATE: Final = re.compile(r"r8_[A-Za-z0-9]{37}")
_OPENAI: Final = re.compile(r"sk-[A-Za-z0-9_-]*")
_LEAST: Final = 23
_SOON: Final = timedelta(days=30)


def providers(settings: Settings, now: datetime | None = None) -> Iterator[Finding]:
    """Yield the findings; every question that is asked of a provider is free."""
    keys = keys_of(settings)
    if not keys:
        yield Finding("providers", True, "no key, so images are drawn here")
        return
    if settings.replicate_api_token:
        yield _replicate(settings)
        yield _webhook(settings)
    if settings.openai_api_key:
        yield _openai(settings)
    yield from _ending(frozenset(keys), now or datetime.now(UTC))


def _replicate(settings: Settings) -> Finding:
    subject = "Replicate"
    if not _REPLICATE.fullmatch(settings.replicate_api_token):
        text = "REPLICATE_API_TOKEN is not r8_ and 37 letters and digits: copy it again"
        return Finding(subject, False, text)
    try:
        with replicate_at(settings) as there:
            return Finding(subject, True, f"the key is that of {there.account()}")
    except NoAnswer as error:
        return Finding(subject, False, str(error))


def _openai(settings: Settings) -> Finding:
    subject = "OpenAI"
    if fault := _fault_in(settings.openai_api_key):
        return Finding(subject, False, f"OPENAI_API_KEY {fault}: copy it again")
    try:
        with openai_at(settings) as there:
            return Finding(subject, True, f"the key opens {len(there.models())} models")
    except NoAnswer as error:
        return Finding(subject, False, str(error))


def _fault_in(key: str) -> str | None:
    """Return what no key of OpenAI's has, without a part of the key."""
    if not key.startswith("sk-"):
        return "does not begin with sk-"
    if not _OPENAI.fullmatch(key):
        return "has other characters than letters, digits, - and _"
    if len(key) < _LEAST:
        return f"is too short, with {len(key)} characters of at least {_LEAST}"
    return None


def _webhook(settings: Settings) -> Finding:
    subject, address = "webhooks", settings.webhook_url
    if not address:
        return Finding(subject, True, "no WEBHOOK_URL, so Replicate is asked again and again")
    if _is_near(settings.replicate_base_url):
        return Finding(subject, True, f"{address}, for a Replicate on this machine or near it")
    if urlsplit(address).scheme != "https":
        return Finding(subject, False, f"{address} is not https: give WEBHOOK_URL as https://host")
    if _is_near(address):
        text = f"{address} can't be reached from outside: give WEBHOOK_URL a public host"
        return Finding(subject, False, text)
    return Finding(subject, True, f"{address}, as far as its form tells")


def _is_near(address: str) -> bool:
    """Whether the host is of this machine or of a private network, by its name alone."""
    host = urlsplit(address).hostname or ""
    try:
        return not is_public(host)
    except ValueError:
        return is_loopback(host) or "." not in host or host.endswith((".local", ".internal"))


def _ending(configured: frozenset[str], now: datetime) -> Iterator[Finding]:
    for model in SHIPPED.models:
        ends = model.retires_on
        if ends and model.provider in configured and now <= ends <= now + _SOON:
            follows = f"; take {model.successor} instead" if model.successor else ""
            yield Finding("models", True, f"{model.key} retires on {ends:%Y-%m-%d}{follows}")
