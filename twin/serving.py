"""A twin from its start to its end."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from twin.bill import Bill
from twin.config import OPENAI_KEY, REPLICATE_TOKEN, Config, Tls
from twin.connections import Connection
from twin.control import Control
from twin.journal import Journal
from twin.openai.app import Headers
from twin.openai.app import bucket as openai_bucket
from twin.openai.app import routes as openai_routes
from twin.painting import Studio
from twin.replicate.app import routes as replicate_routes
from twin.script import Script
from twin.state import Twin
from twin.stops import Stop, stopped

HOST = "127.0.0.1"
_GRACE_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Running:
    """A twin that can be reached: `replicate` and `openai` are what the SDKs call base URLs."""

    twin: Twin
    replicate: str
    openai: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point the official SDKs at this twin."""
        return {
            "REPLICATE_BASE_URL": self.replicate,
            "REPLICATE_API_TOKEN": REPLICATE_TOKEN,
            "OPENAI_BASE_URL": self.openai,
            "OPENAI_API_KEY": OPENAI_KEY,
        }


@asynccontextmanager
async def running(config: Config) -> AsyncGenerator[Running]:
    """Serve in the body, on loopback; raises OSError where a port is taken."""
    studio = Studio(config.variety)
    with _listening(config.replicate_port) as first, _listening(config.openai_port) as second:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.TaskGroup() as tasks:
            twin = Twin(
                config,
                Bill(config.bill),
                Script(config.seed, config.rules),
                Journal(),
                studio,
                tasks,
            )
            images = openai_bucket(twin)
            headers = Middleware(Headers, images=images)
            servers = (
                (_server(_app(twin, replicate_routes(twin, client)), config.tls), first),
                (_server(_app(twin, openai_routes(twin, images), headers), config.tls), second),
            )
            serving = [asyncio.create_task(one.serve([at])) for one, at in servers]
            try:
                yield Running(twin, _address(first, config), f"{_address(second, config)}/v1")
            finally:
                for server, _ in servers:
                    server.should_exit = True
                await asyncio.gather(*serving)
                # Only now, so that answers under way still find the work they wait for.
                twin.stop()
                studio.close()


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to whoever started the twin."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Do nothing."""
        yield


def _app(twin: Twin, routes: Sequence[BaseRoute], *middleware: Middleware) -> ASGIApp:
    return Starlette(
        routes=[*routes, *Control(twin).routes()],
        exception_handlers={Stop: stopped},
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"]),
            *middleware,
        ],
    )


def _server(app: ASGIApp, tls: Tls | None) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            http=Connection,
            lifespan="off",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            ssl_certfile=tls.certificate if tls else None,
            ssl_keyfile=tls.key if tls else None,
        )
    )


def _listening(port: int) -> socket.socket:
    return socket.create_server((HOST, port), backlog=2048)


def _address(at: socket.socket, config: Config) -> str:
    return f"{'https' if config.tls else 'http'}://{HOST}:{at.getsockname()[1]}"
