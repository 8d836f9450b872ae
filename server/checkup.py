"""What `designer-bff doctor` looks at; each check returns a finding and raises nothing expected."""

import asyncio
import errno
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx

from pipeline.errors import DesignerError
from server.addresses import is_loopback
from server.database import reachable
from server.findings import Finding
from server.provider_checks import providers
from server.settings import BadSetting, Settings
from server.stores import bucket_of, opened_store
from storage.accounts import ApiKeys
from storage.broadcasts.trial import trial
from storage.database import connected, open_pool
from storage.identity import REMEDY, is_known
from storage.migrate import pending
from storage.objects import LocalObjects

_LOW_DISK_MB = 500


def examine(settings: Settings) -> list[Finding]:
    """Return the findings about everything but the settings themselves."""
    return [
        *_database(settings),
        _doorbell(settings),
        _object_store(settings),
        _port(settings),
        _disk(settings.data_dir),
        *providers(settings),
    ]


def _database(settings: Settings) -> list[Finding]:
    try:
        with reachable(settings) as dsn:
            return asyncio.run(_look_into(settings, dsn))
    except DesignerError as error:
        return [Finding("database", False, str(error))]


async def _look_into(settings: Settings, dsn: str) -> list[Finding]:
    embedded = not settings.direct_url
    found = await _tables(dsn, embedded=embedded)
    ready = embedded or all(one.fine for one in found if one.subject == "migrations")
    if is_loopback(settings.host) or not ready:
        return found
    return [*found, await _keys(dsn)]


async def _tables(dsn: str, *, embedded: bool) -> list[Finding]:
    async with connected(dsn) as connection:
        version = connection.get_server_version()
        kind = "embedded" if embedded else "at DATABASE_URL"
        found = Finding("database", True, f"PostgreSQL {version.major}.{version.micro}, {kind}")
        try:
            missing = await pending(connection)
            if not missing and not await is_known(connection):
                found = Finding("database", False, REMEDY)
        except DesignerError as error:
            return [found, Finding("migrations", False, str(error))]
    if not missing:
        return [found, Finding("migrations", True, "all applied")]
    listed = ", ".join(missing)
    if embedded:
        return [found, Finding("migrations", True, f"the next start applies {listed}")]
    return [found, Finding("migrations", False, f"missing {listed}: run designer-bff migrate")]


async def _keys(dsn: str) -> Finding:
    subject = "API keys"
    try:
        async with open_pool(dsn, max_size=1) as pool:
            if await ApiKeys(pool).exist():
                return Finding(subject, True, "there is one, as beyond loopback there has to be")
    except asyncpg.UndefinedTableError:
        # The embedded database gets its tables at the first start.
        pass
    text = "none, and without one nothing listens beyond loopback"
    remedy = "make one with designer-bff keys create --user NAME, or set HOST=127.0.0.1"
    return Finding(subject, False, f"{text}: {remedy}")


def _doorbell(settings: Settings) -> Finding:
    subject, url = "doorbell", settings.broadcast_url
    if url.startswith("memory:"):
        text = "memory, so that worker and serve --no-worker won't start"
        return Finding(subject, True, text)
    if not urlsplit(url).netloc:
        alone = not url and not settings.direct_url
        text = "memory in a server with its own worker, and else " if alone else ""
        return Finding(subject, True, f"{text}the database itself")
    problem = asyncio.run(trial(url, settings.database_url or url))
    if problem is None:
        return Finding(subject, True, "what is rung at BROADCAST_URL is heard there")
    remedy = "check BROADCAST_URL, and that its server is up"
    return Finding(subject, False, f"{problem}: {remedy}")


def _object_store(settings: Settings) -> Finding:
    subject = "object store"
    try:
        bucket = bucket_of(settings)
        problem = asyncio.run(_try_out(settings))
    except BadSetting as error:
        return Finding(subject, False, str(error))
    if bucket is None:
        text = f"{settings.data_dir / 'objects'} is writable"
        return Finding(subject, problem is None, problem or text)
    text = f"bucket {bucket.name} takes, gives and deletes objects"
    remedy = "check its name, address and keys"
    return Finding(subject, problem is None, f"{problem}: {remedy}" if problem else text)


async def _try_out(settings: Settings) -> str | None:
    async with opened_store(settings) as store:
        return await (store.problem() if isinstance(store, LocalObjects) else store.trial())


def _port(settings: Settings) -> Finding:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    place = f"{settings.host}, port {settings.port}"
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE and _is_ours(settings):
                return Finding("port", True, f"{place}: this server answers there already")
            reason = error.strerror or str(error)
            return Finding("port", False, f"{place}: {reason}; choose others by HOST and PORT")
    return Finding("port", True, f"{place}: free")


def _is_ours(settings: Settings) -> bool:
    try:
        answer = httpx.get(f"{settings.local_url}/health", timeout=2, trust_env=False)
    except httpx.HTTPError:
        return False
    return "application/json" in answer.headers.get("content-type", "")


def _disk(folder: Path) -> Finding:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free // 1_000_000
    text = f"{free:,} MB free under {existing}"
    if free < _LOW_DISK_MB:
        return Finding("disk", False, f"{text}: free some, or choose another DATA_DIR")
    return Finding("disk", True, text)
