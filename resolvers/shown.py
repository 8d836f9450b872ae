"""Events as one live operation shows them, encoded once for all who watch likewise."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import orjson

from pipeline.events import Event
from resolvers.projection import Show
from schema.events import GenerationEvent, shown


class Shown(NamedTuple):
    """An event's answer, in JSON."""

    workspace_seq: int
    payload: bytes


class Showing:
    """Shows events under `key` by the compiled shape of their type, or else by `execute`.

    What takes the schema is still to come, for all who wait for it.
    """

    def __init__(
        self,
        key: str,
        shapes: Mapping[type[GenerationEvent], Show],
        execute: Callable[[Event], Awaitable[bytes]],
    ) -> None:
        self._key = key
        self._shapes = shapes
        self._execute = execute

    def __call__(self, event: Event) -> Shown | asyncio.Task[Shown]:
        return self._compiled(event) or asyncio.create_task(self._executed(event))

    def _compiled(self, event: Event) -> Shown | None:
        value = shown(event)
        shape = self._shapes.get(type(value))
        if shape is None:
            return None
        try:
            payload = orjson.dumps({"data": {self._key: shape(value)}}, option=orjson.OPT_UTC_Z)
        except Exception:  # noqa: BLE001 - what is wrong with it is for the schema to say
            return None
        return Shown(event.workspace_seq, payload)

    async def _executed(self, event: Event) -> Shown:
        return Shown(event.workspace_seq, await self._execute(event))
