"""What a quote says of money and time, and that the request is held to it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import asyncpg
import pytest
from strawberry.types import ExecutionResult

from pipeline.beside import Helper, Helpers
from pipeline.domain import Viewer
from resolvers.api import schema
from schema.context import Context, Library
from schema.ids import Kind, global_id
from storage.budgets import set_budget
from storage.paces import words as paid_for_words

Ask = Callable[..., Awaitable[Any]]

QUOTE = """query ($input: QuoteInput!) { it: quote(input: $input) {
  __typename
  ... on UserError { message }
  ... on BudgetExceeded { needed available }
  ... on Quote {
    model { key availability } cost costMax wordsCost withinBudget refusalCharged refusalNote
    durationSecondsP50 durationSecondsP90 evidence
    route { reason candidates { model { key } eligible reason estimatedCost } }
  }
} }"""
START = """mutation ($input: GenerateFromPromptInput!) { it: generateFromPrompt(input: $input) {
  __typename
  ... on BudgetExceeded { needed available }
} }"""
SUCCESSFUL = """
insert into generations (id, workspace_id, user_id, mode, status, settings, prompt, created_at,
                         completed_at, pipeline_data)
select gen_random_uuid(), $1, $2, 'FROM_PROMPT', 'COMPLETED', '{}', 'a gown', now(),
       now() + seconds * interval '1 second', '{"route": {"model": "flux-schnell"}}'
  from unnest(array[10, 20 + 1 / 3.0, 30]) as seconds
"""
PAID_WORDS = """
insert into charges (id, generation_id, workspace_id, user_id, slot, attempt, model, provider,
                     state, reserved, amount)
select gen_random_uuid(), gen_random_uuid(), $1, $2, -1, 1, 'reader', 'openai', 'SETTLED', 0.004,
       amount
  from unnest(array[0.005, 0.006, 0.007]) as amount
"""


async def ill() -> frozenset[str]:
    return frozenset({"replicate"})


@pytest.fixture
def rich(library: Library) -> Library:
    """Give a library with keys for both providers."""
    return replace(library, providers=frozenset({"replicate", "openai"}))


@pytest.fixture
def ask_rich(rich: Library, viewer: Viewer) -> Ask:
    """Give a function that executes an operation there and returns its answer."""

    async def execute(operation: str, *, by: Library = rich, **wanted: Any) -> Any:
        answer: ExecutionResult = await schema.execute(
            operation,
            variable_values={"input": wanted},
            context_value=Context.of(viewer, by),
        )
        assert answer.errors is None
        assert answer.data is not None
        return answer.data["it"]

    return execute


async def quote(ask: Ask, **settings: Any) -> Any:
    return await ask(QUOTE, mode="FROM_PROMPT", prompt="a gown", settings=settings)


async def test_the_most_is_what_the_dearest_stand_in_would_cost(ask_rich: Ask) -> None:
    it = await quote(ask_rich, provider="replicate", count=2, maxCost="0.20")
    costs = {
        one["model"]["key"]: Decimal(one["estimatedCost"])
        for one in it["route"]["candidates"]
        if one["eligible"]
    }
    assert Decimal(it["cost"]) == costs[it["model"]["key"]]
    assert Decimal(it["costMax"]) == max(costs.values())
    assert it["withinBudget"] is True


async def test_a_wish_has_no_stand_in(ask_rich: Ask) -> None:
    it = await quote(ask_rich, model="flux-schnell", count=3)
    assert it["cost"] == it["costMax"] == "0.009"


async def test_a_photo_is_in_the_price_where_photos_cost(ask_rich: Ask) -> None:
    wish = {"model": "gpt-image-2.5-flare", "enhance": False}
    words = await ask_rich(QUOTE, mode="FROM_PROMPT", prompt="a gown", settings=wish)
    photo = await ask_rich(QUOTE, mode="FROM_IMAGE", prompt="a gown", settings=wish)
    assert Decimal(photo["cost"]) > Decimal(words["cost"]) * Decimal("1.1")
    longer = await ask_rich(
        QUOTE, mode="FROM_PROMPT", prompt="a gown", negativePrompt="blur " * 100, settings=wish
    )
    assert Decimal(longer["cost"]) > Decimal(words["cost"])


HELPERS = Helpers(
    reading=Helper("reader", Decimal("0.002"), Decimal("0.004")),
    writing=Helper("writer", Decimal("0.0001"), Decimal("0.0005")),
)


@pytest.mark.parametrize(
    ("asked", "words", "most"),
    [
        ({"mode": "FROM_IMAGE"}, "0.0021", "0.0075"),
        ({"mode": "FROM_IMAGE", "settings": {"enhance": False}}, "0.002", "0.007"),
        ({"mode": "FROM_IMAGE", "settings": {"confidential": True}}, "0", None),
        ({"mode": "FROM_IMAGE", "settings": {"maxCost": "1"}}, "0", "0.003"),
        ({"mode": "FROM_PROMPT", "prompt": "a gown"}, "0", "0.003"),
        (
            {"mode": "FROM_PROMPT", "prompt": "a gown", "settings": {"enhance": True}},
            "0.0001",
            "0.0035",
        ),
        ({"mode": "FROM_SPEC", "spec": {"garmentType": "dress"}}, "0.0001", "0.0035"),
    ],
)
async def test_words_of_hosted_models_are_in_the_price(
    ask_rich: Ask, rich: Library, asked: dict[str, Any], words: str, most: str | None
) -> None:
    settings = {"model": "flux-schnell", **asked.get("settings", {})}
    discreet = settings.get("confidential", False)
    wish = {**asked, "settings": {**settings, "model": None} if discreet else settings}
    it = await ask_rich(QUOTE, by=replace(rich, helpers=HELPERS), **wish)
    assert it["wordsCost"] == words
    if most:
        assert Decimal(it["cost"]) == Decimal("0.003") + Decimal(words)
        assert it["costMax"] == most


async def test_what_words_have_cost_goes_before_what_they_should_cost(
    ask_rich: Ask, rich: Library, pool: asyncpg.Pool, viewer: Viewer
) -> None:
    await pool.execute(PAID_WORDS, viewer.workspace, viewer.user)
    experienced = replace(rich, helpers=HELPERS, words=partial(paid_for_words, pool))
    it = await ask_rich(
        QUOTE, by=experienced, mode="FROM_IMAGE", settings={"model": "flux-schnell"}
    )
    assert (it["wordsCost"], it["costMax"]) == ("0.0061", "0.0095")


async def test_a_stored_photo_is_quoted_by_its_shape(
    ask_rich: Ask, pool: asyncpg.Pool, start: Any, complete: Any
) -> None:
    asset = await complete(await start())
    wish = {"mode": "FROM_IMAGE", "settings": {"model": "gpt-image-2.5-flare", "enhance": False}}
    usual = await ask_rich(QUOTE, **wish)
    costs: list[Decimal] = []
    for width, height in ((64, 48), (64, 64), (640, 64)):
        await pool.execute("update generation_assets set width = $1, height = $2", width, height)
        own = await ask_rich(QUOTE, **wish, assetId=global_id(Kind.ASSET, asset.id))
        costs.append(Decimal(own["cost"]) - Decimal(usual["cost"]))
    assert costs == [0, Decimal("-0.001032"), Decimal("0.008256")]
    stranger = await ask_rich(QUOTE, **wish, assetId="nonsense")
    assert stranger["__typename"] == "NotFound"


@pytest.mark.parametrize(
    ("model", "charged", "note"),
    [
        ("flux-schnell", None, "nothing of refused ones (https://replicate.com/"),
        ("gpt-image-2.5-flare", None, "does not say that it is free (https://developers.openai"),
        ("sketch", False, "refuses nothing"),
    ],
)
async def test_whether_a_refusal_costs_money_and_from_where_that_is_known(
    ask_rich: Ask, model: str, charged: bool | None, note: str
) -> None:
    it = await quote(ask_rich, model=model)
    assert it["refusalCharged"] is charged
    assert note in it["refusalNote"]


async def test_times_are_from_own_history(
    ask_rich: Ask, pool: asyncpg.Pool, viewer: Viewer
) -> None:
    await pool.execute(SUCCESSFUL, viewer.workspace, viewer.user)
    it = await quote(ask_rich, model="flux-schnell")
    assert (it["durationSecondsP50"], it["durationSecondsP90"], it["evidence"]) == (
        20.333,
        28.067,
        3,
    )


async def test_a_quote_goes_beyond_the_budget_and_the_request_does_not(
    ask_rich: Ask, pool: asyncpg.Pool, viewer: Viewer
) -> None:
    await set_budget(pool, viewer.workspace, Decimal("0.10"))
    settings = {"model": "nano-banana-pro"}
    it = await quote(ask_rich, **settings)
    assert (it["cost"], it["withinBudget"]) == ("0.15", False)
    refused = await ask_rich(START, prompt="a gown", settings=settings)
    assert refused == {"__typename": "BudgetExceeded", "needed": "0.15", "available": "0.1"}
    assert await pool.fetchval("select count(*) from generations") == 0


async def test_what_is_set_aside_lowers_what_the_next_may_cost(
    ask_rich: Ask, pool: asyncpg.Pool, viewer: Viewer
) -> None:
    await set_budget(pool, viewer.workspace, Decimal("0.20"))
    settings = {"model": "nano-banana-pro"}
    assert (await quote(ask_rich, **settings))["withinBudget"] is True
    assert (await ask_rich(START, prompt="a gown", settings=settings))["__typename"] == "Generation"
    assert (await quote(ask_rich, **settings))["withinBudget"] is False


async def test_what_costs_who_knows_what_is_refused_where_there_is_a_budget(
    ask_rich: Ask, pool: asyncpg.Pool, viewer: Viewer
) -> None:
    settings = {"model": "seedream-4"}
    free = await quote(ask_rich, **settings)
    assert free["cost"] is free["costMax"] is None
    await set_budget(pool, viewer.workspace, Decimal(100))
    assert (await quote(ask_rich, **settings))["withinBudget"] is False
    refused = await ask_rich(START, prompt="a gown", settings=settings)
    assert refused == {"__typename": "BudgetExceeded", "needed": None, "available": "100"}


async def test_a_limit_of_the_request_refuses_the_quote_too(ask_rich: Ask) -> None:
    it = await quote(ask_rich, model="nano-banana-pro", maxCost="0.10")
    assert (it["__typename"], it["needed"]) == ("BudgetExceeded", "0.15")


async def test_models_of_a_provider_that_is_out_of_order_are_degraded(
    ask_rich: Ask, rich: Library
) -> None:
    sick = replace(rich, degraded=ill)
    it = await ask_rich(QUOTE, by=sick, mode="FROM_PROMPT", settings={"provider": "openai"})
    assert it["model"]["availability"] == "AVAILABLE"
    answer = await ask_rich(QUOTE, by=sick, mode="FROM_PROMPT", settings={"provider": "replicate"})
    assert answer["model"]["availability"] == "DEGRADED"
    assert "out of order" in answer["route"]["reason"]


async def test_the_models_say_that_they_are_degraded(rich: Library, viewer: Viewer) -> None:
    answer = await schema.execute(
        "{ models { provider availability } }",
        context_value=Context.of(viewer, replace(rich, degraded=ill)),
    )
    assert answer.data is not None
    found = {(one["provider"], one["availability"]) for one in answer.data["models"]}
    assert ("replicate", "DEGRADED") in found
    assert ("replicate", "AVAILABLE") not in found
    assert ("replicate", "RETIRED") in found
    assert ("openai", "AVAILABLE") in found


async def test_a_ratio_that_is_cut_has_a_price_and_goes_under_a_limit(ask_rich: Ask) -> None:
    wish = {"model": "gpt-image-1.5", "aspectRatio": "LANDSCAPE_16_9", "maxCost": "0.10"}
    cut, made = [
        await quote(ask_rich, **{**wish, "aspectRatio": ratio})
        for ratio in ("LANDSCAPE_16_9", "LANDSCAPE_3_2")
    ]
    assert cut["cost"] == made["cost"] is not None
