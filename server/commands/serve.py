"""Serve the API, with PostgreSQL and a worker of its own unless told otherwise."""

import argparse
import asyncio
import os
import socket
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from server import logs
from server.addresses import is_loopback
from server.app import GRAPHQL, create_app
from server.collecting import settle
from server.database import folder_of
from server.postgres import EmbeddedPostgres
from server.running import ending_on_signals
from server.running import run as run_to_end
from server.serving import Server, bound
from server.settings import Settings
from server.wiring import (
    Foundations,
    founded,
    require_migrated,
    require_shared_doorbell,
    serving_parts,
)
from storage.migrate import migrate
from storage.tasks import running

HELP = "serve the API on this machine, with everything it needs in one process tree"


class Studio(Protocol):
    """The module `server.studio`."""

    def at_work(self, on: Foundations) -> AbstractAsyncContextManager[None]: ...


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
    if arguments.no_worker:
        require_shared_doorbell(settings)
    # The port comes first: who can't listen there need not wait for a database.
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
    if settings.direct_url:
        yield settings.direct_url
        return
    with EmbeddedPostgres(folder_of(settings)) as embedded:
        yield embedded.dsn


async def _serve(
    settings: Settings, dsn: str, listener: socket.socket, *, with_worker: bool
) -> None:
    # A database of the operator's is changed when the operator says so.
    if settings.direct_url:
        await require_migrated(dsn)
    else:
        await migrate(dsn)
    logs.set_up(settings)
    loopback = is_loopback(listener.getsockname()[0])
    async with (
        founded(settings, dsn, one_process=with_worker and not settings.direct_url) as on,
        serving_parts(on, loopback=loopback) as parts,
    ):
        server = Server(
            create_app(parts),
            on_started=partial(_started, settings),
            on_ending=parts.closing.set,
        )
        async with running(_work(on)) if with_worker else nullcontext() as work:
            if work:
                work.add_done_callback(partial(_stop, server))
            await server.serve([listener])
            if work and work.done():
                work.result()


async def _work(on: Foundations) -> None:
    # What the stages stand on takes as long to import as all the rest: the API needn't wait.
    studio = await asyncio.to_thread(import_module, "server.studio")
    async with cast("Studio", studio).at_work(on):
        await asyncio.Event().wait()


def _stop(server: Server, work: asyncio.Task[None]) -> None:
    # Who serves without the worker that belongs to it takes requests that nobody works on.
    if not work.cancelled():
        server.should_exit = True


def _started(settings: Settings) -> None:
    settle()
    _announce(settings)


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
