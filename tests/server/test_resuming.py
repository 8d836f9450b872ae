"""Subscriptions over server-sent events, as a browser's EventSource and graphql-sse use them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType

import httpx
import pytest
from starlette.types import ASGIApp
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL

from server.app import Parts
from server.endpoint import Endpoint
from server.resuming import ResumableEvents, resumed

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


def tick(seq: int, name: str = "ticks") -> Sent:
    return Sent(f"c{seq}", "next", f'{{"data":{{"{name}":{{"seq":{seq}}}}}}}')


END = Sent(None, "complete", "")


async def test_each_event_is_named_by_its_cursor(site: httpx.AsyncClient) -> None:
    events = await watched(site, "subscription { ticks(until: 2) { seq } }")
    assert events == [tick(1), tick(2), END]


async def test_a_cursor_that_was_asked_for_stays(site: httpx.AsyncClient) -> None:
    events = await watched(site, "subscription { ticks(until: 1) { cursor } }")
    assert events[0] == Sent("c1", "next", '{"data":{"ticks":{"cursor":"c1"}}}')


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("subscription { ticks(until: 5) { seq } }", None),
        ('subscription { ticks(until: 5, after: "c1") { seq } }', None),
        ("subscription { ticks(until: 5, after: null) { seq } }", None),
        ("subscription W($a: String) { ticks(after: $a, until: 5) { seq } }", {"a": "c1"}),
        ("subscription W($a: String) { ticks(after: $a, until: 5) { seq } }", None),
    ],
)
async def test_the_last_event_id_wins(
    site: httpx.AsyncClient, query: str, variables: object
) -> None:
    assert await watched(site, query, variables, last="c3") == [tick(4), tick(5), END]


async def test_without_one_the_argument_counts(site: httpx.AsyncClient) -> None:
    query = "subscription W($a: String) { t: ticks(after: $a, until: 2) { seq } }"
    assert await watched(site, query, {"a": "c1"}) == [tick(2, "t"), END]


async def test_an_event_source_asks_by_get(site: httpx.AsyncClient) -> None:
    answer = await site.get(
        "/graphql",
        params={"query": "subscription { ticks(until: 3) { seq } }"},
        headers={"Accept": "text/event-stream", "Last-Event-ID": "c2"},
    )
    assert [sent(block) for block in answer.text.split("\r\n\r\n") if block] == [tick(3), END]


@pytest.mark.parametrize(
    "query", ["subscription {", "{ me }", "subscription { ticks { seq } }", "5"]
)
async def test_errors_and_queries_come_as_one_event(site: httpx.AsyncClient, query: str) -> None:
    events = await watched(site, query, last="c1")
    assert [event.event for event in events] == ["next", "complete"]
    assert events[0].id is None


def test_what_cannot_be_parsed_is_left_to_the_executor() -> None:
    for query in ("{", "{" * 10_000, "{ a " * 10_000):
        assert resumed(query, None, "c1").query == query


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
