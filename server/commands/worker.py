"""Work on the queue, beside servers that only serve."""

import argparse
import asyncio
import os
from pathlib import Path

from server import logs
from server.running import SIGNALS
from server.running import run as run_to_end
from server.settings import BadSetting, Settings
from server.studio import at_work
from server.wiring import founded

HELP = "work on the runs that servers take in; needs DATABASE_URL"


def configure(parser: argparse.ArgumentParser) -> None:
    """Take nothing: the environment says it all."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; what can't be finished is handed over."""
    del arguments
    settings = Settings.from_environ(os.environ, Path(".env"))
    if not settings.database_url:
        raise BadSetting(
            "DATABASE_URL is empty: a worker of its own needs the PostgreSQL that the servers use"
        )
    logs.set_up(settings)
    run_to_end(_work(settings))
    return 0


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for one in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    async with founded(settings, settings.database_url, one_process=False) as on, at_work(on):
        print("Designer BFF works on the queue; Ctrl-C ends it.", flush=True)
        await stop.wait()
