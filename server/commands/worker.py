"""Work on the queue, beside servers that only serve."""

import argparse
import asyncio
import os
from contextlib import suppress
from pathlib import Path

from server import logs
from server.collecting import settle
from server.database import folder_of
from server.postgres import running
from server.running import ending_on_signals, told_to_end
from server.running import run as run_to_end
from server.settings import BadSetting, Settings
from server.studio import at_work
from server.wiring import founded, require_migrated, require_shared_doorbell

HELP = "work on the runs that servers take in, on this machine or another"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what goes before the environment."""
    parser.add_argument("--data", metavar="DIR", help="folder of the data (DATA_DIR)")


def run(arguments: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; what can't be finished is handed over."""
    named = {"DATA_DIR": arguments.data} if arguments.data else {}
    settings = Settings.from_environ({**os.environ, **named}, Path(".env"))
    require_shared_doorbell(settings)
    dsn = settings.direct_url or running(folder_of(settings))
    if not dsn:
        raise BadSetting(
            "DATABASE_URL is empty, and no server runs on DATA_DIR: "
            "a worker needs the PostgreSQL that the servers use"
        )
    with ending_on_signals(), suppress(asyncio.CancelledError):
        run_to_end(_work(settings, dsn))
    return 0


async def _work(settings: Settings, dsn: str) -> None:
    await require_migrated(dsn)
    logs.set_up(settings)
    with told_to_end() as told:
        async with founded(settings, dsn, one_process=False) as on, at_work(on):
            # The end takes a tenth of the time too: Python looks through all that is left by then.
            settle()
            print("Designer BFF works on the queue; Ctrl-C ends it.", flush=True)
            await told.wait()
