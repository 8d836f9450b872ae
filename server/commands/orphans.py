"""Compare the object store with the database."""

import argparse
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import InvalidInput
from server.database import reachable
from server.running import run as run_to_end
from server.settings import Settings
from server.stores import bucket_of, opened_store
from server.wiring import require_migrated
from storage.database import connected, open_pool
from storage.identity import REMEDY, DatabaseRestored, is_known
from storage.orphans import Stored, compared, in_bucket, in_folder, referred, remove
from storage.s3_client import connected as connected_to_bucket

HELP = "list objects that nothing refers to, and images whose object is missing"


def configure(parser: argparse.ArgumentParser) -> None:
    """Take how old an orphan is, and whether it goes."""
    parser.add_argument(
        "--hours",
        type=float,
        default=24.0,
        help="leave out what was stored since, for it may be under way; without: 24",
    )
    parser.add_argument("--delete", action="store_true", help="remove the orphans")


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each; return 1 if an object is missing.

    Raises `DatabaseRestored` where it would remove what a restored database does not know.
    """
    if arguments.hours < 0:
        raise InvalidInput("--hours: 0 or more", field="--hours")
    before = datetime.now(UTC) - timedelta(hours=arguments.hours)
    settings = Settings.from_environ(os.environ, Path(".env"))
    with reachable(settings) as dsn:
        return run_to_end(_compare(settings, dsn, before, delete=arguments.delete))


async def _compare(settings: Settings, dsn: str, before: datetime, *, delete: bool) -> int:
    await require_migrated(dsn)
    orphans, held, missing = 0, 0, 0
    async with (
        open_pool(dsn, max_size=2) as pool,
        connected(dsn) as connection,
        opened_store(settings) as objects,
        _listed(settings) as stored,
    ):
        # What was made since the backup looks like an orphan to a database that lacks it.
        if delete and not await is_known(connection):
            raise DatabaseRestored(REMEDY)
        async for one in compared(stored, referred(connection), before):
            if isinstance(one, Stored):
                orphans, held = orphans + 1, held + one.size
                print(f"orphan {one.key} {one.size} bytes of {one.at:%Y-%m-%d %H:%M} UTC")
                if delete:
                    await remove(pool, objects, one)
            else:
                missing += 1
                print(f"missing {one.key}")
    done = "orphans removed" if delete else "orphans"
    print(f"{orphans} {done}, {held} bytes; {missing} images without their object")
    return 1 if missing else 0


@asynccontextmanager
async def _listed(settings: Settings) -> AsyncGenerator[AsyncGenerator[Stored]]:
    bucket = bucket_of(settings)
    if bucket is None:
        yield in_folder(settings.data_dir / "objects")
        return
    async with connected_to_bucket(bucket) as client:
        yield in_bucket(client, bucket.name)
