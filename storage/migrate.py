"""Bring a database up to the numbered SQL files in `migrations`."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from pipeline.errors import DesignerError
from storage.database import connected

OLDEST_POSTGRES = 15

_ALONE = "-- no transaction"
_LOCK = int.from_bytes(b"designer")
# Ten minutes in all.
_PAUSE_SECONDS = 0.1
_TRIES = 6000

_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number     integer     PRIMARY KEY,
    name       text        NOT NULL,
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_EXISTS = "SELECT to_regclass('migrations') IS NOT NULL"
_APPLIED = "SELECT number, name, checksum FROM migrations ORDER BY number"
_RECORD = "INSERT INTO migrations (number, name, checksum) VALUES ($1, $2, $3)"
_TRY_LOCK = "SELECT pg_try_advisory_lock($1)"


class MigrationRefused(DesignerError):
    """The database and the files do not fit; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; its name is `NNNN_what_it_does.sql`.

    It runs in a transaction, unless its first line is `-- no transaction`: then it holds one
    statement, which must bear being run twice, as `CREATE INDEX CONCURRENTLY IF NOT EXISTS` does.
    """

    name: str
    sql: str

    @property
    def number(self) -> int:
        return int(self.name[:4])

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def bundled() -> tuple[Migration, ...]:
    """Return the migrations this code comes with, in order."""
    sources = (file for file in files("migrations").iterdir() if file.name.endswith(".sql"))
    return tuple(
        Migration(file.name, file.read_text(encoding="utf-8"))
        for file in sorted(sources, key=lambda file: file.name)
    )


async def migrate(dsn: str, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Apply what is missing and return its names; several processes may do so at once.

    Raises `MigrationRefused` and `DatabaseUnreachable`.
    """
    known = bundled() if migrations is None else migrations
    async with connected(dsn) as connection:
        _require_version(connection)
        await _lock(connection)
        await connection.execute(_TABLE)
        missing = await _missing(connection, known)
        for migration in missing:
            await _apply(connection, migration)
    return [migration.name for migration in missing]


async def pending(
    connection: asyncpg.Connection, migrations: Sequence[Migration] | None = None
) -> list[str]:
    """Return the names of what `migrate` would apply; raises `MigrationRefused`."""
    known = bundled() if migrations is None else migrations
    _require_version(connection)
    if not await connection.fetchval(_EXISTS):
        return [migration.name for migration in known]
    return [migration.name for migration in await _missing(connection, known)]


async def _missing(connection: asyncpg.Connection, known: Sequence[Migration]) -> list[Migration]:
    applied = {row["number"]: row for row in await connection.fetch(_APPLIED)}
    strangers = applied.keys() - {migration.number for migration in known}
    if strangers:
        raise MigrationRefused(
            f"The database is newer than this code ({applied[max(strangers)]['name']} is unknown "
            "here): run the release that made it, or a later one"
        )
    for migration in known:
        row = applied.get(migration.number)
        if row and row["checksum"] != migration.checksum:
            raise MigrationRefused(
                f"{migration.name} was edited after this database had run it: "
                "put the file back as it was and write the change as a new migration"
            )
    return [migration for migration in known if migration.number not in applied]


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    record = (migration.number, migration.name, migration.checksum)
    try:
        if migration.sql.startswith(_ALONE):
            await connection.execute(migration.sql)
            await connection.execute(_RECORD, *record)
        else:
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(_RECORD, *record)
    except asyncpg.PostgresError as error:
        raise MigrationRefused(f"{migration.name} failed and was not recorded: {error}") from error


async def _lock(connection: asyncpg.Connection) -> None:
    """Take the migration lock, which ends with the connection.

    Whoever waits inside pg_advisory_lock() holds a snapshot, and the holder's CREATE INDEX
    CONCURRENTLY waits for that: a deadlock. So ask, sleep, ask again.
    """
    for _ in range(_TRIES):
        if await connection.fetchval(_TRY_LOCK, _LOCK):
            return
        await asyncio.sleep(_PAUSE_SECONDS)
    raise MigrationRefused(
        "Another process has been migrating this database for ten minutes: "
        "wait for it, or end it and try again"
    )


def _require_version(connection: asyncpg.Connection) -> None:
    version = connection.get_server_version()
    if version.major < OLDEST_POSTGRES:
        raise MigrationRefused(
            f"PostgreSQL {version.major} is too old: use {OLDEST_POSTGRES} or newer"
        )
