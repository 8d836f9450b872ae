"""Remove what is not kept for ever, as workers do every hour."""

import argparse
import os
from pathlib import Path

from server.database import reachable
from server.pruning import keep_of
from server.running import run as run_to_end
from server.settings import Settings
from server.wiring import require_migrated
from storage.database import open_pool
from storage.retention import Keep, prunable, prune

HELP = "remove old events, checkpoints, idempotency keys and records of the queue"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the rehearsal."""
    parser.add_argument("--dry-run", action="store_true", help="only say how much would go")


def run(arguments: argparse.Namespace) -> int:
    """Remove it from the database that the server uses, and say how much went."""
    settings = Settings.from_environ(os.environ, Path(".env"))
    with reachable(settings) as dsn:
        run_to_end(_prune(dsn, keep_of(settings), dry=arguments.dry_run))
    return 0


async def _prune(dsn: str, keep: Keep, *, dry: bool) -> None:
    await require_migrated(dsn)
    async with open_pool(dsn) as pool:
        rows = await prunable(pool, keep) if dry else await prune(pool, keep)
    for name, number in rows.items():
        print(f"{number:>10,} {name}{' would go' if dry else ' gone'}")
