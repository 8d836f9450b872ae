"""Work on the queue, beside a server that runs with --no-worker or with its own worker."""

import argparse
import asyncio
import os
from pathlib import Path

from server import logs
from server.database import reachable
from server.running import ending_on_signals
from server.running import run as run_to_end
from server.settings import Settings
from server.studio import at_work
from server.wiring import founded, require_migrated

HELP = "take generations from the queue of a server, on this machine or another"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what goes before the environment."""
    parser.add_argument("--data", metavar="DIR", help="folder of the data (DATA_DIR)")


def run(arguments: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C, then hand over what is not finished."""
    named = {"DATA_DIR": arguments.data} if arguments.data else {}
    settings = Settings.from_environ({**os.environ, **named}, Path(".env"))
    with ending_on_signals(), reachable(settings) as dsn:
        run_to_end(_work(settings, dsn))
    return 0


async def _work(settings: Settings, dsn: str) -> None:
    await require_migrated(dsn)
    logs.set_up(settings)
    async with founded(settings, dsn, one_process=False) as on, at_work(on):
        print(f"Designer BFF's worker takes {settings.worker_slots} at a time.", flush=True)
        await asyncio.Event().wait()
