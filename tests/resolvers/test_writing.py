"""The verbs on generations, feedback and personas."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from strawberry.types import ExecutionResult

from pipeline.domain import Asset, Viewer
from pipeline.personas.built_in import BUILT_IN
from schema.ids import Kind, generation_id, global_id

Ask = Callable[..., Awaitable[ExecutionResult]]
Start = Callable[..., Awaitable[str]]
Complete = Callable[[str], Awaitable[Asset]]

TOLD = "__typename ... on UserError { code message }"


async def answer(ask: Ask, operation: str, **variables: Any) -> dict[str, Any]:
    result = await ask(operation, **variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    it: dict[str, Any] = result.data["it"]
    return it


def verb(field: str, shown: str = "") -> str:
    return f"mutation ($id: ID!) {{ it: {field}(id: $id) {{ {TOLD} {shown} }} }}"


CANCEL = verb("cancelGeneration", "... on Generation { status }")
DELETE = verb("deleteGeneration", "... on Deleted { id }")
RETRY = f"""mutation ($id: ID!, $stage: StageName, $key: String) {{
  it: retryGeneration(id: $id, fromStage: $stage, idempotencyKey: $key) {{
    {TOLD} ... on InvalidInput {{ field }} ... on Generation {{ status attempt }}
  }} }}"""
DELETE = (
    f"mutation ($id: ID!) {{ it: deleteGeneration(id: $id) {{ {TOLD} ... on Deleted {{ id }} }} }}"
)
REFINE = (
    f"mutation ($id: ID!) {{ it: refineGeneration(input: {{generationId: $id}}) {{ {TOLD} }} }}"
)
COLOURWAYS = f"""mutation ($id: ID!) {{
  it: colourways(generationId: $id, palettes: [["#6b1f2a"]]) {{ {TOLD} }} }}"""
BY_ID = [CANCEL, RETRY, DELETE, REFINE, COLOURWAYS]


@pytest.mark.parametrize("operation", BY_ID)
async def test_what_is_not_the_viewers_is_not_found(
    ask: Ask, start: Start, stranger: Viewer, operation: str
) -> None:
    run = await start()
    for key in (run, "nonsense", global_id(Kind.ASSET, stranger.user)):
        it = await answer(ask, operation, by=stranger, id=key)
        assert (it["__typename"], it["code"]) == ("NotFound", "NOT_FOUND")


async def test_a_run_is_cancelled_retried_and_deleted(ask: Ask, start: Start) -> None:
    run = await start()
    early = await answer(ask, DELETE, id=run)
    assert (early["__typename"], early["code"]) == ("Conflict", "STILL_RUNNING")
    assert (await answer(ask, CANCEL, id=run))["status"] == "CANCELLED"
    assert (await answer(ask, CANCEL, id=run))["code"] == "ALREADY_FINISHED"
    retried = await answer(ask, RETRY, id=run, key="k")
    assert (retried["status"], retried["attempt"]) == ("PENDING", 2)
    again = await answer(ask, RETRY, id=run, key="k")
    assert again["attempt"] == 2
    assert (await answer(ask, RETRY, id=run, key="k", stage="ROUTING"))["code"] == (
        "IDEMPOTENCY_CONFLICT"
    )
    await answer(ask, CANCEL, id=run)
    assert await answer(ask, DELETE, id=run) == {"__typename": "Deleted", "id": run}
    assert (await answer(ask, DELETE, id=run))["__typename"] == "NotFound"


@pytest.mark.parametrize("operation", [REFINE, COLOURWAYS])
async def test_what_is_not_possible_yet_says_so(ask: Ask, start: Start, operation: str) -> None:
    it = await answer(ask, operation, id=await start())
    assert (it["__typename"], it["code"]) == ("Conflict", "NOT_AVAILABLE")


async def test_no_preference_is_set_yet(ask_shut: Ask) -> None:
    it = await answer(
        ask_shut,
        f"""mutation {{
          it: setPreference(slot: "light", modifier: "soft", state: PINNED) {{ {TOLD} }} }}""",
    )
    assert (it["__typename"], it["code"]) == ("InvalidInput", "NOT_AVAILABLE")


FEEDBACK = f"""mutation ($input: FeedbackInput!) {{ it: submitFeedback(input: $input) {{
  {TOLD} ... on InvalidInput {{ field }}
  ... on Feedback {{
    id kind rating comment metadata generation {{ id }} asset {{ id }} preferredOver {{ id }}
  }} }} }}"""


async def test_feedback_is_given_replaced_and_taken_back(
    ask: Ask, start: Start, complete: Complete, stranger: Viewer
) -> None:
    run = await start()
    asset = global_id(Kind.ASSET, (await complete(run)).id)
    given = {"generationId": run, "assetId": asset, "kind": "RATING", "rating": 4}
    first = await answer(ask, FEEDBACK, input={**given, "metadata": {"from": "gallery"}})
    assert (first["rating"], first["generation"], first["asset"]) == (
        4,
        {"id": run},
        {"id": asset},
    )
    assert first["metadata"] == {"from": "gallery"}
    second = await answer(ask, FEEDBACK, input={**given, "rating": 2})
    assert (second["id"], second["rating"]) == (first["id"], 2)
    remove = verb("deleteFeedback", "... on Deleted { id }")
    theirs = await answer(ask, remove, by=stranger, id=first["id"])
    assert theirs["__typename"] == "NotFound"
    assert (await answer(ask, remove, id=first["id"]))["id"] == first["id"]
    assert (await answer(ask, remove, id=first["id"]))["__typename"] == "NotFound"
    assert (await answer(ask, remove, id=run))["__typename"] == "NotFound"


IMAGE = global_id(Kind.ASSET, BUILT_IN[0].id)
OTHER = global_id(Kind.ASSET, BUILT_IN[1].id)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "RATING"}, "rating"),
        ({"kind": "RATING", "rating": 0}, "rating"),
        ({"kind": "RATING", "rating": 6}, "rating"),
        ({"kind": "OUTLIER", "rating": 6}, "rating"),
        ({"kind": "HEART", "rating": 3}, "rating"),
        ({"kind": "COMMENT"}, "comment"),
        ({"kind": "COMMENT", "comment": "  "}, "comment"),
        ({"kind": "HEART", "comment": "x" * 4001}, "comment"),
        ({"kind": "PREFERRED"}, "assetId"),
        ({"kind": "PREFERRED", "assetId": IMAGE}, "preferredOverAssetId"),
        (
            {"kind": "PREFERRED", "assetId": IMAGE, "preferredOverAssetId": IMAGE},
            "preferredOverAssetId",
        ),
        ({"kind": "HEART", "preferredOverAssetId": OTHER}, "preferredOverAssetId"),
        ({"kind": "HEART", "metadata": [1]}, "metadata"),
        ({"kind": "HEART", "metadata": {"a": "x" * 17_000}}, "metadata"),
        ({"kind": "HEART", "idempotencyKey": " "}, "idempotencyKey"),
    ],
)
async def test_bad_feedback_names_its_field(
    ask_shut: Ask, given: dict[str, Any], field: str
) -> None:
    run = global_id(Kind.GENERATION, BUILT_IN[2].id)
    it = await answer(ask_shut, FEEDBACK, input={"generationId": run, **given})
    assert it["message"].endswith(".")
    assert (it["__typename"], it["field"]) == ("InvalidInput", field)


async def test_feedback_waits_for_completion_and_names_real_images(
    ask: Ask, start: Start, complete: Complete
) -> None:
    run = await start()
    early = await answer(ask, FEEDBACK, input={"generationId": run, "kind": "HEART"})
    assert early["__typename"] == "Conflict"
    await complete(run)
    for wrong in ("nonsense", IMAGE):
        it = await answer(
            ask, FEEDBACK, input={"generationId": run, "kind": "HEART", "assetId": wrong}
        )
        assert it["__typename"] in ("NotFound", "InvalidInput")


CREATE = f"""mutation ($input: PersonaInput!) {{ it: createPersona(input: $input) {{
  {TOLD} ... on InvalidInput {{ field }} ... on Persona {{ id name attributes builtIn }} }} }}"""
UPDATE = f"""mutation ($id: ID!, $input: PersonaInput!) {{
  it: updatePersona(id: $id, input: $input) {{
  {TOLD} ... on InvalidInput {{ field }} ... on Persona {{ id name attributes }} }} }}"""
REMOVE = (
    f"mutation ($id: ID!) {{ it: deletePersona(id: $id) {{ {TOLD} ... on Deleted {{ id }} }} }}"
)


async def test_a_persona_is_made_changed_and_removed(ask: Ask, stranger: Viewer) -> None:
    plain = {"name": " Plain ", "description": "Little, and well cut.", "attributes": {"a": 1}}
    made = await answer(ask, CREATE, input=plain)
    assert (made["name"], made["attributes"], made["builtIn"]) == ("Plain", {"a": 1}, False)
    assert (await answer(ask, CREATE, input=plain))["code"] == "NAME_TAKEN"
    new = {"name": "Plainer", "description": "Less."}
    changed = await answer(ask, UPDATE, id=made["id"], input=new)
    assert (changed["id"], changed["name"], changed["attributes"]) == (
        made["id"],
        "Plainer",
        {"a": 1},
    )
    assert (await answer(ask, UPDATE, by=stranger, id=made["id"], input=new))["code"] == "NOT_FOUND"
    assert (await answer(ask, REMOVE, by=stranger, id=made["id"]))["code"] == "NOT_FOUND"
    assert (await answer(ask, REMOVE, id=made["id"]))["id"] == made["id"]
    assert (await answer(ask, REMOVE, id=made["id"]))["code"] == "NOT_FOUND"
    assert (await answer(ask, REMOVE, id="nonsense"))["code"] == "NOT_FOUND"


async def test_a_built_in_persona_stays(ask: Ask) -> None:
    key = global_id(Kind.PERSONA, BUILT_IN[0].id)
    new = {"name": "Mine", "description": "Mine."}
    assert (await answer(ask, UPDATE, id=key, input=new))["__typename"] == "Conflict"
    assert (await answer(ask, REMOVE, id=key))["__typename"] == "Conflict"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"description": " "}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"attributes": "plain"}, "attributes"),
        ({"attributes": {"a": "x" * 17_000}}, "attributes"),
    ],
)
async def test_a_bad_persona_names_its_field(
    ask_shut: Ask, given: dict[str, Any], field: str
) -> None:
    it = await answer(ask_shut, CREATE, input={"name": "a", "description": "b", **given})
    assert (it["__typename"], it["field"]) == ("InvalidInput", field)


async def test_a_key_that_may_only_read_writes_nothing(
    ask: Ask, viewer: Viewer, start: Start, pool: asyncpg.Pool
) -> None:
    run = await start()
    reader = replace(viewer, scopes=frozenset({"read"}))
    result = await ask(CANCEL, by=reader, id=run)
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "FORBIDDEN"}
    status = await pool.fetchval("select status from generations where id = $1", generation_id(run))
    assert status == "PENDING"
    assert (await ask("{ viewer { name } }", by=reader)).errors is None
