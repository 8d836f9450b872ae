"""What everything is made of, opened in order and closed in reverse."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

import asyncpg
from starlette.routing import Route

from pipeline.catalogue import openai, replicate
from pipeline.errors import DesignerError
from pipeline.faults import Faults
from pipeline.personas.built_in import BUILT_IN
from pipeline.ports import Fetch
from resolvers.api import schema
from schema.context import Context
from schema.library import Library
from server.app import Parts
from server.auth import Entrance
from server.health import Health, doorbell
from server.languages import helpers
from server.metrics import Readings
from server.settings import BadSetting, Settings
from server.stores import Store, image_origin, opened_store, staging_in, storage_price
from storage import bell, stream
from storage.accounts import ApiKeys, ensure_local_viewer
from storage.assets import Assets
from storage.bell import Doorbell
from storage.broadcasts import Pulse, backend_for
from storage.database import CONNECTION_LOST, connected, open_pool
from storage.drafts import Drafts
from storage.feedback import FeedbackBook
from storage.gates import Breakers
from storage.generations import Generations
from storage.identity import require_known
from storage.migrate import MigrationRefused, pending
from storage.paces import paces, words
from storage.personas import Personas
from storage.seats import Seats
from storage.standing import standing
from storage.usage import Usage
from storage.vitals import Vitals

_MEGABYTE: Final = 1024 * 1024
_POLL_SECONDS: Final = 5.0
_SHARED_DOORBELL: Final = "postgres://"


class Fetching(Protocol):
    """The module `server.fetching`."""

    def public(self, ca: Path | None, allowed: Iterable[str], limit: int) -> Fetch: ...


class Hooked(Protocol):
    """The module `server.at_replicate`."""

    def hooks(self, on: "Foundations") -> AbstractAsyncContextManager[tuple[Route, ...]]: ...


class NeedsKey(DesignerError):
    """Others could reach the server, and nobody could be told from anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundations:
    """What the API and a worker both stand on; drafts lie in `staging` until delivery.

    The `faults` are those of this process.
    """

    settings: Settings
    dsn: str
    pool: asyncpg.Pool
    doorbell: Doorbell
    pulse: Pulse
    objects: Store
    staging: Drafts
    faults: Faults = field(default_factory=Faults)


async def require_migrated(dsn: str) -> None:
    """Raise `MigrationRefused` where tables are missing."""
    async with connected(dsn) as connection:
        missing = await pending(connection)
    if missing:
        raise MigrationRefused(
            f"The database lacks {', '.join(missing)}: run designer-bff migrate, then start again"
        )


def require_shared_doorbell(settings: Settings) -> None:
    """Raise `BadSetting` where the rings of this process reach no other, and others need them."""
    if settings.broadcast_url.startswith("memory:"):
        raise BadSetting(
            "BROADCAST_URL is memory://, which no other process hears: leave it empty, or take "
            "redis:// or postgres://, for servers and workers that are processes of their own"
        )


@asynccontextmanager
async def founded(
    settings: Settings, dsn: str, *, one_process: bool
) -> AsyncGenerator[Foundations]:
    """Open the foundations; with more than `one_process` the doorbell rings through PostgreSQL.

    `dsn` leads past any pooler.
    """
    broadcast = settings.broadcast_url or ("" if one_process else _SHARED_DOORBELL)
    async with (
        _pool(settings, dsn) as pool,
        _broadcasting(broadcast, dsn) as (doorbell, pulse),
        opened_store(settings) as objects,
    ):
        await require_known(pool)
        yield Foundations(
            settings=settings,
            dsn=dsn,
            pool=pool,
            doorbell=doorbell,
            pulse=pulse,
            objects=objects,
            staging=staging_in(settings, objects),
        )


def _pool(settings: Settings, dsn: str) -> asyncpg.Pool:
    # Hundreds of runs at once would queue up for ten connections.
    most = 10 + min(settings.worker_slots // 16, 20)
    if settings.database_url and settings.database_direct_url:
        return open_pool(settings.database_url, max_size=most, pooled=True)
    return open_pool(dsn, max_size=most)


@asynccontextmanager
async def furnished(
    on: Foundations, *, poll: float = _POLL_SECONDS, seats: Seats | None = None
) -> AsyncGenerator[Library]:
    """Open what resolvers reach; the log is looked at every `poll` seconds where no bell rings."""
    fetch = await asyncio.to_thread(_fetch, on.settings)
    async with stream.opened(on.pool, on.doorbell, poll=poll, seats=seats) as live:
        yield Library(
            generations=Generations(on.pool, on.doorbell, on.objects),
            assets=Assets(on.pool),
            feedback=FeedbackBook(on.pool),
            personas=Personas(on.pool, BUILT_IN),
            usage=Usage(on.pool, storage_price(on.settings)),
            stream=live,
            fetch=fetch,
            address=on.objects.url,
            providers=on.settings.providers,
            now=partial(datetime.now, UTC),
            upload_limit=on.settings.max_upload_mb * _MEGABYTE,
            degraded=Breakers(on.pool).open,
            paces=partial(paces, on.pool),
            retired=on.settings.retired_models,
            away=lambda error: isinstance(error, CONNECTION_LOST),
            partials=on.settings.openai_partial_images,
            helpers=helpers(on.settings),
            words=partial(words, on.pool),
        )


@asynccontextmanager
async def serving_parts(on: Foundations, *, loopback: bool) -> AsyncGenerator[Parts]:
    """Open what the API needs; raises `NeedsKey` beyond `loopback` while no key exists."""
    keys = ApiKeys(on.pool)
    if not loopback and not await keys.exist():
        raise NeedsKey(
            f"Listening on {on.settings.host} needs an API key: make one with "
            "designer-bff keys create --user NAME, or listen on 127.0.0.1"
        )
    local = await ensure_local_viewer(on.pool) if loopback else None
    vitals = Vitals(on.dsn, on.pool)
    seats = Seats(
        each=on.settings.subscriptions_per_user, total=on.settings.subscriptions_per_process
    )
    async with furnished(on, seats=seats) as library, _hooks(on) as hooks:
        yield Parts(
            schema=schema,
            entrance=Entrance(keys, local),
            context=partial(Context.of, library=library),
            objects=on.objects,
            health=Health(
                (
                    ("the database", vitals.database),
                    ("the queue", vitals.queue),
                    ("the object store", on.objects.problem),
                ),
                (("the doorbell", doorbell(on.pulse, _POLL_SECONDS)),),
            ),
            loopback=loopback,
            upload_limit=library.upload_limit,
            origins=on.settings.allowed_origins,
            image_origin=image_origin(on.settings),
            hooks=hooks,
            readings=(Readings(on.pulse, on.pool, lambda: seats.taken, on.faults),),
            backlog=vitals.backlog,
            standing=partial(standing, on.pool, (openai.PROVIDER, replicate.PROVIDER)),
        )


@asynccontextmanager
async def _broadcasting(url: str, dsn: str) -> AsyncGenerator[tuple[Doorbell, Pulse]]:
    # A ring that queued with the transactions of many runs for a connection would come late.
    async with open_pool(dsn, min_size=0, max_size=1, durable=False) as pool:
        backend = backend_for(url, dsn, pool)
        async with bell.opened(backend) as opened:
            yield opened, backend.pulse


def _hooks(on: Foundations) -> AbstractAsyncContextManager[tuple[Route, ...]]:
    if not on.settings.webhook_url or not on.settings.replicate_api_token:
        return nullcontext(())
    # The SDK takes a second to load, and who has no webhooks needs none.
    return cast("Hooked", import_module("server.at_replicate")).hooks(on)


def _fetch(settings: Settings) -> Fetch:
    """Return what fetches; what that stands on is loaded for the first address that comes.

    Raises `BadSetting`.
    """

    @cache
    def public() -> Fetch:
        fetching = cast("Fetching", import_module("server.fetching"))
        return fetching.public(
            settings.fetch_ca, settings.fetch_allow, settings.max_upload_mb * _MEGABYTE
        )

    async def fetch(url: str) -> bytes:
        return await (await asyncio.to_thread(public))(url)

    if settings.fetch_ca is not None:
        try:
            public()
        except OSError as error:
            raise BadSetting(
                f"FETCH_CA {settings.fetch_ca} holds no certificates ({error.strerror or error}): "
                "name a file of them in PEM form, or leave it empty"
            ) from error
    return fetch
