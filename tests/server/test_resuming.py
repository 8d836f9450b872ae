"""Subscriptions over server-sent events, as a browser's EventSource and graphql-sse use them."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import TypeVar
from uuid import uuid4

import httpx
import pytest
from starlette.types import ASGIApp
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL

from pipeline.domain import GenerationId, StageName, Viewer
from pipeline.events import Event, StageProgress
from resolvers.api import schema
from resolvers.live import TRANSPORT
from schema.context import Context
from schema.cursors import stream_cursor
from server.app import Parts, create_app
from server.endpoint import Endpoint
from server.resuming import ResumableEvents
from storage.accounts import LOCAL
from tests.shut import shut_library

T = TypeVar("T")
RUN = GenerationId(uuid4())

Served = Callable[[ASGIApp], AbstractAsyncContextManager[str]]


@dataclass(frozen=True)
class Sent:
    id: str | None
    event: str
    data: str


async def watched(
    site: httpx.AsyncClient, query: str, variables: object = None, last: str | None = None
) -> list[Sent]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    body = {"query": query, "variables": variables}
    answer = await site.post("/graphql", json=body, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [sent(block) for block in answer.text.split("\r\n\r\n") if block]


def parted(line: str) -> tuple[str, str, str]:
    return line.partition(": ")


def sent(block: str) -> Sent:
    fields = {name: value for name, _, value in map(parted, block.split("\r\n"))}
    return Sent(fields.get("id"), fields["event"], fields["data"])


@dataclass(frozen=True)
class Scripted:
    """A stream of five events of one generation, which ends with them."""

    seen: list[int | None] = field(default_factory=list[int | None])

    async def head(self, viewer: Viewer) -> int:
        del viewer
        return 5

    async def follow(
        self, viewer: Viewer, generation: GenerationId | None, after: int | None
    ) -> AsyncIterator[Event]:
        self.seen.append(after)
        for seq in range((after or 0) + 1, 6):
            yield Event(
                generation_id=generation or RUN,
                workspace=viewer.workspace,
                seq=seq,
                workspace_seq=seq,
                at=datetime(2026, 11, 23, tzinfo=UTC),
                change=StageProgress(StageName.ANALYSIS, None, None),
            )

    async def watch(
        self,
        viewer: Viewer,
        generation: GenerationId | None,
        after: int | None,
        make: Callable[[Event], T],
        offer: Callable[[Sequence[T]], bool] | None = None,
    ) -> AsyncGenerator[Sequence[T]]:
        del offer
        yield [make(event) async for event in self.follow(viewer, generation, after)]


@pytest.fixture
def script() -> Scripted:
    return Scripted()


@pytest.fixture
async def site(parts: Parts, script: Scripted) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client of the real schema on a stream that is scripted."""
    library = replace(shut_library(), stream=script)
    real = replace(parts, schema=schema, context=partial(Context.of, library=library))
    transport = httpx.ASGITransport(create_app(real), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


def cursor(seq: int) -> str:
    return stream_cursor(LOCAL.workspace, seq)


def event(seq: int, name: str = "myEvents") -> Sent:
    return Sent(cursor(seq), "next", f'{{"data":{{"{name}":{{"seq":{seq}}}}}}}')


END = Sent(None, "complete", "")
ALL = "subscription { myEvents { seq } }"
AFTER = "subscription W($a: Cursor) { myEvents(after: $a) { seq } }"


async def test_each_event_is_named_by_its_cursor(site: httpx.AsyncClient) -> None:
    assert await watched(site, ALL) == [*map(event, range(1, 6)), END]


async def test_a_cursor_that_was_asked_for_is_in_the_data(site: httpx.AsyncClient) -> None:
    events = await watched(site, "subscription { myEvents { c: cursor } }")
    data = f'{{"data":{{"myEvents":{{"c":"{cursor(1)}"}}}}}}'
    assert events[0] == Sent(cursor(1), "next", data)


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (ALL, None),
        (f'subscription {{ myEvents(after: "{cursor(1)}") {{ seq }} }}', None),
        ("subscription { myEvents(after: null) { seq } }", None),
        (AFTER, {"a": cursor(1)}),
        (AFTER, None),
    ],
)
async def test_the_last_event_id_wins(
    site: httpx.AsyncClient, query: str, variables: object
) -> None:
    events = await watched(site, query, variables, last=cursor(3))
    assert events == [event(4), event(5), END]


async def test_without_one_the_argument_counts(site: httpx.AsyncClient) -> None:
    query = "subscription W($a: Cursor) { t: myEvents(after: $a) { seq } }"
    assert await watched(site, query, {"a": cursor(4)}) == [event(5, "t"), END]


async def test_what_is_no_cursor_is_refused(site: httpx.AsyncClient, script: Scripted) -> None:
    refused, end = await watched(site, ALL, last="c3")
    (error,) = json.loads(refused.data)["errors"]
    assert error["extensions"] == {"code": "INVALID_CURSOR", "field": "after"}
    assert (refused.id, end) == (None, END)
    assert script.seen == []


async def test_only_the_header_says_where_a_client_was(site: httpx.AsyncClient) -> None:
    body = {"query": ALL, "extensions": {TRANSPORT: {"resuming": cursor(4)}}}
    answer = await site.post("/graphql", json=body, headers={"Accept": "text/event-stream"})
    assert sent(answer.text.split("\r\n\r\n")[0]) == event(1)


async def test_an_event_source_asks_by_get(site: httpx.AsyncClient) -> None:
    answer = await site.get(
        "/graphql",
        params={"query": ALL},
        headers={"Accept": "text/event-stream", "Last-Event-ID": cursor(4)},
    )
    assert [sent(block) for block in answer.text.split("\r\n\r\n") if block] == [event(5), END]


@pytest.mark.parametrize(
    "query", ["subscription {", "{ __typename }", "subscription { ticks { seq } }", "5"]
)
async def test_errors_and_queries_come_as_one_event(site: httpx.AsyncClient, query: str) -> None:
    events = await watched(site, query, last=cursor(1))
    assert [event.event for event in events] == ["next", "complete"]
    assert events[0].id is None


class QuickHeart(ResumableEvents):
    def __init__(self) -> None:
        super().__init__(heartbeat_interval=0.05)


class QuickEndpoint(Endpoint):
    stream_transport_classes_by_protocol = MappingProxyType({GRAPHQL_SSE_PROTOCOL: QuickHeart})


async def test_the_stream_beats_while_nothing_happens(parts: Parts, served: Served) -> None:
    endpoint = QuickEndpoint(
        parts.schema,
        parts.entrance,
        parts.context,
        str,
        "",
        allowed_origins=(),
        closing=parts.closing,
    )
    query = {"query": "subscription { silence { seq } }"}
    headers = {"Accept": "text/event-stream"}
    async with (
        served(endpoint) as live,
        httpx.AsyncClient(trust_env=False, timeout=10) as client,
        client.stream("POST", f"{live}/graphql", json=query, headers=headers) as answer,
    ):
        async for line in answer.aiter_lines():
            assert line == ": ping"
            break


async def test_a_stream_ends_with_the_server_and_without_its_last_word(
    parts: Parts, live: str
) -> None:
    query = {"query": "subscription { silence { seq } }"}
    headers = {"Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=10) as client,
        client.stream("POST", f"{live}/graphql", json=query, headers=headers) as answer,
    ):
        parts.closing.set()
        assert [line async for line in answer.aiter_lines()] == []
