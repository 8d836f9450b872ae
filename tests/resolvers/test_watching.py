"""The live fields."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from strawberry.types import ExecutionResult

from pipeline.domain import Viewer, WorkspaceId
from pipeline.errors import StreamRefused
from resolvers.api import schema
from resolvers.standins import StandIn
from schema.context import Context, Library
from schema.cursors import stream_cursor
from schema.ids import Kind, global_id

T = TypeVar("T")

Ask = Callable[..., Awaitable[ExecutionResult]]
Start = Callable[..., Awaitable[str]]

EVENTS = """subscription ($id: ID!, $after: Cursor) { generationEvents(id: $id, after: $after) {
  __typename generationId seq cursor at
  ... on StatusChanged { status attempt error { code } }
  ... on StageChanged { stage { name status } }
} }"""
MINE = """subscription ($after: Cursor) { myEvents(after: $after) {
  __typename generationId seq cursor } }"""
CANCEL = "mutation ($id: ID!) { cancelGeneration(id: $id) { __typename } }"


async def watched(
    library: Library, viewer: Viewer, operation: str, **variables: Any
) -> list[ExecutionResult]:
    """Follow to the end and return everything."""
    results = await schema.subscribe(
        operation, variable_values=variables, context_value=Context.of(viewer, library)
    )
    async with asyncio.timeout(10):
        return [result async for result in results]


def events(results: list[ExecutionResult]) -> list[dict[str, Any]]:
    assert [result.errors for result in results if result.errors] == []
    return [event for result in results for event in (result.data or {}).values()]


def complaint(results: list[ExecutionResult]) -> dict[str, Any]:
    (result,) = results
    assert result.errors is not None
    (error,) = result.errors
    return error.extensions or {}


async def test_a_run_is_watched_to_its_end(
    ask: Ask, library: Library, viewer: Viewer, start: Start
) -> None:
    run = await start()
    await ask(CANCEL, id=run)
    seen = events(await watched(library, viewer, EVENTS, id=run))
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert {event["generationId"] for event in seen} == {run}
    assert seen[0]["status"] == "PENDING"
    assert (seen[-1]["__typename"], seen[-1]["status"]) == ("StatusChanged", "CANCELLED")
    rest = events(await watched(library, viewer, EVENTS, id=run, after=seen[0]["cursor"]))
    assert rest == seen[1:]


async def test_the_workspace_is_watched_from_a_cursor(
    ask: Ask, library: Library, viewer: Viewer, start: Start
) -> None:
    shown = await ask("{ viewer { cursor } }")
    assert shown.data is not None
    first, second = await start(), await start()
    results = await schema.subscribe(
        MINE,
        variable_values={"after": shown.data["viewer"]["cursor"]},
        context_value=Context.of(viewer, library),
    )
    runs: list[str] = []
    async with asyncio.timeout(10):
        async for result in results:
            runs.extend(event["generationId"] for event in events([result]))
            if second in runs:
                break
    await results.aclose()
    assert list(dict.fromkeys(runs)) == [first, second]


async def test_a_generation_that_is_not_the_viewers_is_not_found(
    library: Library, stranger: Viewer, start: Start
) -> None:
    run = await start()
    for key in (run, "nonsense", global_id(Kind.GENERATION, uuid4())):
        results = await watched(library, stranger, EVENTS, id=key)
        assert complaint(results) == {"code": "NOT_FOUND"}


async def test_a_cursor_that_is_not_the_workspaces_is_invalid(
    library: Library, viewer: Viewer, start: Start
) -> None:
    run = await start()
    for cursor in (
        "garbled",
        "",
        stream_cursor(WorkspaceId(uuid4()), 1),
        stream_cursor(viewer.workspace, 10_000),
        stream_cursor(viewer.workspace, -1),
    ):
        for operation, variables in ((EVENTS, {"id": run}), (MINE, {})):
            results = await watched(library, viewer, operation, after=cursor, **variables)
            assert complaint(results) == {"code": "INVALID_CURSOR", "field": "after"}


async def test_one_seat_too_many_is_refused_and_a_left_one_is_free(
    library: Library, viewer: Viewer, start: Start
) -> None:
    await start()
    beginning = stream_cursor(viewer.workspace, 0)

    async def seated() -> AsyncGenerator[Any]:
        context = Context.of(viewer, library)
        results = await schema.subscribe(MINE, {"after": beginning}, context_value=context)
        assert events([await anext(results)])
        return results

    seats = [await seated() for _ in range(3)]
    assert complaint(await watched(library, viewer, MINE)) == {"code": "TOO_MANY_SUBSCRIPTIONS"}
    await seats[0].aclose()
    seats[0] = await seated()
    for seat in seats:
        await seat.aclose()


async def test_an_expired_cursor_says_where_to_go_on(library: Library, viewer: Viewer) -> None:
    expired = StreamRefused("CURSOR_EXPIRED", "That is no longer kept.", resume_at=40)
    forgetful = replace(library, stream=StandIn(library.stream, failure=expired))
    results = await watched(forgetful, viewer, MINE, after=stream_cursor(viewer.workspace, 2))
    assert complaint(results) == {
        "code": "CURSOR_EXPIRED",
        "resumeAt": stream_cursor(viewer.workspace, 40),
    }


async def test_an_unexpected_error_in_a_stream_is_masked(
    library: Library, viewer: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    burning = StandIn(library.stream, failure=RuntimeError("the disk is on fire"))
    results = await watched(replace(library, stream=burning), viewer, MINE)
    assert complaint(results)["code"] == "INTERNAL"
    assert results[0].errors is not None
    assert "fire" not in str(results[0].errors)
    assert "the disk is on fire" in caplog.text
