"""Operations over streaming transports: who watches the same shares what is made of it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast
from weakref import WeakValueDictionary

from graphql import GraphQLSchema
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from pipeline.domain import Viewer, WorkspaceId
from pipeline.errors import StreamRefused
from pipeline.events import Event
from resolvers import selections
from resolvers.projection import Beyond
from resolvers.selections import Compiled, compiled
from resolvers.shown import Showing, Shown
from resolvers.standins import Place, StandIn
from resolvers.subscriptions import INVALID_CURSOR
from schema.context import Context
from schema.cursors import stream_position
from schema.library import Library

TRANSPORT: Final = "transport"

_NOTHING: Final = Compiled("", {})


@dataclass(frozen=True, slots=True)
class Request:
    """An operation as it came; its transport speaks up in `extensions`, under `TRANSPORT`."""

    query: str | None
    variables: dict[str, Any] | None
    name: str | None
    extensions: dict[str, Any] | None
    allowed: Iterable[OperationType] | None


@dataclass(frozen=True, slots=True)
class Transport:
    """What a transport knows, and what it can do.

    `resuming` is the cursor of the last event that the client has; `push` sends events at once, or
    says that it can't.
    """

    resuming: str | None = None
    push: Callable[[Sequence[Shown]], bool] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of a workspace as they are shown."""

    workspace: WorkspaceId
    events: Sequence[Shown]


Execute = Callable[[Request, Context], Awaitable[AsyncGenerator[Any]]]


class Live:
    """Runs operations; the answers to a live field come encoded, a `Batch` as their data.

    The schema parses, validates and refuses as ever, and its field is given a stream that only
    notes what it is asked for. That is then followed here, by all who watch alike together.
    """

    def __init__(self, schema: GraphQLSchema, execute: Execute) -> None:
        self._schema = schema
        self._execute = execute
        # Those who watch keep it, and it goes with the last of them.
        self._showings = WeakValueDictionary[Hashable, Showing]()

    async def answers(self, request: Request, context: Context) -> AsyncGenerator[Any]:
        noting = StandIn(context.library.stream)
        async with aclosing(await self._execute(request, noting.instead(context))) as results:
            async for result in results:
                yield result
        library = context.library
        # A subscription may last for hours, and its loaders have nothing to do any more.
        del context, results
        if noting.asked is None:
            return
        try:
            async with aclosing(self._batches(request, library, noting.asked)) as batches:
                async for batch in batches:
                    yield ExecutionResult(data=cast("Any", batch), errors=None)
        except Exception as error:  # noqa: BLE001 - the schema tells clients what they may know
            refusing = StandIn(library.stream, failure=error)
            instead = refusing.instead(Context.of(noting.asked.viewer, library))
            async with aclosing(await self._execute(request, instead)) as results:
                async for result in results:
                    yield result

    async def _batches(
        self, request: Request, library: Library, place: Place
    ) -> AsyncGenerator[Batch]:
        given = (request.extensions or {}).get(TRANSPORT)
        transport = given if isinstance(given, Transport) else Transport()
        watching = library.stream.watch(
            place.viewer,
            place.generation,
            _after(place, transport.resuming),
            self._showing(request, library, place.viewer),
            partial(_pushed, transport.push) if transport.push else _not_pushed,
        )
        async with aclosing(watching):
            async for made in watching:
                yield Batch(place.viewer.workspace, [await _come(one) for one in made])

    def _showing(self, request: Request, library: Library, viewer: Viewer) -> Showing:
        query = request.query or ""
        values = selections.given(query, request.name, request.variables)
        key = (library, viewer, query, request.name, values)
        showing = self._showings.get(key)
        if showing is None:
            found = self._compiled(library, query, request.name, values)
            execute = partial(self._encoded, request, library, viewer)
            showing = Showing(found.key, found.shapes, execute)
            self._showings[key] = showing
        return showing

    def _compiled(self, library: Library, query: str, name: str | None, values: str) -> Compiled:
        try:
            return compiled(self._schema, library, query, name, values)
        except Beyond:
            return _NOTHING

    async def _encoded(
        self, request: Request, library: Library, viewer: Viewer, event: Event
    ) -> bytes:
        """Return the schema's own answer for one event."""
        one = StandIn(library.stream, (event,)).instead(Context.of(viewer, library))
        async with aclosing(await self._execute(request, one)) as results:
            result: ExecutionResult = await anext(results)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        if result.extensions:
            answer["extensions"] = result.extensions
        return json.dumps(answer, separators=(",", ":")).encode()


def _pushed(
    push: Callable[[Sequence[Shown]], bool], made: Sequence[Shown | asyncio.Task[Shown]]
) -> bool:
    ready = [one for one in made if isinstance(one, Shown)]
    return len(ready) == len(made) and push(ready)


def _not_pushed(_: Sequence[object]) -> bool:
    return False


async def _come(made: Shown | asyncio.Task[Shown]) -> Shown:
    # Who leaves must not take it from those who wait for the same.
    return made if isinstance(made, Shown) else await asyncio.shield(made)


def _after(place: Place, resuming: str | None) -> int | None:
    if resuming is None:
        return place.after
    position = stream_position(place.viewer.workspace, resuming)
    if position is None:
        raise StreamRefused(INVALID_CURSOR, "This is no cursor of this workspace.")
    return position
