"""Streams that stand in for the live one, so that the schema executes a part of an operation."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from pipeline.domain import GenerationId, Viewer
from pipeline.events import Event
from pipeline.repositories import Stream
from schema.context import Context

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """What a live field is asked to follow."""

    viewer: Viewer
    generation: GenerationId | None
    after: int | None


class StandIn:
    """Gives `events`, then raises `failure`; notes what it was asked for."""

    def __init__(
        self, stream: Stream, events: Sequence[Event] = (), failure: Exception | None = None
    ) -> None:
        self._stream = stream
        self._events = events
        self._failure = failure
        self.asked: Place | None = None

    async def head(self, viewer: Viewer) -> int:
        return await self._stream.head(viewer)

    async def follow(
        self, viewer: Viewer, generation: GenerationId | None, after: int | None
    ) -> AsyncIterator[Event]:
        self.asked = Place(viewer, generation, after)
        for event in self._events:
            yield event
        if self._failure is not None:
            raise self._failure

    async def watch(
        self,
        viewer: Viewer,
        generation: GenerationId | None,
        after: int | None,
        make: Callable[[Event], T],
        offer: Callable[[Sequence[T]], bool] | None = None,
    ) -> AsyncGenerator[Sequence[T]]:
        del offer
        async for event in self.follow(viewer, generation, after):
            yield [make(event)]

    def instead(self, context: Context) -> Context:
        """Return a context like `context` in which it stands in."""
        return replace(context, library=replace(context.library, stream=self))
