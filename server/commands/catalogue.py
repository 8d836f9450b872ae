"""The image models, and whether the providers still agree with what is said of them."""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.catalogue import openai, replicate
from pipeline.catalogue.model import EMBEDDED, CatalogueModel
from pipeline.catalogue.shipped import SHIPPED
from pipeline.errors import DesignerError
from server import drift
from server.catalogue_tables import lines, markdown
from server.probing import keys_of, openai_at, replicate_at
from server.settings import Settings

HELP = "list the image models, or check them against the providers"


class NoKeys(DesignerError):
    """There is nobody to ask."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what can be done."""
    parser.add_argument("--markdown", action="store_true", help="list as Markdown tables")
    verbs = parser.add_subparsers(dest="verb")
    verbs.add_parser(
        "check", help="compare with the providers' schemas and dates; 1 if they differ"
    )


def run(arguments: argparse.Namespace) -> int:
    """List, or print a line for each difference."""
    settings = Settings.from_environ(os.environ, Path(".env"))
    now = datetime.now(UTC)
    if arguments.verb is None:
        configured = frozenset(keys_of(settings))
        print(markdown() if arguments.markdown else "\n".join(lines(configured, now)))
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
