"""The image models, and whether the providers still agree with what is said of them."""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.catalogue import openai, replicate
from pipeline.catalogue.model import EMBEDDED, CatalogueModel, availability
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import AspectRatio, Quality
from pipeline.errors import DesignerError
from pipeline.markets import dollars
from server import drift
from server.probing import keys_of, openai_at, replicate_at
from server.settings import Settings

HELP = "list the image models, or check them against the providers"


class NoKeys(DesignerError):
    """There is nobody to ask."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what can be done."""
    verbs = parser.add_subparsers(dest="verb")
    verbs.add_parser(
        "check", help="compare with the providers' schemas and dates; 1 if they differ"
    )


def run(arguments: argparse.Namespace) -> int:
    """List, or print a line for each difference."""
    settings = Settings.from_environ(os.environ, Path(".env"))
    now = datetime.now(UTC)
    if arguments.verb is None:
        _list(settings, now)
        return 0
    if not keys_of(settings):
        raise NoKeys("Nobody can be asked: set REPLICATE_API_TOKEN or OPENAI_API_KEY")
    found = list(_differences(settings, now))
    for difference in found:
        print(difference)
    return 1 if found else 0


def _differences(settings: Settings, now: datetime) -> Iterator[str]:
    keys = keys_of(settings)
    if replicate.PROVIDER in keys:
        with replicate_at(settings) as there:
            for model in _of(replicate.PROVIDER):
                yield from drift.of_schema(model, there.schemas(model.slug), now)
    if openai.PROVIDER in keys:
        with openai_at(settings) as there:
            yield from drift.of_listing(_of(openai.PROVIDER), there.models(), now)
    for provider in SHIPPED.providers:
        if provider != EMBEDDED and provider not in keys:
            print(f"{provider} has no key here and was not asked", file=sys.stderr)


def _of(provider: str) -> tuple[CatalogueModel, ...]:
    return tuple(model for model in SHIPPED.models if model.provider == provider)


def _list(settings: Settings, now: datetime) -> None:
    configured = frozenset(keys_of(settings))
    for model in SHIPPED.models:
        standing = availability(model, configured, now)
        facts = ", ".join(_facts(model))
        print(f"{model.key:28} {model.provider:10} {standing:13} {facts}")


def _facts(model: CatalogueModel) -> Iterator[str]:
    """Yield price, photos, policy and dates."""
    prices = [model.price(quality, AspectRatio.SQUARE) for quality in Quality]
    said = dict.fromkeys("?" if price is None else dollars(price) for price in prices)
    yield f"{' or '.join(said)} an image"
    photos = model.max_reference_images
    yield f"{photos} photo{'s' * (photos > 1)}" if photos else "words only"
    if model.provider == EMBEDDED:
        yield "nothing leaves this machine"
    elif model.terms is not None:
        policy = model.terms.policy
        kept = "a time unstated" if policy.retention is None else _span(policy.retention)
        trains = {True: "trains on it", False: "no training", None: "training unstated"}
        yield f"keeps for {kept}, {trains[policy.trains]}"
    if model.retires_on is not None:
        follows = f", then {model.successor}" if model.successor else ""
        yield f"until {model.retires_on:%Y-%m-%d}{follows}"


def _span(time: timedelta) -> str:
    hours = time // timedelta(hours=1)
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
