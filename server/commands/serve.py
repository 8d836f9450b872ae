"""Serve the API, with PostgreSQL and a worker of its own unless told otherwise."""

import argparse
import os
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from server import logs
from server.addresses import is_loopback
from server.app import GRAPHQL, create_app
from server.database import folder_of
from server.postgres import EmbeddedPostgres
from server.running import ending_on_signals
from server.running import run as run_to_end
from server.serving import Server, bound
from server.settings import Settings
from server.studio import at_work
from server.wiring import Foundations, founded, require_migrated, serving_parts
from storage.migrate import migrate

HELP = "serve the API on this machine, with everything it needs in one process tree"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what goes before the environment."""
    parser.add_argument("--host", help="address to listen on (HOST)")
    parser.add_argument("--port", help="port to listen on, 0 for a free one (PORT)")
    parser.add_argument("--data", metavar="DIR", help="folder of the data (DATA_DIR)")
    parser.add_argument(
        "--no-worker", action="store_true", help="leave the work to designer-bff worker"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; PostgreSQL ends last."""
    settings = _settings(arguments)
    with ending_on_signals(), bound(settings.host, settings.port) as listener:
        settings = replace(settings, port=listener.getsockname()[1])
        with _database(settings) as dsn:
            run_to_end(_serve(settings, dsn, listener, with_worker=not arguments.no_worker))
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    given = {"HOST": arguments.host, "PORT": arguments.port, "DATA_DIR": arguments.data}
    named = {name: value for name, value in given.items() if value is not None}
    return Settings.from_environ({**os.environ, **named}, Path(".env"))


@contextmanager
def _database(settings: Settings) -> Generator[str]:
    if settings.database_url:
        yield settings.database_url
        return
    with EmbeddedPostgres(folder_of(settings)) as embedded:
        yield embedded.dsn


async def _serve(
    settings: Settings, dsn: str, listener: socket.socket, *, with_worker: bool
) -> None:
    if settings.database_url:
        await require_migrated(dsn)
    else:
        await migrate(dsn)
    logs.set_up(settings)
    loopback = is_loopback(listener.getsockname()[0])
    async with (
        founded(settings, dsn, one_process=with_worker and not settings.database_url) as on,
        _work(on, wanted=with_worker),
        serving_parts(on, loopback=loopback) as parts,
    ):
        await Server(create_app(parts), partial(_announce, settings)).serve([listener])


@asynccontextmanager
async def _work(on: Foundations, *, wanted: bool) -> AsyncGenerator[None]:
    if not wanted:
        yield
        return
    async with at_work(on):
        yield


def _announce(settings: Settings) -> None:
    base = settings.local_url
    print(
        "Designer BFF is ready; Ctrl-C ends it.",
        f"  GraphiQL  {base}{GRAPHQL}",
        f"  API       {base}{GRAPHQL}, over WebSocket ws{base.removeprefix('http')}{GRAPHQL}",
        f"  Health    {base}/health",
        f"  Data      {settings.data_dir}",
        sep="\n",
        flush=True,
    )
