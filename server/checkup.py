"""What `designer-bff doctor` looks at; each check returns a finding and raises nothing expected."""

import asyncio
import errno
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from pipeline.errors import DesignerError
from server.database import reachable
from server.findings import Finding
from server.provider_checks import providers
from server.settings import BadSetting, Settings
from server.stores import bucket_of, opened_store
from storage.broadcasts.trial import trial
from storage.database import connected
from storage.identity import REMEDY, is_known
from storage.migrate import pending
from storage.objects import LocalObjects

_LOW_DISK_MB = 500


def examine(settings: Settings) -> list[Finding]:
    """Return the findings about everything but the settings themselves."""
    return [
        *_database(settings),
        *_doorbell(settings),
        _object_store(settings),
        _port(settings),
        _disk(settings.data_dir),
        *providers(settings),
    ]


def _database(settings: Settings) -> list[Finding]:
    try:
        with reachable(settings) as dsn:
            return asyncio.run(_look_into(dsn, embedded=not settings.direct_url))
    except DesignerError as error:
        return [Finding("database", False, str(error))]


async def _look_into(dsn: str, *, embedded: bool) -> list[Finding]:
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


def _doorbell(settings: Settings) -> list[Finding]:
    url = settings.broadcast_url
    if not urlsplit(url).netloc:
        return []
    problem = asyncio.run(trial(url, settings.database_url or url))
    if problem is None:
        return [Finding("doorbell", True, "what is rung at BROADCAST_URL is heard there")]
    remedy = "check BROADCAST_URL, and that its server is up"
    return [Finding("doorbell", False, f"{problem}: {remedy}")]


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
