"""Keyset pages in both directions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, Protocol, TypeVar
from uuid import UUID

import strawberry

from pipeline.errors import InvalidInput
from pipeline.repositories import Page, PageRequest, Position
from schema.cursors import page_cursor, page_position

T = TypeVar("T")
DEFAULT = 20
MOST = 100

First = Annotated[
    int | None,
    strawberry.argument(
        description="How many from the front; more than 100 are taken as 100. With neither `first` "
        "nor `last`: 20."
    ),
]
After = Annotated[
    str | None, strawberry.argument(description="Only what follows this `endCursor`.")
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description="How many from the back; more than 100 are taken as 100. Not with `first`."
    ),
]
Before = Annotated[
    str | None, strawberry.argument(description="Only what precedes this `startCursor`.")
]


class Row(Protocol):
    """Anything that has a place in a keyset order."""

    @property
    def id(self) -> UUID: ...
    @property
    def created_at(self) -> datetime: ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Window:
    """The page to ask for; where `empty`, only what lies beyond it is of interest."""

    request: PageRequest
    empty: bool

    @classmethod
    def of(
        cls, first: int | None, after: str | None, last: int | None, before: str | None
    ) -> "Window":
        """Raise `InvalidInput` with code BAD_PAGE or BAD_CURSOR, about the argument."""
        if first is not None and last is not None:
            raise InvalidInput(
                "Ask for `first` or for `last`, not both.", field="last", code="BAD_PAGE"
            )
        size = _size(first, last)
        return cls(
            PageRequest(
                limit=max(size, 1),
                after=_position(after, "after"),
                before=_position(before, "before"),
                backward=last is not None,
            ),
            empty=size == 0,
        )


def _size(first: int | None, last: int | None) -> int:
    name, size = ("last", last) if first is None else ("first", first)
    if size is None:
        return DEFAULT
    if size < 0:
        raise InvalidInput(f"`{name}` must not be negative.", field=name, code="BAD_PAGE")
    return min(size, MOST)


def _position(cursor: str | None, field: str) -> Position | None:
    if cursor is None:
        return None
    position = page_position(cursor)
    if position is None:
        raise InvalidInput(f"`{field}` is no cursor of a page.", field=field, code="BAD_CURSOR")
    return position


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool = strawberry.field(description="Whether more follows.")
    has_previous_page: bool = strawberry.field(description="Whether something precedes.")
    start_cursor: str | None = strawberry.field(
        description="The first edge's cursor; null for an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="The last edge's cursor; null for an empty page."
    )


@strawberry.type(description="One entry of a page.")
class Edge(Generic[T]):
    """One entry of a page."""

    node: T = strawberry.field(description="The entry itself.")
    cursor: str = strawberry.field(description="Its place, for `after` and `before`.")


@strawberry.type(description="A page of a list, with what is needed to turn it.")
class Connection(Generic[T]):
    """A page of a list."""

    edges: list[Edge[T]] = strawberry.field(description="The entries, in the list's order.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="How many there are in all; counted only when it is asked for.")
    async def total_count(self) -> int:
        return await self.count()


def connection(
    window: Window,
    page: Page[R],
    convert: Callable[[R], T],
    count: Callable[[], Awaitable[int]],
) -> Connection[T]:
    """Return `page`, read for `window`, as clients see it."""
    rows = () if window.empty else page.items
    cursors = [page_cursor(Position(row.created_at, row.id)) for row in rows]
    beyond = bool(page.items) and window.empty
    return Connection(
        edges=[
            Edge(node=convert(row), cursor=cursor)
            for row, cursor in zip(rows, cursors, strict=True)
        ],
        page_info=PageInfo(
            has_next_page=page.has_next or (beyond and not window.request.backward),
            has_previous_page=page.has_previous or (beyond and window.request.backward),
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
        count=count,
    )
