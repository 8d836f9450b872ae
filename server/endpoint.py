"""GraphQL over HTTP, multipart uploads, SSE and graphql-transport-ws."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketState
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.http.streaming import HTTPStreamTransport
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from pipeline.domain import Viewer
from resolvers.complaints import UNAVAILABLE
from server.auth import Entrance, Unauthenticated
from server.negotiation import JSON, RESPONSE, media_type, wants_page
from server.operations import obstacle
from server.refusals import refusal
from server.resuming import ResumableEvents, resuming
from server.sockets import Handshake, SocketHandler
from server.streams import until
from server.uploads import placed
from storage.database import CONNECTION_LOST

_CODES: Final = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 415: "UNSUPPORTED_MEDIA_TYPE"}
_INIT_SECONDS: Final = 10
_MAX_SUBSCRIPTIONS: Final = 100
_TRY_AGAIN_LATER: Final = 1013

_logger = logging.getLogger(__name__)


class Endpoint(GraphQL[Any, None]):
    """The one address of the API.

    `context` makes what resolvers see of a viewer, anew for each operation; `page` is what a
    browser gets, with its Content-Security-Policy; `closing` ends the streams.
    """

    stream_transport_classes_by_protocol: Mapping[str, type[HTTPStreamTransport]] = (
        MappingProxyType({GRAPHQL_SSE_PROTOCOL: ResumableEvents})
    )
    graphql_transport_ws_handler_class = SocketHandler

    def __init__(
        self,
        schema: BaseSchema,
        entrance: Entrance,
        context: Callable[[Viewer], object],
        page: Callable[[], str],
        page_policy: str,
        *,
        allowed_origins: Sequence[str],
        closing: asyncio.Event,
    ) -> None:
        super().__init__(
            schema,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=_INIT_SECONDS),
            multipart_uploads_enabled=True,
            max_subscriptions_per_connection=_MAX_SUBSCRIPTIONS,
            allowed_origins=allowed_origins,
        )
        self.entrance = entrance
        self.context = context
        self._closing = closing
        self._page = page
        self._page_policy = page_policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; what goes wrong before execution is a GraphQL answer without data."""
        if scope["type"] == "websocket":
            await self._converse(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        response = await self._respond(request)
        try:
            await response(scope, receive, send)
        finally:
            # Uploads that were too large for memory lie in temporary files until then.
            await request.close()

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> object:
        """Return the context of a request; a socket's comes with its connection_init."""
        del response
        authorization = request.headers.get("authorization")
        if isinstance(request, WebSocket):
            return Handshake(authorization)
        return self.context(await self.entrance.viewer(authorization))

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Return where resolvers may leave headers, in the type of answer the client wants."""
        response = await super().get_sub_response(request)
        response.media_type = media_type(request.headers.get("accept", ""))
        return response

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Never: `_respond` has shown the page already, to whoever wants one."""
        del request
        return False

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """Return the parts of a GraphQL request; whatever else comes is a 400."""
        try:
            data = await super().parse_http_body(request)
        # Strawberry goes by the shape of a request before it has checked it.
        except (AttributeError, TypeError, LookupError, ValueError, RecursionError) as error:
            raise HTTPException(400, "This is no GraphQL request.") from error
        if isinstance(data, list):
            return data
        if data.query:
            streamed = data.protocol == "sse"
            if complaint := obstacle(data.query, data.operation_name, streamed=streamed):
                raise HTTPException(400, complaint)
        if data.protocol == "sse":
            data.extensions = resuming(data.extensions, request.headers.get("last-event-id"))
        return data

    async def parse_multipart(self, request: AsyncHTTPRequestAdapter) -> dict[str, str]:
        """Return the operations with the files where the map puts them."""
        try:
            form = await request.get_form_data()
        except ValueError as error:
            raise HTTPException(400, "Unable to parse the multipart body.") from error
        operations, places = (
            self.parse_json(text) if isinstance(text, str | bytes) else text
            for text in (form.form.get("operations", "{}"), form.form.get("map", "{}"))
        )
        answer: dict[str, str] = placed(operations, places, form.files)
        return answer

    def decode_json(self, data: str | bytes) -> object:
        """Parse what a client sent; bytes that are no text are no JSON either."""
        try:
            return json.loads(data)
        except (UnicodeDecodeError, RecursionError) as error:
            raise json.JSONDecodeError(str(error), "", 0) from error

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Return the answer, without `data` where nothing was executed."""
        answer = await super().process_result(request, result)
        errors = result.errors or []
        if errors and result.data is None and all(error.path is None for error in errors):
            answer.pop("data", None)
        return answer

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        """Encode the answer; a client of the newer media type learns by status what failed."""
        response = super().create_response(response_data, sub_response)
        kind = sub_response.media_type or JSON
        response.headers["content-type"] = f"{kind}; charset=utf-8"
        if kind == RESPONSE and "data" not in response_data:
            response.status_code = 400
        return response

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], AsyncIterator[str]],
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """Stream, until the server closes."""
        ending = partial(until, self._closing, stream)
        return await super().create_streaming_response(request, ending, sub_response, headers)

    async def _converse(self, socket: WebSocket) -> None:
        try:
            await self.run(socket)
        except CONNECTION_LOST as error:
            _logger.warning("PostgreSQL is out of reach: %r", error)
            if socket.application_state is WebSocketState.CONNECTED:
                await socket.close(_TRY_AGAIN_LATER, UNAVAILABLE)

    async def _respond(self, request: Request) -> Response:
        if _asks_for_page(request):
            return HTMLResponse(
                self._page(), headers={"Content-Security-Policy": self._page_policy}
            )
        try:
            return await self.run(request)
        except Unauthenticated as error:
            return refusal(401, error.code, str(error), {"WWW-Authenticate": "Bearer"})
        except HTTPException as error:
            code = _CODES.get(error.status_code, "BAD_REQUEST")
            headers = {"Allow": "GET, POST"} if error.status_code == 405 else None
            return refusal(error.status_code, code, error.reason, headers)


def _asks_for_page(request: Request) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and "query" not in request.query_params
        and wants_page(request.headers.get("accept", ""))
    )
