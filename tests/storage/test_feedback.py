import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from pipeline.domain import (
    Asset,
    AssetId,
    AssetKind,
    Facts,
    FeedbackKind,
    FinalPrompt,
    GenerationId,
    GenerationStatus,
    PartOrigin,
    PromptPart,
    Viewer,
)
from pipeline.errors import Conflict, InvalidInput, NotFound
from pipeline.repositories import FeedbackDraft, Idempotency, PageRequest
from storage.codec import encode
from storage.feedback import FeedbackBook
from storage.generations import Generations
from storage.signals import FeedbackSignals

Start = Callable[[Viewer], Awaitable[GenerationId]]
End = Callable[[GenerationId, GenerationStatus], Awaitable[None]]
Deliver = Callable[[Viewer, GenerationId, AssetKind], Awaitable[Asset]]


@pytest.fixture
def book(pool: asyncpg.Pool) -> FeedbackBook:
    return FeedbackBook(pool)


@pytest.fixture
async def generation(viewer: Viewer, start: Start, end: End) -> GenerationId:
    started = await start(viewer)
    await end(started, GenerationStatus.COMPLETED)
    return started


@pytest.fixture
async def asset(viewer: Viewer, generation: GenerationId, deliver: Deliver) -> AssetId:
    return (await deliver(viewer, generation, AssetKind.GENERATED)).id


def rating(generation: GenerationId, asset: AssetId | None, stars: int) -> FeedbackDraft:
    return FeedbackDraft(
        generation_id=generation, asset_id=asset, kind=FeedbackKind.RATING, rating=stars
    )


def comment(generation: GenerationId, text: str) -> FeedbackDraft:
    return FeedbackDraft(generation_id=generation, kind=FeedbackKind.COMMENT, comment=text)


async def test_a_rating_is_replaced_and_keeps_its_id(
    book: FeedbackBook, viewer: Viewer, generation: GenerationId, asset: AssetId
) -> None:
    first = await book.submit(viewer, rating(generation, asset, 2))
    second = await book.submit(viewer, rating(generation, asset, 5))
    assert (second.id, second.created_at) == (first.id, first.created_at)
    assert second.rating == 5
    assert second.updated_at > first.updated_at
    whole = await book.submit(viewer, rating(generation, None, 3))
    assert whole.id != first.id
    assert await book.counts(viewer, [generation]) == {generation: 2}


async def test_simultaneous_hearts_are_one(
    book: FeedbackBook, viewer: Viewer, generation: GenerationId
) -> None:
    heart = FeedbackDraft(generation_id=generation, kind=FeedbackKind.HEART)
    given = await asyncio.gather(*(book.submit(viewer, heart) for _ in range(8)))
    assert len({feedback.id for feedback in given}) == 1
    assert await book.counts(viewer, [generation]) == {generation: 1}


async def test_comments_add_and_come_oldest_first(
    book: FeedbackBook, viewer: Viewer, generation: GenerationId
) -> None:
    given = [await book.submit(viewer, comment(generation, text)) for text in "abc"]
    pages = await book.of_generations(viewer, [generation], PageRequest(limit=2))
    assert pages[generation].items == tuple(given[:2])
    assert pages[generation].has_next
    assert await book.by_ids(viewer, [given[2].id]) == {given[2].id: given[2]}


@pytest.mark.parametrize(
    "status", [status for status in GenerationStatus if status is not GenerationStatus.COMPLETED]
)
async def test_only_a_completed_run_takes_feedback(
    book: FeedbackBook,
    viewer: Viewer,
    generation: GenerationId,
    end: End,
    status: GenerationStatus,
) -> None:
    await end(generation, status)
    with pytest.raises(Conflict, match=status):
        await book.submit(viewer, comment(generation, "x"))


async def test_feedback_is_about_what_the_run_made(
    *,
    book: FeedbackBook,
    viewer: Viewer,
    stranger: Viewer,
    generation: GenerationId,
    start: Start,
    deliver: Deliver,
) -> None:
    source = await deliver(viewer, generation, AssetKind.SOURCE)
    elsewhere = await deliver(viewer, await start(viewer), AssetKind.GENERATED)
    foreign = await deliver(stranger, await start(stranger), AssetKind.GENERATED)
    for asset in (source, elsewhere):
        with pytest.raises(InvalidInput) as refused:
            await book.submit(viewer, rating(generation, asset.id, 4))
        assert refused.value.field == "assetId"
    for unknown in (foreign.id, AssetId(uuid4())):
        with pytest.raises(NotFound):
            await book.submit(viewer, rating(generation, unknown, 4))
    with pytest.raises(NotFound):
        await book.submit(stranger, comment(generation, "x"))
    assert await book.counts(viewer, [generation]) == {generation: 0}


async def test_a_preference_compares_two_images_of_the_generation(
    *,
    book: FeedbackBook,
    viewer: Viewer,
    stranger: Viewer,
    generation: GenerationId,
    asset: AssetId,
    start: Start,
    deliver: Deliver,
) -> None:
    other = await deliver(viewer, generation, AssetKind.GENERATED)
    elsewhere = await deliver(viewer, await start(viewer), AssetKind.GENERATED)
    foreign = await deliver(stranger, await start(stranger), AssetKind.GENERATED)
    draft = FeedbackDraft(
        generation_id=generation,
        kind=FeedbackKind.PREFERRED,
        asset_id=asset,
        preferred_over=other.id,
    )
    given = await book.submit(viewer, draft)
    assert (given.asset_id, given.preferred_over) == (asset, other.id)
    with pytest.raises(NotFound):
        await book.submit(viewer, replace(draft, preferred_over=foreign.id))
    for wrong, field in (
        (replace(draft, asset_id=None), "assetId"),
        (replace(draft, preferred_over=None), "preferredOverAssetId"),
        (replace(draft, preferred_over=asset), "preferredOverAssetId"),
        (replace(draft, preferred_over=elsewhere.id), "preferredOverAssetId"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await book.submit(viewer, wrong)
        assert refused.value.field == field


async def test_the_same_key_answers_with_the_same_feedback(
    book: FeedbackBook, viewer: Viewer, generation: GenerationId
) -> None:
    await book.submit(viewer, rating(generation, None, 1))
    once = replace(
        rating(generation, None, 4), idempotency=Idempotency("submitFeedback", "k", b"hash")
    )
    first = await book.submit(viewer, once)
    await book.submit(viewer, rating(generation, None, 2))
    again = await book.submit(viewer, once)
    assert again.id == first.id
    assert again.rating == 2
    other = replace(once, idempotency=Idempotency("submitFeedback", "k", b"other"))
    with pytest.raises(Conflict) as refused:
        await book.submit(viewer, other)
    assert refused.value.code == "IDEMPOTENCY_CONFLICT"


async def test_feedback_is_taken_back_by_who_gave_it(
    book: FeedbackBook, viewer: Viewer, stranger: Viewer, generation: GenerationId
) -> None:
    given = await book.submit(viewer, comment(generation, "x"))
    assert await book.by_ids(stranger, [given.id]) == {}
    with pytest.raises(NotFound):
        await book.delete(stranger, given.id)
    await book.delete(viewer, given.id)
    with pytest.raises(NotFound):
        await book.delete(viewer, given.id)
    assert await book.counts(viewer, [generation]) == {generation: 0}


async def test_signals_carry_the_prompt_they_are_about(
    *,
    pool: asyncpg.Pool,
    book: FeedbackBook,
    generations: Generations,
    viewer: Viewer,
    stranger: Viewer,
    generation: GenerationId,
) -> None:
    parts = (
        PromptPart("bias cut", PartOrigin.LEARNER, "Liked."),
        PromptPart("x", PartOrigin.MODEL),
    )
    facts = Facts(final_prompt=FinalPrompt(text="x", parts=parts))
    await pool.execute(
        "update generations set pipeline_data = $2 where id = $1", generation, encode(facts)
    )
    await book.submit(viewer, rating(generation, None, 4))
    await book.submit(viewer, FeedbackDraft(generation_id=generation, kind=FeedbackKind.HEART))
    signals = FeedbackSignals(pool)
    recent = await signals.recent(viewer.workspace)
    assert [(signal.kind, signal.rating) for signal in recent] == [
        (FeedbackKind.HEART, None),
        (FeedbackKind.RATING, 4),
    ]
    assert {signal.parts for signal in recent} == {parts}
    assert await signals.recent(stranger.workspace) == []
    await generations.delete(viewer, generation)
    assert await signals.recent(viewer.workspace) == []
