"""Subscriptions over SSE that resume: an id for every event, Last-Event-ID instead of `after`."""

from collections.abc import Mapping
from typing import Any

from strawberry.http import GraphQLHTTPResponse
from strawberry.http.streaming import JSONEncoder, SSETransport

from resolvers.live import TRANSPORT, Batch, Transport
from schema.cursors import stream_cursor


class ResumableEvents(SSETransport):
    """Names each event by its cursor, so that a browser's EventSource says where it was."""

    def encode_next(self, response: GraphQLHTTPResponse, encode_json: JSONEncoder) -> str:
        """Return the answer; of events as many, each with its cursor as `id:`."""
        batch: object = response.get("data")
        if not isinstance(batch, Batch):
            return super().encode_next(response, encode_json)
        return "".join(
            f"id: {stream_cursor(batch.workspace, event.workspace_seq)}\r\n"
            f"{self.encode_event('next', event.payload.decode())}"
            for event in batch.events
        )


def resuming(extensions: Mapping[str, Any] | None, last_event_id: str | None) -> dict[str, Any]:
    """Return the extensions of a request whose client was there."""
    return {**(extensions or {}), TRANSPORT: Transport(resuming=last_event_id or None)}
