"""The models of providers, as the settings have them, and the webhooks that tell of them."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial

from starlette.routing import Route

from pipeline.calls import News
from pipeline.catalogue import openai
from pipeline.catalogue.model import CatalogueModel
from pipeline.catalogue.replicate import MODELS, PROVIDER
from pipeline.ports import ImageModel
from pipeline.providers.breaking import Breaking
from pipeline.providers.limited import Limited
from pipeline.providers.noting import Noting
from pipeline.providers.replicate.model import ReplicateModel
from pipeline.providers.replicate.searching import Pace
from pipeline.providers.replicate.wire import Account, Wire, connected
from pipeline.providers.retrying import Retrying
from server.hooks import REPLICATE_HOOK, ReplicateHook, Secret, hook_url
from server.languages import OpenAI
from server.settings import Settings
from server.wiring import Foundations
from storage.gates import Breakers, Limit, ProviderGates
from storage.ledger import Sendings
from storage.tasks import running
from storage.webhooks import CallNews, still_wanted


@asynccontextmanager
async def hosted_models(
    on: Foundations, at_openai: OpenAI | None
) -> AsyncGenerator[dict[str, ImageModel]]:
    """Open the models of all providers that have a key, by catalogue key."""
    async with replicate_models(on) as models:
        yield {**models, **openai_models(on, at_openai)}


def openai_models(on: Foundations, at_openai: OpenAI | None) -> dict[str, ImageModel]:
    """Return the models at OpenAI as they are asked; none without a key."""
    images = at_openai.images() if at_openai else dict[str, ImageModel]()
    return {
        entry.key: guarded(on, entry, images[entry.key])
        for entry in openai.MODELS
        if entry.key in images
    }


@asynccontextmanager
async def replicate_models(on: Foundations) -> AsyncGenerator[dict[str, ImageModel]]:
    """Open the models at Replicate; none without a token."""
    settings = on.settings
    if not settings.replicate_api_token:
        yield {}
        return
    news = News()
    pace = Pace(deadline=timedelta(seconds=settings.replicate_deadline_seconds))
    public = settings.webhook_url
    async with (
        _connected(settings) as wire,
        running(CallNews(on.pool, on.doorbell.broadcast).follow(news)),
    ):
        yield {
            entry.key: guarded(
                on,
                entry,
                ReplicateModel(
                    model=entry,
                    wire=wire,
                    news=news,
                    pace=pace,
                    hook=partial(hook_url, public) if public else None,
                    wanted=partial(still_wanted, on.pool),
                ),
            )
            for entry in MODELS
        }


def guarded(on: Foundations, entry: CatalogueModel, model: ImageModel) -> ImageModel:
    """Return the model as it is asked: in turn, noted, left alone in trouble, and again."""
    provider = entry.provider
    gates = ProviderGates(on.pool, _limits(on.settings))
    noted = Noting(model, Sendings(on.pool))
    return Retrying(Breaking(Limited(noted, provider, gates), provider, Breakers(on.pool)))


def _limits(settings: Settings) -> dict[str, Limit]:
    minute = timedelta(minutes=1)
    return {
        PROVIDER: Limit(settings.replicate_per_minute, minute, settings.replicate_at_once),
        openai.PROVIDER: Limit(settings.openai_per_minute, minute, settings.openai_at_once),
    }


@asynccontextmanager
async def hooks(on: Foundations) -> AsyncGenerator[tuple[Route, ...]]:
    """Open the routes that providers call; none without an address for them."""
    settings = on.settings
    if not settings.webhook_url or not settings.replicate_api_token:
        yield ()
        return
    async with _connected(settings) as wire:
        hook = ReplicateHook(Secret(wire.secret), CallNews(on.pool, on.doorbell.broadcast).take)
        yield (Route(REPLICATE_HOOK, hook.one, methods=["POST"]),)


def _connected(settings: Settings) -> AbstractAsyncContextManager[Wire]:
    account = Account(token=settings.replicate_api_token, base=settings.replicate_base_url)
    return connected(account, timedelta(seconds=settings.replicate_deadline_seconds))
