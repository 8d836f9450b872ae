"""The image models of all providers that have a key, as a worker asks them."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from importlib import import_module
from typing import Protocol, cast

from pipeline.catalogue import openai, replicate
from pipeline.catalogue.model import CatalogueModel
from pipeline.catalogue.openai_words import LANGUAGES, turn_of
from pipeline.ports import ImageModel
from pipeline.providers.breaking import Breaking
from pipeline.providers.limited import Limited
from pipeline.providers.noting import Noting
from pipeline.providers.retrying import Retrying
from server.languages import OpenAI
from server.settings import Settings
from server.wiring import Foundations
from storage.gates import Breakers, Limit, ProviderGates
from storage.ledger import Sendings


class Replicate(Protocol):
    """The module `server.at_replicate`."""

    def opened(self, on: Foundations) -> AbstractAsyncContextManager[Mapping[str, ImageModel]]: ...


@asynccontextmanager
async def hosted_models(
    on: Foundations, at_openai: OpenAI | None
) -> AsyncGenerator[dict[str, ImageModel]]:
    """Open the models, by catalogue key."""
    paid = guarded(on, openai.MODELS, at_openai.images()) if at_openai else {}
    if not on.settings.replicate_api_token:
        yield paid
        return
    # The SDK takes a second to load, which a server without a token need not spend.
    module = await asyncio.to_thread(import_module, "server.at_replicate")
    async with cast("Replicate", module).opened(on) as models:
        yield {**paid, **guarded(on, replicate.MODELS, models)}


def guarded(
    on: Foundations, entries: Iterable[CatalogueModel], models: Mapping[str, ImageModel]
) -> dict[str, ImageModel]:
    """Return models as they are asked: in turn, noted, left alone in trouble, and again."""
    gate = gates(on)
    breakers, sendings = Breakers(on.pool), Sendings(on.pool)
    found: dict[str, ImageModel] = {}
    for entry in entries:
        # A call counts as sent once its turn has come: what still waits costs nothing;
        # the breaker hears of every try.
        limited = Limited(Noting(models[entry.key], sendings), entry.provider, gate)
        found[entry.key] = Retrying(Breaking(limited, entry.provider, breakers))
    return found


def gates(on: Foundations) -> ProviderGates:
    """Return what makes calls wait for their turn, of all workers together."""
    return ProviderGates(on.pool, _limits(on.settings))


def _limits(settings: Settings) -> dict[str, Limit]:
    minute = timedelta(minutes=1)
    at_openai = Limit(settings.openai_per_minute, minute, settings.openai_at_once)
    talking = (settings.openai_vision_model, settings.openai_text_model)
    return {
        replicate.PROVIDER: Limit(
            settings.replicate_per_minute, minute, settings.replicate_at_once
        ),
        openai.PROVIDER: at_openai,
        **{turn_of(LANGUAGES[name]): at_openai for name in talking},
    }
