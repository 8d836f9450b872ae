from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest

from pipeline.domain import (
    AspectRatio,
    Brief,
    Facts,
    FinalPrompt,
    Generation,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    GenerationStatus,
    PartOrigin,
    Persona,
    PersonaId,
    PersonaMatch,
    PromptPart,
    Route,
    RouteCandidate,
    StageName,
    StageStatus,
    Viewer,
)
from pipeline.errors import NotFound
from pipeline.repositories import GenerationFilter, Page, PageRequest, Position, Submission
from pipeline.spec import GarmentSpec, SpecSource, SpecText
from storage.codec import encode
from storage.generations import Generations

ALL = GenerationFilter()

INSERT_MANY = """
insert into generations (id, workspace_id, user_id, mode, status, settings, prompt, created_at,
                         parent_id)
select gen_random_uuid(), $1, $2, case n % 2 when 0 then 'FROM_PROMPT' else 'FROM_SPEC' end,
       case n % 3 when 0 then 'COMPLETED' when 1 then 'FAILED' else 'PENDING' end, $4,
       'gown number ' || n, timestamptz '2026-01-01 00:00Z' + (n / 2) * interval '1 minute', $5
  from generate_series(1, $3::int) as n
"""


async def insert_many(
    pool: asyncpg.Pool, viewer: Viewer, number: int, parent: GenerationId | None = None
) -> None:
    settings = encode(GenerationSettings())
    await pool.execute(INSERT_MANY, viewer.workspace, viewer.user, number, settings, parent)


def place(generation: Generation) -> Position:
    return Position(generation.created_at, generation.id)


def order(page: Page[Generation]) -> list[Position]:
    return [place(generation) for generation in page.items]


async def test_what_was_asked_comes_back(generations: Generations, viewer: Viewer) -> None:
    spec = GarmentSpec(fabric=SpecText("silk", 1.0, SpecSource.DESIGNER, locked=True))
    settings = GenerationSettings(
        aspect_ratio=AspectRatio.PORTRAIT_3_4, count=2, seed=5, max_cost=Decimal("0.25")
    )
    brief = Brief(mode=GenerationMode.FROM_SPEC, prompt="slim", spec=spec, settings=settings)
    submitted = await generations.submit(viewer, Submission(brief=brief, warnings=("One.",)))
    shown = await generations.get(viewer, submitted.id)
    assert shown == submitted
    assert shown.brief == brief
    assert shown.facts == Facts(spec=spec, warnings=("One.",))
    assert shown.status is GenerationStatus.PENDING
    assert shown.head == 1


async def test_settled_facts_are_shown(
    pool: asyncpg.Pool,
    generations: Generations,
    viewer: Viewer,
    start: Callable[[Viewer], Awaitable[GenerationId]],
) -> None:
    persona = Persona(
        id=PersonaId(uuid4()),
        name="Quiet",
        description="Little.",
        attributes={"palette": ["ecru"]},
        built_in=True,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    facts = Facts(
        spec=GarmentSpec(raw={"hem": "raw"}),
        persona=PersonaMatch(persona, 0.5, "It fits."),
        route=Route(
            "sketch",
            "The only one.",
            (
                RouteCandidate(
                    model="sketch", eligible=True, reason="Here.", estimated_cost=Decimal("0.01")
                ),
            ),
        ),
        final_prompt=FinalPrompt(text="a gown", parts=(PromptPart("a gown", PartOrigin.DESIGNER),)),
        warnings=("One.",),
    )
    generation = await start(viewer)
    await pool.execute(
        "update generations set pipeline_data = $2 where id = $1", generation, encode(facts)
    )
    shown = await generations.get(viewer, generation)
    assert shown is not None
    assert shown.facts == facts


async def test_another_users_run_is_not_there(
    generations: Generations,
    viewer: Viewer,
    stranger: Viewer,
    start: Callable[[Viewer], Awaitable[GenerationId]],
) -> None:
    generation = await start(viewer)
    ids = [generation]
    assert await generations.get(stranger, generation) is None
    assert await generations.stages(stranger, ids) == {}
    assert await generations.slots(stranger, ids) == {}
    assert await generations.queue_places(stranger, ids) == {}
    assert await generations.count(stranger, ALL) == 0
    assert (await generations.page(stranger, PageRequest(), ALL)).items == ()
    with pytest.raises(NotFound):
        await generations.cancel(stranger, generation)


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("search", [None, "gown"])
async def test_pages_meet_without_gap_or_overlap(
    pool: asyncpg.Pool,
    generations: Generations,
    viewer: Viewer,
    backward: bool,
    search: str | None,
) -> None:
    await insert_many(pool, viewer, 23)
    wanted = GenerationFilter(search=search)
    whole = await generations.page(viewer, PageRequest(limit=100), wanted)
    assert len(whole.items) == 23
    assert order(whole) == sorted(
        order(whole), key=lambda place: (place.at, place.id), reverse=True
    )
    seen: list[Position] = []
    request = PageRequest(limit=5, backward=backward)
    while True:
        page = await generations.page(viewer, request, wanted)
        seen = order(page) + seen if backward else seen + order(page)
        if not (page.has_previous if backward else page.has_next):
            break
        if backward:
            request = replace(request, before=place(page.items[0]))
        else:
            request = replace(request, after=place(page.items[-1]))
    assert seen == order(whole)


async def test_a_page_says_what_lies_around_it(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer
) -> None:
    await insert_many(pool, viewer, 4)
    first = await generations.page(viewer, PageRequest(limit=2), ALL)
    assert (first.has_previous, first.has_next) == (False, True)
    rest = await generations.page(viewer, PageRequest(limit=2, after=order(first)[-1]), ALL)
    assert (rest.has_previous, rest.has_next) == (True, False)
    back = PageRequest(limit=2, before=order(rest)[0], backward=True)
    assert await generations.page(viewer, back, ALL) == replace(first, has_next=True)


async def test_filters_narrow_pages_and_counts_alike(
    pool: asyncpg.Pool, generations: Generations, viewer: Viewer
) -> None:
    await insert_many(pool, viewer, 12)
    begin = datetime(2026, 1, 1, 0, 2, tzinfo=UTC)
    for wanted, number in (
        (GenerationFilter(status=(GenerationStatus.FAILED,)), 4),
        (GenerationFilter(status=(GenerationStatus.FAILED, GenerationStatus.PENDING)), 8),
        (GenerationFilter(mode=(GenerationMode.FROM_SPEC,)), 6),
        (GenerationFilter(created_after=begin, created_before=begin + timedelta(minutes=1)), 2),
        (GenerationFilter(search="gowns number 7"), 1),
        (GenerationFilter(search='"number 7"', status=(GenerationStatus.PENDING,)), 0),
        (GenerationFilter(search="trousers"), 0),
    ):
        page = await generations.page(viewer, PageRequest(limit=100), wanted)
        assert len(page.items) == number, wanted
        assert await generations.count(viewer, wanted) == number, wanted


async def test_search_reads_the_final_prompt_and_the_spec(
    pool: asyncpg.Pool,
    generations: Generations,
    viewer: Viewer,
    start: Callable[[Viewer], Awaitable[GenerationId]],
) -> None:
    generation = await start(viewer)
    facts = Facts(
        spec=GarmentSpec(fabric=SpecText("bouclé", 0.9, SpecSource.ANALYSIS)),
        final_prompt=FinalPrompt(text="a sculptural jacket"),
    )
    await pool.execute(
        "update generations set pipeline_data = $2 where id = $1", generation, encode(facts)
    )
    for words in ("sculptural", "bouclé", "gown -velvet"):
        assert await generations.count(viewer, GenerationFilter(search=words)) == 1, words
    assert await generations.count(viewer, GenerationFilter(search="gown -bouclé")) == 0


async def test_children_come_in_pages_for_many_parents_at_once(
    pool: asyncpg.Pool,
    generations: Generations,
    viewer: Viewer,
    start: Callable[[Viewer], Awaitable[GenerationId]],
) -> None:
    many, few, none = [await start(viewer) for _ in range(3)]
    await insert_many(pool, viewer, 5, many)
    await insert_many(pool, viewer, 2, few)
    parents = [many, few, none]
    newest = await generations.children(viewer, parents, PageRequest(limit=3))
    assert [len(newest[parent].items) for parent in parents] == [3, 2, 0]
    assert [newest[parent].has_next for parent in parents] == [True, False, False]
    oldest = await generations.children(viewer, parents, PageRequest(limit=3, backward=True))
    assert oldest[many].has_previous
    assert order(newest[many])[-1] == order(oldest[many])[0]
    assert len(set(order(newest[many]) + order(oldest[many]))) == 5
    counts = await generations.children_counts(viewer, parents)
    assert counts == {many: 5, few: 2, none: 0}


async def test_a_new_run_has_seven_stages_and_its_slots(
    generations: Generations,
    viewer: Viewer,
) -> None:
    brief = Brief(
        mode=GenerationMode.FROM_PROMPT, prompt="x", settings=GenerationSettings(count=3, seed=40)
    )
    generation = (await generations.submit(viewer, Submission(brief=brief))).id
    stages = (await generations.stages(viewer, [generation]))[generation]
    assert [stage.name for stage in stages] == list(StageName)
    assert {stage.status for stage in stages} == {StageStatus.PENDING}
    slots = (await generations.slots(viewer, [generation]))[generation]
    assert [(slot.index, slot.seed) for slot in slots] == [(0, 40), (1, 41), (2, 42)]


async def test_charges_are_listed_as_they_were_made(
    pool: asyncpg.Pool,
    generations: Generations,
    viewer: Viewer,
    start: Callable[[Viewer], Awaitable[GenerationId]],
) -> None:
    paid, free = await start(viewer), await start(viewer)
    for amount in ("0.04", "0.05"):
        await pool.execute(
            "insert into charges (id, workspace_id, user_id, generation_id, slot, attempt, model,"
            " state, amount) values ($1, $2, $3, $4, 0, 1, 'm', 'SETTLED', $5)",
            uuid4(),
            viewer.workspace,
            viewer.user,
            paid,
            Decimal(amount),
        )
    charges = await generations.charges(viewer, [paid, free])
    assert [charge.amount for charge in charges[paid]] == [Decimal("0.04"), Decimal("0.05")]
    assert charges[free] == []


async def test_verbs_answer_with_the_run_as_it_is_now(
    generations: Generations, viewer: Viewer, start: Callable[[Viewer], Awaitable[GenerationId]]
) -> None:
    generation = await start(viewer)
    cancelled = await generations.cancel(viewer, generation)
    assert cancelled.status is GenerationStatus.CANCELLED
    retried = await generations.retry(viewer, generation, None, None)
    assert (retried.status, retried.attempt) == (GenerationStatus.PENDING, 2)
    assert retried.head > cancelled.head
    await generations.cancel(viewer, generation)
    await generations.delete(viewer, generation)
    assert await generations.get(viewer, generation) is None
