"""Signs of life: PostgreSQL is there and up to date, and somebody works."""

import asyncio
from dataclasses import dataclass
from typing import Final

import asyncpg

from storage.database import CONNECTION_LOST, DatabaseUnreachable, connected
from storage.identity import REMEDY, is_known
from storage.migrate import MigrationRefused, pending
from storage.workers import alive

_PATIENCE: Final = 3.0

# While any run is held, what is PENDING may simply wait for its turn.
STRANDED = """
select (select count(*) from generations
         where status = 'PENDING' and updated_at < now() - interval '60 seconds'
           and not exists (select from generations where leased_until > now()))
     + (select count(*) from generations
         where status = 'PROCESSING'
           and coalesce(leased_until, updated_at) < now() - interval '60 seconds')
"""

# A retry waits since it was asked for, which is what changed its run last.
WAITING = """
select count(*)::int as waiting,
       coalesce(extract(epoch from now() - min(updated_at)), 0)::float8 as oldest
  from generations where status = 'PENDING'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many runs wait, for how many seconds the oldest does, and how many workers live."""

    waiting: int
    oldest: float
    workers: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """Each check returns a sentence if something is wrong, and raises nothing expected."""

    dsn: str
    pool: asyncpg.Pool

    async def database(self) -> str | None:
        """Ask whether PostgreSQL answers and has the tables of this release."""
        try:
            async with connected(self.dsn) as connection:
                missing = await pending(connection)
                known = bool(missing) or await is_known(connection)
        except (DatabaseUnreachable, *CONNECTION_LOST):
            # Why is for the log of the server: anyone may ask for the health.
            return "PostgreSQL is out of reach."
        except MigrationRefused as error:
            return str(error)
        if missing:
            return f"Migrations are missing: {', '.join(missing)}."
        return None if known else f"{REMEDY}."

    async def queue(self) -> str | None:
        """Ask whether generations wait that no worker, here or elsewhere, takes on."""
        try:
            stranded = await self.pool.fetchval(STRANDED)
        except (*CONNECTION_LOST, asyncpg.UndefinedTableError):
            return None
        return f"{stranded} generations wait, and no worker takes them on." if stranded else None

    async def backlog(self) -> Backlog | None:
        """Count what waits and who works; None while PostgreSQL does not tell."""
        try:
            async with asyncio.timeout(_PATIENCE):
                ((waiting, oldest),) = await self.pool.fetch(WAITING)
                workers = await alive(self.pool)
        except (TimeoutError, *CONNECTION_LOST, asyncpg.UndefinedTableError):
            return None
        return Backlog(waiting=waiting, oldest=oldest, workers=workers)
