"""Strawberry's own subscription, as its documentation has it: a queue for each subscriber.

Events come in as lines of JSON, each an array of events. It prints its address;
`{ served }` tells how many subscriptions there have been.
"""

import asyncio
import json
import socket
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator
from datetime import datetime
from enum import Enum
from typing import Any, NewType

import strawberry
import uvicorn
import uvloop
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

QUEUES: defaultdict[str, set[asyncio.Queue[dict[str, Any]]]] = defaultdict(set)
SERVED: list[str] = []
LONGEST_LINE = 64 * 1024 * 1024

Cursor = NewType("Cursor", str)


@strawberry.enum
class StageName(Enum):
    ANALYSIS = "ANALYSIS"
    GENERATION = "GENERATION"


@strawberry.interface
class GenerationEvent:
    generation_id: strawberry.ID
    seq: int
    cursor: Cursor
    at: datetime


@strawberry.type
class StageProgress(GenerationEvent):
    name: StageName
    fraction: float | None
    message: str | None


@strawberry.type
class Query:
    @strawberry.field
    def served(self) -> int:
        return len(SERVED)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def generation_events(self, id: strawberry.ID) -> AsyncGenerator[GenerationEvent]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        QUEUES[id].add(queue)
        SERVED.append(id)
        try:
            while True:
                event = await queue.get()
                yield StageProgress(
                    generation_id=strawberry.ID(event["generationId"]),
                    seq=event["seq"],
                    cursor=Cursor(event["cursor"]),
                    at=datetime.fromisoformat(event["at"]),
                    name=StageName(event["name"]),
                    fraction=event["fraction"],
                    message=event["message"],
                )
        finally:
            QUEUES[id].discard(queue)


async def publish() -> None:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        for event in json.loads(line):
            for queue in QUEUES[event["generationId"]]:
                queue.put_nowait(event)


def application() -> GraphQL[None, None]:
    schema = strawberry.Schema(
        Query,
        subscription=Subscription,
        types=[StageProgress],
        config=StrawberryConfig(
            scalar_map={Cursor: strawberry.scalar(name="Cursor", serialize=str, parse_value=str)}
        ),
    )
    return GraphQL(schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])


async def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        application(),
        lifespan="off",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="warning",
        loop="uvloop",
    )
    async with asyncio.TaskGroup() as tasks:
        publishing = tasks.create_task(publish())
        await uvicorn.Server(config).serve([listener])
        publishing.cancel()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
