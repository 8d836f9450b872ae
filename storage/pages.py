"""Keyset pages: the bounds of a request, and the page that rows make."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import LiteralString, TypeVar
from uuid import UUID

import asyncpg

from pipeline.domain import Viewer
from pipeline.repositories import Page, PageRequest, Position
from storage.database import Executor

K = TypeVar("K")
T = TypeVar("T")

Bounds = tuple[datetime | None, UUID | None, datetime | None, UUID | None]
"""Time and id to come after, time and id to come before; None is no bound."""


def bounds(request: PageRequest) -> Bounds:
    """Return the request's bounds as the arguments of a statement."""
    return *_place(request.after), *_place(request.before)


def page(request: PageRequest, found: Sequence[T]) -> Page[T]:
    """Make a page of up to `limit` + 1 rows, which come last first where it is backward."""
    # The row beyond the page is read only to know whether there is one.
    more = len(found) > request.limit
    items = tuple(found[: request.limit])
    if request.backward:
        return Page(items[::-1], has_next=request.before is not None, has_previous=more)
    return Page(
        items,
        has_next=more or request.before is not None,
        has_previous=request.after is not None,
    )


async def fetch_pages(
    db: Executor,
    statement: LiteralString,
    viewer: Viewer,
    parents: Sequence[K],
    request: PageRequest,
    *,
    value_of: Callable[[asyncpg.Record], T],
) -> Mapping[K, Page[T]]:
    """Read a page for each of `parents`; the rows name theirs in the column `parent`."""
    rows = await db.fetch(
        statement,
        viewer.workspace,
        parents,
        *bounds(request),
        request.limit + 1,
        request.backward,
    )
    found: dict[K, list[T]] = {parent: [] for parent in parents}
    for row in rows:
        found[row["parent"]].append(value_of(row))
    return {parent: page(request, values) for parent, values in found.items()}


async def fetch_counts(
    db: Executor, statement: LiteralString, viewer: Viewer, parents: Sequence[K]
) -> Mapping[K, int]:
    """Read the `number` of each of `parents`, 0 where no row names it."""
    rows = await db.fetch(statement, viewer.workspace, parents)
    return dict.fromkeys(parents, 0) | {row["parent"]: row["number"] for row in rows}


def _place(position: Position | None) -> tuple[datetime | None, UUID | None]:
    return (None, None) if position is None else (position.at, position.id)
