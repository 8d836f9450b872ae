"""Keyset pages: the bounds of a request, and the page that rows make."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import asyncpg

from pipeline.repositories import Page, PageRequest, Position

K = TypeVar("K")
T = TypeVar("T")

Bounds = tuple[datetime | None, UUID | None, datetime | None, UUID | None]
"""Time and id to come after, time and id to come before; None is no bound."""


def bounds(request: PageRequest) -> Bounds:
    """Return the request's bounds as the arguments of a statement."""
    return *_place(request.after), *_place(request.before)


def page(request: PageRequest, found: Sequence[T]) -> Page[T]:
    """Make a page of up to `limit` + 1 rows, which come last first where it is backward."""
    more = len(found) > request.limit
    items = tuple(found[: request.limit])
    if request.backward:
        return Page(items[::-1], has_next=request.before is not None, has_previous=more)
    return Page(
        items,
        has_next=more or request.before is not None,
        has_previous=request.after is not None,
    )


def pages(
    request: PageRequest,
    rows: Iterable[asyncpg.Record],
    parents: Iterable[K],
    value_of: Callable[[asyncpg.Record], T],
) -> Mapping[K, Page[T]]:
    """Make a page for each of `parents` from rows that name theirs in the column `parent`."""
    found: dict[K, list[T]] = {parent: [] for parent in parents}
    for row in rows:
        found[row["parent"]].append(value_of(row))
    return {parent: page(request, values) for parent, values in found.items()}


def _place(position: Position | None) -> tuple[datetime | None, UUID | None]:
    return (None, None) if position is None else (position.at, position.id)
