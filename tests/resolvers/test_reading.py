"""The fields that read."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import Asset, Viewer
from pipeline.personas.built_in import BUILT_IN
from schema.ids import Kind, global_id

Ask = Callable[..., Awaitable[ExecutionResult]]
Start = Callable[..., Awaitable[str]]


async def data(ask: Ask, operation: str, **variables: Any) -> dict[str, Any]:
    result = await ask(operation, **variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data


async def test_the_viewer_has_a_name_a_workspace_and_a_budget(
    ask: Ask, viewer: Viewer, start: Start
) -> None:
    await start()
    seen = (
        await data(
            ask,
            """{ viewer { id name workspace { id name } cursor
                 stats { generations completed failed assets totalCost averageDurationMs
                         averageRating hearts }
                 budget { limit spent reserved resetsAt } } }""",
        )
    )["viewer"]
    assert seen.pop("cursor")
    assert seen == {
        "id": global_id(Kind.USER, viewer.user),
        "name": "Ada",
        "workspace": {"id": global_id(Kind.WORKSPACE, viewer.workspace), "name": "Ada"},
        "stats": {
            "generations": 1,
            "completed": 0,
            "failed": 0,
            "assets": 0,
            "totalCost": "0",
            "averageDurationMs": None,
            "averageRating": None,
            "hearts": 0,
        },
        "budget": {
            "limit": None,
            "spent": "0",
            "reserved": "0",
            "resetsAt": "2026-11-24T00:00:00Z",
        },
    }


NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


async def test_a_node_is_found_by_its_id(
    ask: Ask, start: Start, complete: Callable[[str], Awaitable[Asset]]
) -> None:
    run = await start()
    asset = global_id(Kind.ASSET, (await complete(run)).id)
    given = await data(
        ask,
        """mutation ($id: ID!) { submitFeedback(input: {generationId: $id, kind: HEART}) {
             ... on Feedback { id } } }""",
        id=run,
    )
    feedback = given["submitFeedback"]["id"]
    persona = global_id(Kind.PERSONA, BUILT_IN[0].id)
    kinds = {run: "Generation", asset: "Asset", feedback: "Feedback", persona: "Persona"}
    for key, kind in kinds.items():
        assert (await data(ask, NODE, id=key))["node"] == {"__typename": kind, "id": key}


async def test_a_preview_has_one_of_two_widths(
    ask: Ask, start: Start, complete: Callable[[str], Awaitable[Asset]]
) -> None:
    asset = await complete(await start())
    key = global_id(Kind.ASSET, asset.id)
    read = "query ($id: ID!, $width: Int) { asset(id: $id) { url previewUrl(width: $width) } }"
    for width in (320, 1024, None):
        found = (await data(ask, read, id=key, width=width))["asset"]
        assert found["previewUrl"] == found["url"]
    for width in (0, -320, 2048):
        result = await ask(read, id=key, width=width)
        (error,) = result.errors or []
        assert error.message == f"width must be 320 or 1024, not {width}."
        assert error.extensions == {"code": "INVALID_INPUT", "field": "width"}


async def test_an_image_is_fetched_where_the_server_is_now(
    ask: Ask, start: Start, complete: Callable[[str], Awaitable[Asset]]
) -> None:
    asset = await complete(await start())
    read = "query ($id: ID!) { asset(id: $id) { url } }"
    found = await data(ask, read, id=global_id(Kind.ASSET, asset.id))
    assert asset.url.startswith("http://127.0.0.1:8000/")
    assert found["asset"]["url"] == f"http://127.0.0.1:9000/objects/{asset.image.key}"


async def test_nobody_can_tell_a_foreign_id_from_a_wrong_one(
    ask: Ask, stranger: Viewer, start: Start, complete: Callable[[str], Awaitable[Asset]]
) -> None:
    run = await start()
    asset = global_id(Kind.ASSET, (await complete(run)).id)
    everything = (
        "query ($id: ID!) { node(id: $id) { id } generation(id: $id) { id } asset(id: $id) { id } }"
    )
    nothing = {"node": None, "generation": None, "asset": None}
    for key in (run, asset, "nonsense", "", global_id(Kind.USER, stranger.user)):
        assert await data(ask, everything, by=stranger, id=key) == nothing


LIST = """query ($first: Int, $after: String, $last: Int, $before: String,
                 $filter: GenerationFilter) {
  generations(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { cursor node { id prompt } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}"""


async def page(ask: Ask, **variables: Any) -> dict[str, Any]:
    shown: dict[str, Any] = (await data(ask, LIST, **variables))["generations"]
    shown["prompts"] = [edge["node"]["prompt"] for edge in shown["edges"]]
    return shown


async def test_pages_turn_in_both_directions(ask: Ask, start: Start) -> None:
    for number in range(5):
        await start(f"gown {number}")
    newest = await page(ask, first=2)
    assert newest["prompts"] == ["gown 4", "gown 3"]
    assert newest["totalCount"] == 5
    assert (newest["pageInfo"]["hasNextPage"], newest["pageInfo"]["hasPreviousPage"]) == (
        True,
        False,
    )
    middle = await page(ask, first=2, after=newest["pageInfo"]["endCursor"])
    assert middle["prompts"] == ["gown 2", "gown 1"]
    oldest = await page(ask, last=2)
    assert oldest["prompts"] == ["gown 1", "gown 0"]
    assert (oldest["pageInfo"]["hasNextPage"], oldest["pageInfo"]["hasPreviousPage"]) == (
        False,
        True,
    )
    before = await page(ask, last=2, before=oldest["pageInfo"]["startCursor"])
    assert before["prompts"] == ["gown 3", "gown 2"]


async def test_a_page_of_nothing_tells_what_lies_beyond(ask: Ask, start: Start) -> None:
    await start()
    shown = await page(ask, first=0)
    assert (shown["edges"], shown["totalCount"]) == ([], 1)
    assert shown["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


async def test_a_filter_narrows_the_list_and_its_count(ask: Ask, start: Start) -> None:
    await start("a silk gown")
    await start("a felt hat")
    found = await page(ask, filter={"search": "felt", "status": ["PENDING"], "mode": None})
    assert (found["prompts"], found["totalCount"]) == (["a felt hat"], 1)
    assert (await page(ask, filter={"status": ["FAILED"]}))["totalCount"] == 0
    assert (await page(ask, filter={"createdBefore": "2020-01-01T00:00:00Z"}))["edges"] == []
    assert (await page(ask, filter={"search": ""}))["totalCount"] == 2


@pytest.mark.parametrize(
    ("variables", "code", "field"),
    [
        ({"first": 1, "last": 1}, "BAD_PAGE", "last"),
        ({"first": -1}, "BAD_PAGE", "first"),
        ({"after": "garbled"}, "BAD_CURSOR", "after"),
        ({"filter": {"search": "x" * 201}}, "INVALID_INPUT", "filter.search"),
    ],
)
async def test_a_bad_page_is_an_error_with_a_code(
    ask_shut: Ask, variables: dict[str, Any], code: str, field: str
) -> None:
    result = await ask_shut(LIST, **variables)
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": code, "field": field}


async def test_models_say_what_they_can_and_whether(ask_shut: Ask) -> None:
    models = (
        await data(
            ask_shut,
            """{ models { key provider displayName aspectRatios supportsNegativePrompt supportsSeed
                 maxReferenceImages maxPromptLength qualityRating price hd: price(quality: HD)
                 availability retiresOn successor { key } } }""",
        )
    )["models"]
    by_key = {model["key"]: model for model in models}
    assert by_key.keys() == {model.key for model in SHIPPED.models}
    sketch = by_key["sketch"]
    assert (sketch["availability"], sketch["price"]) == ("AVAILABLE", "0")
    assert len(sketch["aspectRatios"]) == 9
    assert sketch["aspectRatios"][0] == "SQUARE"
    others = {model["availability"] for model in models if model["provider"] != "embedded"}
    assert others == {"UNCONFIGURED", "RETIRED"}
    retired = next(model for model in models if model["availability"] == "RETIRED")
    assert retired["retiresOn"].endswith("Z")


QUOTE = """query ($input: QuoteInput!) { quote(input: $input) {
  __typename
  ... on Quote {
    model { key } cost costMax durationSecondsP50 durationSecondsP90 evidence
    route { model { key } reason candidates { model { key } eligible reason estimatedCost } }
  }
  ... on InvalidInput { field }
  ... on ModelUnavailable { code successor { key } }
} }"""


async def test_a_quote_names_model_cost_and_evidence(ask: Ask) -> None:
    quote = (await data(ask, QUOTE, input={"mode": "FROM_PROMPT", "settings": {"count": 4}}))[
        "quote"
    ]
    assert quote["model"] == {"key": "sketch"}
    assert (quote["cost"], quote["costMax"], quote["evidence"]) == ("0", "0", 0)
    assert quote["durationSecondsP50"] is quote["durationSecondsP90"] is None
    candidates = quote["route"]["candidates"]
    assert len(candidates) == len(SHIPPED.models)
    assert candidates[0]["eligible"] is True
    assert all(candidate["reason"] for candidate in candidates)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"model": "no-such-model"}, "InvalidInput"),
        ({"model": "dall-e-3"}, "ModelUnavailable"),
        ({"model": "google-imagen"}, "ModelUnavailable"),
        ({"personaId": "nonsense"}, "NotFound"),
        ({"count": 9}, "InvalidInput"),
    ],
)
async def test_a_quote_is_refused_as_the_request_would_be(
    ask: Ask, settings: dict[str, Any], kind: str
) -> None:
    quote = (await data(ask, QUOTE, input={"mode": "FROM_PROMPT", "settings": settings}))["quote"]
    assert quote["__typename"] == kind


async def test_a_quote_reads_the_spec(ask: Ask) -> None:
    hat = {"mode": "FROM_SPEC", "spec": {"garmentType": "hat", "colors": "red"}}
    assert (await data(ask, QUOTE, input=hat))["quote"]["__typename"] == "Quote"
    nothing = {"mode": "FROM_SPEC", "spec": {}}
    assert (await data(ask, QUOTE, input=nothing))["quote"]["field"] == "spec"


async def test_personas_are_built_in_or_the_workspaces(ask: Ask, stranger: Viewer) -> None:
    await data(
        ask,
        """mutation { createPersona(input: {name: "Mine", description: "Plain."}) {
             ... on Persona { id } } }""",
    )
    shown = (await data(ask, "{ personas { name builtIn attributes createdAt } }"))["personas"]
    assert [persona["name"] for persona in shown] == [*(p.name for p in BUILT_IN), "Mine"]
    assert [persona["builtIn"] for persona in shown][-1] is False
    theirs = (await data(ask, "{ personas { name } }", by=stranger))["personas"]
    assert len(theirs) == len(BUILT_IN)


async def test_figures_are_there_before_anything_happened(ask: Ask) -> None:
    figures = await data(
        ask,
        """{ dailyUsage { date storageCost totalCost }
             stageStats { stage runs failed p50Ms p95Ms }
             preferences { id } learning { at } }""",
    )
    assert figures["dailyUsage"] == figures["preferences"] == figures["learning"] == []
    assert len(figures["stageStats"]) == 7


async def test_a_day_counts_what_was_asked_for(ask: Ask, start: Start) -> None:
    await start()
    (day,) = (await data(ask, "{ dailyUsage(days: null) { generations totalCost storageCost } }"))[
        "dailyUsage"
    ]
    assert day == {"generations": 1, "totalCost": "0", "storageCost": "0"}


@pytest.mark.parametrize(
    "field", ["dailyUsage { date }", "stageStats { stage }", "learning { at }"]
)
async def test_days_have_bounds(ask_shut: Ask, field: str) -> None:
    name, selection = field.split(" ", 1)
    for days in (0, -1, 367):
        result = await ask_shut(f"{{ {name}(days: {days}) {selection} }}")
        assert result.errors is not None
        assert result.errors[0].extensions == {"code": "INVALID_INPUT", "field": "days"}
