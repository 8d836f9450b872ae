"""The object store that the settings name: a bucket, or a folder of this machine."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal
from importlib import import_module
from typing import Final, Protocol, TypeAlias
from urllib.parse import urlsplit

from pipeline.ports import Objects
from server.settings import BadSetting, Settings
from storage.buckets import Bucket
from storage.drafts import Drafts, Shelf
from storage.objects import LocalObjects

_AMAZON: Final = "https://*.amazonaws.com"


class Bucketed(Objects, Protocol):
    """A store that browsers fetch from by addresses which expire."""

    def drafts(self) -> Shelf:
        """Return the part of it for drafts."""
        ...

    async def signed(self, key: str, *, method: str = ...) -> str:
        """Return an address of the object that is good for an hour."""
        ...

    async def problem(self) -> str | None:
        """Return a sentence if it can't be used now."""
        ...

    async def trial(self) -> str | None:
        """Write, read and delete an object; return a sentence if that is not possible."""
        ...


Store: TypeAlias = LocalObjects | Bucketed


def bucket_of(settings: Settings) -> Bucket | None:
    """Return the bucket, None for the folder; raises `BadSetting`."""
    name = urlsplit(settings.object_store).netloc or settings.r2_bucket_name
    if not name:
        return None
    endpoint = settings.r2_endpoint
    if not endpoint and settings.r2_account_id:
        endpoint = f"https://{settings.r2_account_id}.r2.cloudflarestorage.com"
    if not endpoint and not settings.object_store:
        raise BadSetting("R2_BUCKET_NAME needs R2_ACCOUNT_ID or R2_ENDPOINT: set one of them")
    return Bucket(
        name=name,
        # Without a public address the server sends browsers on to signed ones, which expire.
        public_url=settings.r2_cdn_url or f"{settings.base_url}/objects",
        endpoint=endpoint,
        key_id=settings.r2_access_key_id,
        secret=settings.r2_secret_access_key,
    )


def image_origin(settings: Settings) -> str | None:
    """Return the site that a page has to be allowed to load images from, besides the server's."""
    bucket = bucket_of(settings)
    if bucket is None:
        return None
    address = settings.r2_cdn_url or bucket.endpoint
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if address else _AMAZON


def storage_price(settings: Settings) -> Decimal:
    """Return US dollars per GB and month; the server's own disk costs nothing."""
    return settings.storage_usd_per_gb_month if bucket_of(settings) else Decimal(0)


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncGenerator[Store]:
    """Hold the store until the block ends."""
    bucket = bucket_of(settings)
    if bucket is None:
        yield LocalObjects(settings.data_dir / "objects", settings.base_url)
        return
    # The client takes a second to load, which a server without a bucket need not spend.
    s3 = await asyncio.to_thread(import_module, "storage.s3")
    async with s3.opened(bucket) as objects:
        yield objects


def staging_in(settings: Settings, store: Store) -> Drafts:
    """Return where drafts lie: on this machine, and in the bucket where `store` is one."""
    here = LocalObjects(settings.data_dir / "drafts", settings.base_url)
    return Drafts(here, None if isinstance(store, LocalObjects) else store.drafts())
