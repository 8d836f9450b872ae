"""Live fields as streaming transports have them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

import asyncpg
import pytest
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from pipeline.domain import Asset, StageName, Viewer
from pipeline.events import AssetCreated, Change, StageProgress
from resolvers.api import schema
from resolvers.live import TRANSPORT, Batch, Transport
from schema.context import Context, Library
from schema.cursors import stream_cursor
from schema.ids import generation_id
from storage.database import transaction
from storage.events import append

Start = Callable[..., Awaitable[str]]

EVENTS = """subscription ($id: ID!, $after: Cursor, $no: Boolean! = false) {
  generationEvents(id: $id, after: $after) { seq cursor @skip(if: $no)
    ... on AssetCreated { asset { key generation { id } } } } }"""
PROGRESS = StageProgress(StageName.ANALYSIS, 0.5, None)


async def watching(
    library: Library, viewer: Viewer, operation: str, **variables: Any
) -> AsyncGenerator[Any]:
    context = Context.of(viewer, library)
    return await schema.stream(operation, variables, context)


async def take(answers: AsyncGenerator[Any], number: int) -> list[bytes]:
    """Return the payloads of so many events."""
    payloads: list[bytes] = []
    async with asyncio.timeout(10):
        while len(payloads) < number:
            result: ExecutionResult = await anext(answers)
            assert isinstance(result.data, Batch), result.errors
            payloads += [event.payload for event in result.data.events]
    assert len(payloads) == number
    return payloads


async def tell(pool: asyncpg.Pool, viewer: Viewer, run: str, *changes: Change) -> None:
    key = generation_id(run)
    assert key is not None
    async with transaction(pool) as connection:
        await append(connection, viewer.workspace, key, changes)


async def test_who_watches_the_same_gets_the_same_bytes(
    pool: asyncpg.Pool, library: Library, viewer: Viewer, start: Start
) -> None:
    run = await start()
    two = [await watching(library, viewer, EVENTS, id=run) for _ in range(2)]
    other = await watching(library, viewer, EVENTS, id=run, no=True)
    for answers in (*two, other):
        await take(answers, 1)
    waiting = [asyncio.ensure_future(take(answers, 1)) for answers in (*two, other)]
    await asyncio.sleep(0)
    await tell(pool, viewer, run, PROGRESS)
    (first,), (second,), (third,) = await asyncio.gather(*waiting)
    assert first is second
    assert b"cursor" in first
    assert json.loads(third) == {"data": {"generationEvents": {"seq": 2}}}
    for answers in (*two, other):
        await answers.aclose()


async def test_what_takes_the_database_is_executed_once_for_all(
    pool: asyncpg.Pool,
    library: Library,
    viewer: Viewer,
    start: Start,
    complete: Callable[[str], Awaitable[Asset]],
) -> None:
    run = await start()
    asset = await complete(run)
    three = [await watching(library, viewer, EVENTS, id=run) for _ in range(3)]
    for answers in three:
        await take(answers, 1)
    waiting = [asyncio.ensure_future(take(answers, 2)) for answers in three]
    await asyncio.sleep(0)
    await tell(pool, viewer, run, AssetCreated(asset), PROGRESS)
    # Who leaves meanwhile takes nothing from the others.
    waiting[0].cancel()
    first, second = await asyncio.gather(*waiting[1:])
    assert first[0] is second[0]
    (shown,) = json.loads(first[0])["data"].values()
    assert shown["asset"] == {"key": asset.image.key, "generation": {"id": run}}
    for answers in three[1:]:
        await answers.aclose()


async def test_a_watcher_may_say_where_it_was_besides(
    pool: asyncpg.Pool, library: Library, viewer: Viewer, start: Start
) -> None:
    run = await start()
    await tell(pool, viewer, run, PROGRESS, PROGRESS)
    answers = await schema.stream(
        EVENTS,
        {"id": run, "after": stream_cursor(viewer.workspace, 1)},
        Context.of(viewer, library),
        operation_extensions={TRANSPORT: Transport(resuming=stream_cursor(viewer.workspace, 2))},
    )
    async with aclosing(answers):
        (payload,) = await take(answers, 1)
    assert json.loads(payload)["data"]["generationEvents"]["seq"] == 3


@pytest.mark.parametrize(("resuming", "code"), [("garbled", "INVALID_CURSOR"), (None, "NOT_FOUND")])
async def test_refusals_are_those_of_the_schema(
    library: Library, stranger: Viewer, start: Start, resuming: str | None, code: str
) -> None:
    answers = await schema.stream(
        EVENTS,
        {"id": await start()},
        Context.of(stranger, library),
        operation_extensions={TRANSPORT: Transport(resuming=resuming)},
    )
    (result,) = [one async for one in answers]
    assert result.data is None
    assert [error.extensions["code"] for error in result.errors] == [code]


class Broken:
    """A stream that nobody can follow."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("the disk is on fire")


async def test_an_unexpected_end_is_masked(
    library: Library, viewer: Viewer, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    broken = replace(library, stream=cast("Any", Broken()))
    answers = await watching(broken, viewer, EVENTS, id=await start())
    (result,) = [one async for one in answers]
    assert [error.extensions["code"] for error in result.errors] == ["INTERNAL"]
    assert "fire" not in str(result.errors)
    assert "the disk is on fire" in caplog.text


@pytest.mark.parametrize(
    ("operation", "name", "allowed"),
    [
        ("", None, OperationType),
        ("fragment F on Query { viewer { id } }", None, OperationType),
        ("query A { viewer { id } }", "B", OperationType),
        ("mutation { __typename }", None, [OperationType.QUERY]),
    ],
)
async def test_what_names_no_operation_is_no_failure_of_ours(
    *,
    library: Library,
    viewer: Viewer,
    caplog: pytest.LogCaptureFixture,
    operation: str,
    name: str | None,
    allowed: Iterable[OperationType],
) -> None:
    answers = await schema.stream(
        operation,
        None,
        Context.of(viewer, library),
        operation_name=name,
        allowed_operation_types=allowed,
    )
    (result,) = [one async for one in answers]
    assert [error.extensions["code"] for error in result.errors] == ["BAD_REQUEST"]
    assert not caplog.records


async def test_queries_are_answered_as_ever(library: Library, viewer: Viewer) -> None:
    answers = await watching(library, viewer, "{ viewer { name cursor } }")
    (result,) = [one async for one in answers]
    cursor = stream_cursor(viewer.workspace, 0)
    assert result.data == {"viewer": {"name": viewer.name, "cursor": cursor}}
