"""One WebSocket of the API: who opened it is settled before anything runs on it."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, cast

from graphql import GraphQLError, GraphQLFormattedError
from starlette.websockets import WebSocket
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    ErrorMessage,
    Message,
    NextMessagePayload,
    SubscribeMessage,
)

from pipeline.domain import Viewer
from resolvers.live import TRANSPORT, Batch, Transport
from resolvers.shown import Shown
from server.auth import Entrance, Unauthenticated
from server.operations import obstacle
from server.pushing import Push, pushing

SERVER_CLOSING: Final = "SERVER_CLOSING"
_RESTART: Final = 1012
# It goes out with each event, and a stalled client may cost but little.
_LONGEST_ID: Final = 256


class Admitting(Protocol):
    """What a socket needs of its endpoint."""

    entrance: Entrance
    context: Callable[[Viewer], object]


@dataclass(frozen=True, slots=True)
class Handshake:
    """A socket's context until its connection_init."""

    authorization: str | None


class SocketHandler(BaseGraphQLTransportWSHandler[Any, None]):
    """Takes the key from connection_init, or from the handshake's Authorization.

    Close codes: 4401 where a key is missing, 4403 where it is not valid, also later on.
    """

    authorization: str | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._viewers: dict[str, Viewer] = {}

    async def handle_message(self, message: Message) -> None:
        """Act on a message, or close the socket where it is none."""
        if _is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("This is no message of the protocol")

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Acknowledge whoever may come in."""
        # The protocol has null for what is left out.
        if message.get("payload", ...) is None:
            message = {"type": "connection_init"}
        if not self.connection_init_received:
            self.authorization = self._authorization(message.get("payload"))
            if await self._admitted() is None:
                return
        await super().handle_connection_init(message)
        # It was cancelled, and would be kept with its traceback as long as the socket.
        self.connection_init_timeout_task = None

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Start the operation with a context of its own."""
        if self.connection_acknowledged:
            if len(self.operations) >= (self.max_subscriptions_per_connection or 0):
                complaint = "This connection has as many subscriptions as one may have."
                await self._refuse(message["id"], complaint, "TOO_MANY_SUBSCRIPTIONS")
                return
            # Asked each time: the key may have been revoked since the last.
            viewer = await self._admitted()
            if viewer is None:
                return
            query, name = message["payload"]["query"], message["payload"].get("operationName")
            if why := obstacle(query, name, streamed=True):
                await self._refuse(message["id"], why, "BAD_REQUEST")
                return
            self._viewers[message["id"]] = viewer
        await super().handle_subscribe(message)

    async def cleanup_operation(self, operation_id: str) -> None:
        """Forget it, also where it ends before it has begun."""
        self._viewers.pop(operation_id, None)
        await super().cleanup_operation(operation_id)

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Answer it; what a live field shows goes out as it is, where that can be at once."""
        push = partial(_pushed, pushing(self._socket.scope), _head(operation.id))
        try:
            answers = await self.schema.stream(
                operation.query,
                variable_values=operation.variables,
                context_value=self._admitting.context(self._viewers.pop(operation.id)),
                operation_name=operation.operation_name,
                operation_extensions={TRANSPORT: Transport(push=push)},
            )
            async with aclosing(answers):
                await self._send_result_stream(operation, answers)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except WebSocketDisconnected:
            return
        except Exception as error:  # noqa: BLE001 - it ends this operation, not its socket
            # Where its answer was to close the socket, the operation is no longer known.
            if operation.id in self.operations:
                await self.handle_task_exception(error)
                await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def send_message(self, message: Message) -> None:
        """Send it; a refusal as the `error` that ends its operation.

        Where the server goes down, the socket closes: clients come back by themselves then.
        """
        if message["type"] == "next" and isinstance(batch := message["payload"].get("data"), Batch):
            await self._deliver(message["id"], batch)
            return
        refusals = _refusals(message["payload"]) if message["type"] == "next" else []
        if any(_code(error) == SERVER_CLOSING for error in refusals):
            await self.websocket.close(code=_RESTART, reason=SERVER_CLOSING)
        elif message["type"] == "next" and refusals:
            ending: ErrorMessage = {"id": message["id"], "type": "error", "payload": refusals}
            # Its client may have left meanwhile.
            if operation := self.operations.get(message["id"]):
                await operation.send_operation_message(ending)
        else:
            await super().send_message(message)

    async def _deliver(self, operation: str, batch: Batch) -> None:
        """Send events that are encoded already, each as the `next` it is."""
        for message in _messages(_head(operation), batch.events):
            await self._socket.send_text(message.decode())

    @property
    def _socket(self) -> WebSocket:
        return cast("ASGIWebSocketAdapter", self.websocket).ws

    @property
    def _admitting(self) -> Admitting:
        return cast("Admitting", self.view)

    async def _admitted(self) -> Viewer | None:
        """Return who it is, now; None where the socket was closed before them."""
        try:
            return await self._admitting.entrance.viewer(self.authorization)
        except Unauthenticated as error:
            code = 4403 if self.authorization else 4401
            await self.websocket.close(code=code, reason=str(error))
            return None

    def _authorization(self, payload: object) -> str | None:
        if isinstance(payload, Mapping):
            for name, value in cast("Mapping[str, object]", payload).items():
                if name.lower() == "authorization" and isinstance(value, str):
                    return value
        return self.context.authorization if isinstance(self.context, Handshake) else None

    async def _refuse(self, operation: str, message: str, code: str) -> None:
        error = GraphQLError(message, extensions={"code": code})
        await self.send_message({"id": operation, "type": "error", "payload": [error.formatted]})


def _head(operation: str) -> bytes:
    return f'{{"id":{json.dumps(operation)},"type":"next","payload":'.encode()


def _messages(head: bytes, events: Sequence[Shown]) -> list[bytes]:
    return [b"%b%b}" % (head, event.payload) for event in events]


def _pushed(push: Push, head: bytes, events: Sequence[Shown]) -> bool:
    return push(_messages(head, events))


def _refusals(payload: NextMessagePayload) -> list[GraphQLFormattedError]:
    """Return the errors of an answer where nothing was executed, or where a stream broke off."""
    errors = payload.get("errors", [])
    executed = payload.get("data") is not None or any("path" in error for error in errors)
    return [] if executed else errors


def _code(error: GraphQLFormattedError) -> object:
    return error.get("extensions", {}).get("code")


def _is_message(message: object) -> bool:
    """Whether fields have the types that the handler goes by without looking."""
    if not isinstance(message, Mapping):
        return False
    fields = cast("Mapping[str, object]", message)
    name = fields.get("id", "")
    if not isinstance(name, str) or len(name) > _LONGEST_ID:
        return False
    if fields.get("type") != "subscribe":
        return True
    payload = fields.get("payload")
    if not isinstance(payload, Mapping):
        return False
    request = cast("Mapping[str, object]", payload)
    return (
        isinstance(request.get("query"), str)
        and isinstance(request.get("variables"), Mapping | None)
        and isinstance(request.get("operationName"), str | None)
    )
