"""Bring the database up to this release."""

import argparse
import asyncio
import os
from pathlib import Path

from server.database import reachable
from server.settings import Settings
from storage.migrate import migrate

HELP = "apply the migrations that the database lacks; several processes may do so at once"


def configure(parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""


def run(_: argparse.Namespace) -> int:
    with reachable(Settings.from_environ(os.environ, Path(".env"))) as dsn:
        applied = asyncio.run(migrate(dsn))
    for name in applied:
        print(f"applied {name}")
    print("the database is up to date")
    return 0
