"""Batched reads: one question to the database a level of the query, however wide it is."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Never, TypeVar

from strawberry.dataloader import DataLoader

from pipeline.domain import (
    Asset,
    AssetId,
    Feedback,
    FeedbackId,
    Generation,
    GenerationId,
    Persona,
    PersonaId,
    Slot,
    Stage,
    Viewer,
)
from pipeline.repositories import Charge, Page, PageRequest, QueuePlace
from schema.library import Library

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class PageKey:
    """A page of what belongs to one generation."""

    parent: GenerationId
    request: PageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaders:
    """The loaders of one request; an id that is unknown or foreign loads as None or as empty."""

    generations: DataLoader[GenerationId, Generation | None]
    stages: DataLoader[GenerationId, Sequence[Stage]]
    slots: DataLoader[GenerationId, Sequence[Slot]]
    charges: DataLoader[GenerationId, Sequence[Charge]]
    queue_places: DataLoader[GenerationId, QueuePlace | None]
    children: DataLoader[PageKey, Page[Generation]]
    child_counts: DataLoader[GenerationId, int]
    assets: DataLoader[AssetId, Asset | None]
    asset_pages: DataLoader[PageKey, Page[Asset]]
    asset_counts: DataLoader[GenerationId, int]
    feedback: DataLoader[FeedbackId, Feedback | None]
    feedback_pages: DataLoader[PageKey, Page[Feedback]]
    feedback_counts: DataLoader[GenerationId, int]
    personas: DataLoader[PersonaId, Persona | None]
    degraded: DataLoader[str, bool]


def build_loaders(viewer: Viewer, library: Library) -> Loaders:
    """Return loaders that see with the eyes of `viewer`."""
    runs, assets, book = library.generations, library.assets, library.feedback
    nothing: tuple[()] = ()
    return Loaders(
        generations=_keyed(viewer, runs.by_ids, None),
        stages=_keyed(viewer, runs.stages, nothing),
        slots=_keyed(viewer, runs.slots, nothing),
        charges=_keyed(viewer, runs.charges, nothing),
        queue_places=_keyed(viewer, runs.queue_places, None),
        children=_paged(viewer, runs.children),
        child_counts=_keyed(viewer, runs.children_counts, 0),
        assets=_keyed(viewer, assets.by_ids, None),
        asset_pages=_paged(viewer, assets.of_generations),
        asset_counts=_keyed(viewer, assets.counts, 0),
        feedback=_keyed(viewer, book.by_ids, None),
        feedback_pages=_paged(viewer, book.of_generations),
        feedback_counts=_keyed(viewer, book.counts, 0),
        personas=_keyed(viewer, library.personas.by_ids, None),
        degraded=_among(library.degraded),
    )


def _keyed(
    viewer: Viewer,
    read: Callable[[Viewer, Sequence[K]], Awaitable[Mapping[K, T]]],
    missing: D,
) -> DataLoader[K, T | D]:
    async def load(keys: list[K]) -> list[T | D]:
        found = await read(viewer, list(dict.fromkeys(keys)))
        return [found.get(key, missing) for key in keys]

    return _uncached(load)


def _paged(
    viewer: Viewer,
    read: Callable[
        [Viewer, Sequence[GenerationId], PageRequest], Awaitable[Mapping[GenerationId, Page[T]]]
    ],
) -> DataLoader[PageKey, Page[T]]:
    async def load(keys: list[PageKey]) -> list[Page[T]]:
        parents: dict[PageRequest, list[GenerationId]] = defaultdict(list)
        for key in dict.fromkeys(keys):
            parents[key.request].append(key.parent)
        found = {request: await read(viewer, ids, request) for request, ids in parents.items()}
        return [found[key.request].get(key.parent, _empty()) for key in keys]

    return _uncached(load)


def _among(read: Callable[[], Awaitable[frozenset[str]]]) -> DataLoader[str, bool]:
    async def load(keys: list[str]) -> list[bool]:
        found = await read()
        return [key in found for key in keys]

    return _uncached(load)


def _uncached(load: Callable[[list[K]], Awaitable[Sequence[T]]]) -> DataLoader[K, T]:
    # A subscription reads on for hours with one context, and what it remembered would grow stale.
    return DataLoader(load_fn=load, cache=False)


def _empty() -> Page[Never]:
    return Page((), has_next=False, has_previous=False)
