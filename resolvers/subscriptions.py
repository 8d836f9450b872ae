"""The live fields."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import strawberry
from graphql import GraphQLError

from pipeline.domain import GenerationId
from pipeline.errors import StreamRefused
from pipeline.events import Event
from schema.context import Context, Info
from schema.cursors import Cursor, stream_cursor, stream_position
from schema.events import GenerationEvent, shown
from schema.ids import generation_id

AFTER = "after"
INVALID_CURSOR = "INVALID_CURSOR"
NOT_FOUND = "NOT_FOUND"


@strawberry.type(description="The live part of the API.")
class Subscription:
    """The live part of the API."""

    @strawberry.subscription(
        description="All that happens to one generation: first what happened after `after`, from "
        "its first event without it, then what happens. No event is lost, repeated or out of "
        "order, over reconnects too. It completes after a terminal StatusChanged that is the last "
        "event so far, and after GenerationDeleted; a retry goes on with the numbering."
    )
    async def generation_events(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The generation.")],
        after: Annotated[
            Cursor | None,
            strawberry.argument(description="Any cursor of the workspace; null: from the start."),
        ] = None,
    ) -> AsyncGenerator[GenerationEvent, None]:
        target = generation_id(id)
        if target is None:
            raise GraphQLError("There is no such generation.", extensions={"code": NOT_FOUND})
        async with _followed(info.context, target, after) as events:
            async for event in events:
                yield shown(event)

    @strawberry.subscription(
        description="All that happens to the generations of the workspace, in one order, without "
        "end: what happened after `after`, or from now on without it."
    )
    async def my_events(
        self,
        info: Info,
        after: Annotated[
            Cursor | None,
            strawberry.argument(description="Any cursor of the workspace; null: from now on."),
        ] = None,
    ) -> AsyncGenerator[GenerationEvent, None]:
        async with _followed(info.context, None, after) as events:
            async for event in events:
                yield shown(event)


@asynccontextmanager
async def _followed(
    context: Context, target: GenerationId | None, after: Cursor | None
) -> AsyncGenerator[AsyncIterator[Event], None]:
    """Yield the events; what the stream refuses is raised as a coded GraphQL error."""
    position = _position(context, after)
    events = context.library.stream.follow(context.viewer, target, position)
    try:
        yield events
    except StreamRefused as refusal:
        raise _complaint(context, refusal) from refusal
    finally:
        # A client that leaves must free its place in the hub now, not when memory is collected.
        if isinstance(events, AsyncGenerator):
            await events.aclose()


def _position(context: Context, after: Cursor | None) -> int | None:
    if after is None:
        return None
    position = stream_position(context.viewer.workspace, after)
    if position is None:
        raise GraphQLError(
            "This is no cursor of this workspace.",
            extensions={"code": INVALID_CURSOR, "field": AFTER},
        )
    return position


def _complaint(context: Context, refusal: StreamRefused) -> GraphQLError:
    extensions: dict[str, object] = {"code": refusal.code}
    if refusal.code == INVALID_CURSOR:
        extensions["field"] = AFTER
    if refusal.resume_at is not None:
        extensions["resumeAt"] = stream_cursor(context.viewer.workspace, refusal.resume_at)
    return GraphQLError(refusal.message, extensions=extensions)
