"""What the API needs from storage: everything is seen through a `Viewer`, and only what is theirs.

Where a method takes many ids it answers with a mapping that lacks those not found, and asks the
database once.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from pipeline.domain import (
    Asset,
    AssetId,
    Brief,
    Feedback,
    FeedbackId,
    FeedbackKind,
    Generation,
    GenerationId,
    GenerationMode,
    GenerationStatus,
    Persona,
    PersonaId,
    Slot,
    Stage,
    StageName,
    Viewer,
)
from pipeline.events import Event

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a keyset order: by time, ties by id."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """The `limit` (1..100) rows after `after`, or with `backward` the last ones before `before`."""

    limit: int = 20
    after: Position | None = None
    before: Position | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Rows in the connection's order."""

    items: tuple[T_co, ...]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationFilter:
    """Empty means all; times are half-open: after <= created < before."""

    status: tuple[GenerationStatus, ...] = ()
    mode: tuple[GenerationMode, ...] = ()
    created_after: datetime | None = None
    created_before: datetime | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The caller's key, with a hash of the whole request, for one mutation."""

    mutation: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A checked request; `upload` holds the bytes of `brief.source` when they are new.

    `image_price` is the most that one image may cost, in US dollars.
    """

    brief: Brief
    upload: bytes | None = None
    image_price: Decimal = Decimal(0)
    warnings: tuple[str, ...] = ()
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackDraft:
    """Feedback that was checked by shape, not yet against what it is about."""

    generation_id: GenerationId
    kind: FeedbackKind
    asset_id: AssetId | None = None
    preferred_over: AssetId | None = None
    rating: int | None = None
    comment: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """How many runs start before it (0: it is next), and when it is expected to start."""

    position: int
    expected_start_at: datetime | None


@dataclass(frozen=True, slots=True)
class Charge:
    """A line of the ledger; amount in US dollars, None where it is not known."""

    model: str
    state: str
    amount: Decimal | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """A workspace's day (UTC) in US dollars; limit None: there is none."""

    limit: Decimal | None
    spent: Decimal
    reserved: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStats:
    """A user's figures over all time."""

    generations: int
    completed: int
    failed: int
    assets: int
    total_cost: Decimal
    average_duration_ms: int | None
    average_rating: float | None
    hearts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyUsage:
    """A workspace's day (UTC); `storage_cost` is an estimate from what is still stored."""

    date: date
    generations: int
    completed: int
    failed: int
    total_cost: Decimal
    storage_cost: Decimal
    average_duration_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStats:
    """How often a stage ran and failed, and how long it took."""

    stage: StageName
    runs: int
    failed: int
    p50_ms: int | None
    p95_ms: int | None


@dataclass(frozen=True, slots=True)
class Durations:
    """How long whole runs of a kind took, in seconds, over `evidence` of them."""

    p50: float | None
    p90: float | None
    evidence: int


class Generations(Protocol):
    """Runs: asking for them, looking at them, and the verbs on them."""

    async def replayed(self, viewer: Viewer, idempotency: Idempotency) -> Generation | None:
        """Return what the same request started before; raise as `submit` does."""
        ...

    async def submit(self, viewer: Viewer, submission: Submission) -> Generation:
        """Store the run, its first event, its job and its upload in one transaction.

        Raises `Conflict` (code IDEMPOTENCY_CONFLICT) for a used key with another request.
        """
        ...

    async def get(self, viewer: Viewer, id: GenerationId) -> Generation | None: ...
    async def by_ids(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, Generation]: ...
    async def page(
        self, viewer: Viewer, request: PageRequest, filter: GenerationFilter
    ) -> Page[Generation]: ...
    async def count(self, viewer: Viewer, filter: GenerationFilter) -> int: ...
    async def children(
        self, viewer: Viewer, ids: Sequence[GenerationId], request: PageRequest
    ) -> Mapping[GenerationId, Page[Generation]]: ...
    async def children_counts(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, int]: ...
    async def stages(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, Sequence[Stage]]:
        """All seven, in pipeline order."""
        ...

    async def slots(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, Sequence[Slot]]: ...
    async def charges(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, Sequence[Charge]]: ...
    async def queue_places(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, QueuePlace]: ...
    async def cancel(self, viewer: Viewer, id: GenerationId) -> Generation:
        """Raise `NotFound`, or `Conflict` where it is finished."""
        ...

    async def retry(
        self,
        viewer: Viewer,
        id: GenerationId,
        from_stage: StageName | None,
        idempotency: Idempotency | None,
    ) -> Generation:
        """Raise `NotFound`, or `Conflict` where there is nothing to retry."""
        ...

    async def delete(self, viewer: Viewer, id: GenerationId) -> None:
        """Raise `NotFound`, or `Conflict` while it runs."""
        ...


class Assets(Protocol):
    """Stored images."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[AssetId]) -> Mapping[AssetId, Asset]: ...
    async def of_generations(
        self, viewer: Viewer, ids: Sequence[GenerationId], request: PageRequest
    ) -> Mapping[GenerationId, Page[Asset]]: ...
    async def counts(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, int]: ...


class FeedbackBook(Protocol):
    """What users did with what they got."""

    async def submit(self, viewer: Viewer, draft: FeedbackDraft) -> Feedback:
        """Raise `NotFound`, `Conflict`, or `InvalidInput` where an asset is not of that run."""
        ...

    async def delete(self, viewer: Viewer, id: FeedbackId) -> None:
        """Raise `NotFound`."""
        ...

    async def by_ids(
        self, viewer: Viewer, ids: Sequence[FeedbackId]
    ) -> Mapping[FeedbackId, Feedback]: ...
    async def of_generations(
        self, viewer: Viewer, ids: Sequence[GenerationId], request: PageRequest
    ) -> Mapping[GenerationId, Page[Feedback]]: ...
    async def counts(
        self, viewer: Viewer, ids: Sequence[GenerationId]
    ) -> Mapping[GenerationId, int]: ...


class Personas(Protocol):
    """The built-in personas and the workspace's own."""

    async def all(self, viewer: Viewer) -> Sequence[Persona]: ...
    async def by_ids(
        self, viewer: Viewer, ids: Sequence[PersonaId]
    ) -> Mapping[PersonaId, Persona]: ...
    async def create(
        self, viewer: Viewer, name: str, description: str, attributes: Mapping[str, Any]
    ) -> Persona:
        """Raise `Conflict` where the name is taken."""
        ...

    async def update(
        self,
        viewer: Viewer,
        id: PersonaId,
        name: str,
        description: str,
        attributes: Mapping[str, Any] | None,
    ) -> Persona:
        """Raise `NotFound`, or `Conflict` where it is built in or the name is taken."""
        ...

    async def delete(self, viewer: Viewer, id: PersonaId) -> None:
        """Raise `NotFound`, or `Conflict` where it is built in."""
        ...


class Usage(Protocol):
    """Figures, from rows that outlive deleted generations."""

    async def user(self, viewer: Viewer) -> UserStats: ...
    async def daily(self, viewer: Viewer, days: int) -> Sequence[DailyUsage]: ...
    async def stages(self, viewer: Viewer, days: int) -> Sequence[StageStats]: ...
    async def durations(self, viewer: Viewer, mode: GenerationMode, model: str) -> Durations: ...
    async def budget(self, viewer: Viewer) -> Budget: ...


class Stream(Protocol):
    """The live log of a workspace."""

    async def head(self, viewer: Viewer) -> int:
        """Return the last workspace_seq."""
        ...

    def follow(
        self, viewer: Viewer, generation: GenerationId | None, after: int | None
    ) -> AsyncIterator[Event]:
        """Yield what came after `after`, then live, without loss, repetition or disorder.

        Of one generation: from its first event without `after`, ending after a terminal
        status that is its last event, or after its deletion. Of the workspace: from now on
        without `after`, never ending. Raises `StreamRefused` before the first event.
        """
        ...

    def watch(
        self,
        viewer: Viewer,
        generation: GenerationId | None,
        after: int | None,
        make: Callable[[Event], T],
        offer: Callable[[Sequence[T]], bool] = ...,
    ) -> AsyncGenerator[Sequence[T]]:
        """Yield likewise, in batches, what `make` makes of the events.

        It makes it once for all who give the same `make`. While a next batch is waited for, `offer`
        may take what comes, at once and before anything is yielded, and then says so.
        """
        ...
