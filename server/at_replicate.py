"""What is asked of Replicate, as the settings have it, and the webhooks that tell of it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial

from starlette.routing import Route

from pipeline.calls import News
from pipeline.catalogue.replicate import MODELS
from pipeline.ports import ImageModel
from pipeline.providers.replicate.model import ReplicateModel
from pipeline.providers.replicate.searching import Pace
from pipeline.providers.replicate.wire import Account, Wire, connected
from server.hooks import REPLICATE_HOOK, ReplicateHook, Secret, hook_url
from server.settings import Settings
from server.wiring import Foundations
from storage.tasks import running
from storage.webhooks import CallNews, still_wanted


@asynccontextmanager
async def opened(on: Foundations) -> AsyncGenerator[Mapping[str, ImageModel]]:
    """Hold the connection until the block ends; give the models by catalogue key."""
    news = News()
    public = on.settings.webhook_url
    # Where webhooks tell of predictions, looking only makes up for those that are lost.
    pace = Pace(deadline=_deadline(on.settings), least=5.0 if public else 0.5)
    async with (
        connected_to(on.settings) as wire,
        running(CallNews(on.pool, on.doorbell.broadcast).follow(news)),
    ):
        yield {
            entry.key: ReplicateModel(
                model=entry,
                wire=wire,
                news=news,
                pace=pace,
                hook=partial(hook_url, public) if public else None,
                wanted=partial(still_wanted, on.pool),
            )
            for entry in MODELS
        }


@asynccontextmanager
async def hooks(on: Foundations) -> AsyncGenerator[tuple[Route, ...]]:
    """Open the routes that Replicate calls."""
    async with connected_to(on.settings) as wire:
        take = CallNews(on.pool, on.doorbell.broadcast).take
        hook = ReplicateHook(Secret(wire.secret), take)
        yield (Route(REPLICATE_HOOK, hook.one, methods=["POST"]),)


def connected_to(settings: Settings) -> AbstractAsyncContextManager[Wire]:
    """Hold the connections of the settings' account."""
    account = Account(token=settings.replicate_api_token, base=settings.replicate_base_url)
    deadline = _deadline(settings)
    return connected(account, deadline, answers_in=min(30.0, deadline.total_seconds() / 2))


def _deadline(settings: Settings) -> timedelta:
    return timedelta(seconds=settings.replicate_deadline_seconds)
