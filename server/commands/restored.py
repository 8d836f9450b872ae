"""After PostgreSQL was restored: what may have been paid for since does not go on by itself."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from pipeline.catalogue.model import EMBEDDED
from pipeline.errors import DesignerError, InvalidInput
from pipeline.markets import dollars
from server.database import reachable
from server.running import run as run_to_end
from server.settings import Settings
from server.strays import Strays, at_replicate, price_of
from server.wiring import require_migrated
from storage.database import open_pool
from storage.identity import is_known, note_anew
from storage.jobs import has_worker
from storage.restoring import Plan, carry_out, last_sign, plan

HELP = "after a restore of PostgreSQL: end what may have been paid for since, find what was"


class StillAtWork(DesignerError):
    """A worker could send what this is there to hold back."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Take what is to be left out."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and end")
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="list Replicate's predictions from then on, as 2026-11-23T10:00:00+00:00; "
        "without: from the last thing that the database knows of",
    )
    parser.add_argument("--offline", action="store_true", help="don't ask Replicate")
    parser.add_argument(
        "--intact",
        action="store_true",
        help="nothing was lost, as after a move or an upgrade: end nothing, and go on",
    )
    parser.add_argument(
        "--synchronous",
        action="store_true",
        help="from now on take a promoted standby for the same database: it has every commit",
    )


def run(arguments: argparse.Namespace) -> int:
    """Do it on the settings' database, once, before anything is started again."""
    settings = Settings.from_environ(os.environ, Path(".env"))
    with reachable(settings) as dsn:
        run_to_end(_look_after(settings, dsn, arguments))
    return 0


async def _look_after(settings: Settings, dsn: str, arguments: argparse.Namespace) -> None:
    await require_migrated(dsn)
    async with open_pool(dsn, max_size=2) as pool:
        if arguments.intact:
            await _intact(pool, arguments)
        else:
            await _restored(settings, pool, arguments)
    if arguments.dry_run:
        print("Nothing was changed.")
    else:
        print("Workers may start: this database is known from now on.")


async def _intact(pool: asyncpg.Pool, arguments: argparse.Namespace) -> None:
    if not arguments.dry_run:
        await note_anew(pool, whatever_timeline=arguments.synchronous)
    elif await is_known(pool):
        print("This database is known already; it would be noted anew, and no run would end.")
    else:
        print("This database would be noted as the known one, and no run would end.")


async def _restored(settings: Settings, pool: asyncpg.Pool, arguments: argparse.Namespace) -> None:
    if await has_worker(pool):
        raise StillAtWork("A worker is connected to this database: end all workers, then try again")
    planned = await plan(pool, paying=bool(settings.providers - {EMBEDDED}))
    if settings.replicate_api_token and not arguments.offline:
        since = _time(arguments.since) if arguments.since else await last_sign(pool)
        if since is not None:
            strays = await at_replicate(settings, pool, since, planned.ending)
            _show_strays(strays, since)
            planned = planned.having(strays.found)
    _show(planned)
    if not arguments.dry_run:
        presumed = await carry_out(pool, planned, whatever_timeline=arguments.synchronous)
        if presumed:
            print(f"Calls that waited for their turn and may have been sent since: {presumed}")


def _show(planned: Plan) -> None:
    for run in planned.ending:
        print(f"run {run.id} was {run.status} and ends FAILED with RESTORED")
    for run in planned.going_on:
        print(f"run {run.id} was {run.status} and goes on")


def _show_strays(strays: Strays, since: datetime) -> None:
    print(f"Predictions since {since:%Y-%m-%d %H:%M:%S} UTC that the ledger does not have:")
    if not (strays.found or strays.unknown):
        print("none")
    for found in strays.found:
        image = f"of run {found.run.id} image {found.request.slot + 1}, entered in the ledger"
        print(f"prediction {found.external_id} {found.model} {image}")
    for one in strays.unknown:
        price = price_of(one)
        cost = "an unknown price" if price is None else dollars(price)
        print(f"prediction {one.id} {one.model} {one.created:%H:%M:%S} about {cost}, of no run")


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"--since: {text!r} is no time", field="--since") from error
    if moment.tzinfo is None:
        raise InvalidInput("--since: say which zone, as in 10:00+00:00", field="--since")
    return moment.astimezone(UTC)
