"""However wide a list is, each level of it asks the database once."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, LiteralString

import asyncpg
from strawberry.types import ExecutionResult

from pipeline.domain import Asset, Viewer
from resolvers.api import schema
from schema.context import Context, Library
from storage.assets import Assets
from storage.feedback import FeedbackBook

Ask = Callable[..., Awaitable[ExecutionResult]]
Start = Callable[..., Awaitable[str]]
Complete = Callable[[str], Awaitable[Asset]]

WIDE = """query ($n: Int) { generations(first: $n) {
  totalCount
  edges { node {
    id cursor persona { score } route { reason }
    stages { name status }
    images { index asset { url generation { id status } } }
    assets(first: 3) { totalCount edges { node { url generation { prompt } } } }
    feedback { totalCount edges { node { kind asset { url } generation { id } } } }
    children { totalCount edges { node { id } } }
    parent { id } charges { amount } queue { position }
  } }
} }"""
HEART = """mutation ($id: ID!) {
  submitFeedback(input: {generationId: $id, kind: HEART}) { __typename } }"""


class Counting:
    """A pool that keeps what it was asked."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.asked: list[str] = []

    async def fetch(self, query: LiteralString, *args: object) -> list[asyncpg.Record]:
        self.asked.append(query)
        return await self.pool.fetch(query, *args)

    async def fetchrow(self, query: LiteralString, *args: object) -> asyncpg.Record | None:
        self.asked.append(query)
        return await self.pool.fetchrow(query, *args)

    async def fetchval(self, query: LiteralString, *args: object) -> Any:
        self.asked.append(query)
        return await self.pool.fetchval(query, *args)


async def asked_for(library: Library, viewer: Viewer, pool: asyncpg.Pool, n: int) -> list[str]:
    """Return the statements of a list of `n`."""
    counting: Any = Counting(pool)
    counted = replace(
        library,
        generations=replace(library.generations, db=counting),  # type: ignore[type-var]
        assets=Assets(counting),
        feedback=FeedbackBook(counting),
    )
    result = await schema.execute(
        WIDE, variable_values={"n": n}, context_value=Context.of(viewer, counted)
    )
    assert result.errors is None, result.errors
    assert result.data is not None
    assert len(result.data["generations"]["edges"]) == n
    asked: list[str] = counting.asked
    return asked


async def test_a_wide_list_asks_as_often_as_a_narrow_one(
    ask: Ask,
    library: Library,
    viewer: Viewer,
    start: Start,
    *,
    complete: Complete,
    pool: asyncpg.Pool,
) -> None:
    for number in range(20):
        run = await start(f"gown {number}")
        if number % 2:
            await complete(run)
            await ask(HEART, id=run)
    narrow = await asked_for(library, viewer, pool, 2)
    wide = await asked_for(library, viewer, pool, 20)
    assert Counter(wide).most_common(1)[0][1] <= 4
    # A batch may be cut in two by how fast the database answers; it never grows with the rows.
    assert max(len(wide), len(narrow)) <= 20


async def test_a_total_is_counted_only_when_it_is_asked_for(
    library: Library, viewer: Viewer, start: Start, pool: asyncpg.Pool
) -> None:
    await start()
    counting: Any = Counting(pool)
    counted = replace(library, generations=replace(library.generations, db=counting))  # type: ignore[type-var]
    context = Context.of(viewer, counted)
    await schema.execute("{ generations { edges { cursor } } }", context_value=context)
    assert len(counting.asked) == 1
    await schema.execute("{ generations { totalCount } }", context_value=context)
    assert len(counting.asked) == 3
