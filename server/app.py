"""The ASGI application: its routes, and the guards before them."""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from strawberry.schema import BaseSchema

from pipeline.domain import Viewer
from pipeline.records.reading import spec_schema
from resolvers.complaints import OUT_OF_REACH, UNAVAILABLE
from server.auth import Entrance
from server.downloads import downloads
from server.endpoint import Endpoint
from server.guards import LOOPBACK_ORIGIN, KnownOrigin, LoopbackHost, Preflighted
from server.health import Health
from server.limits import BodyLimit
from server.metrics import Ask, AskStanding, Metrics
from server.refusals import refusal
from server.stores import Store
from storage.database import CONNECTION_LOST
from web.graphiql import content_security_policy, page

GRAPHQL: Final = "/graphql"
HOOKS: Final = "/hooks/"
SDL: Final = "/schema.graphql"

# A photo of up to so many times the limit is read: the answer can name the field then.
_UPLOADS: Final = 3
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the application is made of; `upload_limit` is in bytes.

    On `loopback` there may be no login, so that whoever calls has to be a page or a program of
    this machine; elsewhere pages of the `origins` may call, besides the server's own.
    Streams end at `closing`; providers call the `hooks`. Images come from `image_origin` where
    that is not the server's own. What is measured comes from the `readings` and, at
    each question, from the `backlog` and the `standing`.
    """

    schema: BaseSchema
    entrance: Entrance
    context: Callable[[Viewer], object]
    objects: Store
    health: Health
    loopback: bool
    upload_limit: int
    origins: tuple[str, ...] = ()
    image_origin: str | None = None
    hooks: tuple[Route, ...] = ()
    readings: tuple[Collector, ...] = ()
    backlog: Ask | None = None
    standing: AskStanding | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)


def create_app(parts: Parts) -> Starlette:
    return Starlette(
        routes=_routes(parts),
        middleware=_guards(parts),
        exception_handlers={
            HTTPException: _refused,
            ClientDisconnect: _left,
            Exception: _failed,
            **dict.fromkeys(CONNECTION_LOST, _out_of_reach),
        },
    )


def _routes(parts: Parts) -> list[BaseRoute]:
    endpoint = Endpoint(
        parts.schema,
        parts.entrance,
        parts.context,
        page,
        content_security_policy(parts.image_origin),
        allowed_origins=("*",) if parts.loopback else parts.origins,
        closing=parts.closing,
    )
    return [
        Route("/", _to_graphql, methods=["GET"]),
        Route(GRAPHQL, endpoint),
        WebSocketRoute(GRAPHQL, endpoint),
        Route("/objects/{key:path}", downloads(parts.objects), methods=["GET"]),
        Route("/health", parts.health.live, methods=["GET"]),
        Route("/health/ready", parts.health.ready, methods=["GET"]),
        Route(
            "/metrics",
            Metrics(parts.entrance, parts.readings, parts.backlog, parts.standing).answer,
            methods=["GET"],
        ),
        *parts.hooks,
        Route(SDL, _sdl(parts.schema), methods=["GET"]),
        Route("/garment-spec.schema.json", _garment_schema, methods=["GET"]),
        Mount("/static", StaticFiles(packages=[("web", "static")])),
    ]


def _guards(parts: Parts) -> list[Middleware]:
    always = [
        Middleware(Preflighted),
        Middleware(BodyLimit, uploads=_UPLOADS * parts.upload_limit),
    ]
    if not parts.loopback:
        # Nothing a browser adds by itself opens anything here: it takes the key in a header.
        return [_cross_origin(allow_origins=parts.origins), *always]
    return [
        Middleware(LoopbackHost, open_to_all=HOOKS),
        Middleware(KnownOrigin, allowed=re.compile(LOOPBACK_ORIGIN), guarded=GRAPHQL),
        _cross_origin(allow_origin_regex=LOOPBACK_ORIGIN),
        *always,
    ]


def _cross_origin(
    *, allow_origins: tuple[str, ...] = (), allow_origin_regex: str | None = None
) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=allow_origins,
        allow_origin_regex=allow_origin_regex,
        allow_methods=("GET", "HEAD", "POST"),
        # An origin that may call may send what it likes: its tracing adds headers of its own.
        allow_headers=("*",),
        expose_headers=("Content-Range", "ETag", "Retry-After"),
    )


async def _to_graphql(_: Request) -> Response:
    return RedirectResponse(GRAPHQL)


def _sdl(schema: BaseSchema) -> Callable[[Request], Response]:
    text = schema.as_str()

    def answer(_: Request) -> Response:
        return PlainTextResponse(text)

    return answer


async def _garment_schema(_: Request) -> Response:
    return JSONResponse(spec_schema(), media_type="application/schema+json")


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these alone
    code = "NOT_FOUND" if error.status_code == 404 else "BAD_REQUEST"
    headers: dict[str, Any] = dict(error.headers or {})
    return refusal(error.status_code, code, error.detail, headers)


async def _out_of_reach(_request: Request, error: Exception) -> Response:
    _logger.warning("PostgreSQL is out of reach: %r", error)
    return refusal(503, UNAVAILABLE, OUT_OF_REACH, {"Retry-After": "1"})


async def _left(_request: Request, _error: Exception) -> Response:
    """Answer nobody: the client hung up before it had said all."""
    return Response(status_code=400)


async def _failed(_request: Request, _error: Exception) -> Response:
    return refusal(500, "INTERNAL", "Something went wrong here; the server's log says what.")
