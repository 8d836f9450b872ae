"""What is one user's is nothing to another, whichever way they ask."""

import asyncio
import re
import subprocess
from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import pytest

from tests.acceptance.api import VERB, Api, Refused, client
from tests.acceptance.serving import PROGRAM, SECONDS, Serving, environment

MADE = """query ($id: ID!) {
  generation(id: $id) {
    cursor
    images { asset { id } }
    feedback { edges { node { id } } }
    assets { edges { node { id } } }
  }
}"""
HEART = """mutation ($input: FeedbackInput!) {
  answer: submitFeedback(input: $input) { ... on Feedback { id } }
}"""
CREATE_PERSONA = """mutation ($input: PersonaInput!) {
  answer: createPersona(input: $input) { ... on Persona { id } }
}"""


def refusable(field: str, arguments: str) -> str:
    """Return a mutation that shows why it was refused; `arguments` as in "id: ID!"."""
    names = re.findall(r"(\w+):", arguments)
    declared = ", ".join(f"${one.strip()}" for one in arguments.split(","))
    passed = ", ".join(f"{name}: ${name}" for name in names)
    return (
        f"mutation ({declared}) {{ answer: {field}({passed})"
        " { __typename ... on UserError { code message } } }"
    )


CANCEL = refusable("cancelGeneration", "id: ID!")
RETRY = refusable("retryGeneration", "id: ID!")
DELETE = refusable("deleteGeneration", "id: ID!")
DELETE_FEEDBACK = refusable("deleteFeedback", "id: ID!")
DELETE_PERSONA = refusable("deletePersona", "id: ID!")
UPDATE_PERSONA = refusable("updatePersona", "id: ID!, input: PersonaInput!")
SUBMIT_FEEDBACK = refusable("submitFeedback", "input: FeedbackInput!")
REFINE = refusable("refineGeneration", "input: RefineInput!")
FROM_IMAGE = refusable("generateFromImage", "input: GenerateFromImageInput!")
FROM_PROMPT = refusable("generateFromPrompt", "input: GenerateFromPromptInput!")
COLOURWAYS = """mutation ($id: ID!) {
  answer: colourways(generationId: $id, palettes: [["#6b1f2a"]]) {
    __typename ... on UserError { code message }
  }
}"""
NOTHING = {"__typename": "NotFound", "code": "NOT_FOUND"}


@pytest.fixture(scope="session")
def stranger_key(product: Serving) -> str:
    done = subprocess.run(
        [PROGRAM, "keys", "create", "--user", "Bo"],
        env=environment({"DATA_DIR": str(product.data)}),
        cwd=product.data,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout.splitlines()[0]


@pytest.fixture
async def stranger(product: Serving, stranger_key: str) -> AsyncGenerator[Api]:
    async with client(product.url, stranger_key) as opened:
        yield opened


@pytest.fixture
async def owned(api: Api) -> dict[str, str]:
    """Give the ids of one thing of each kind, and a cursor."""
    started = await api.start("FromPrompt", prompt="a secret gown")
    last = (await api.to_end(started["id"]))[-1]
    rated = await api.ask(HEART, input={"generationId": started["id"], "kind": "HEART"})
    made = (await api.ask(MADE, id=started["id"]))["generation"]
    persona = {"name": f"Ink {uuid4()}", "description": "Black on black"}
    return {
        "generation": started["id"],
        "asset": made["images"][0]["asset"]["id"],
        "feedback": rated["answer"]["id"],
        "persona": (await api.ask(CREATE_PERSONA, input=persona))["answer"]["id"],
        "cursor": last["cursor"],
    }


async def test_queries_show_nothing(stranger: Api, owned: dict[str, str]) -> None:
    for kind in ("generation", "asset", "feedback", "persona"):
        node = "query ($id: ID!) { node(id: $id) { id } }"
        assert (await stranger.ask(node, id=owned[kind]))["node"] is None
    for field in ("generation", "asset"):
        query = f"query ($id: ID!) {{ {field}(id: $id) {{ id }} }}"
        assert (await stranger.ask(query, id=owned[field]))[field] is None
    own = await stranger.ask("{ generations { totalCount } viewer { name } personas { id } }")
    assert own["generations"]["totalCount"] == 0
    assert own["viewer"]["name"] == "Bo"
    assert owned["persona"] not in {persona["id"] for persona in own["personas"]}


async def test_mutations_find_nothing_and_change_nothing(
    api: Api, stranger: Api, owned: dict[str, str]
) -> None:
    before = (await api.ask(MADE, id=owned["generation"]))["generation"]
    one, persona = {"id": owned["generation"]}, {"name": "x", "description": "y"}
    heart = {"generationId": owned["generation"], "kind": "HEART"}
    settings = {"personaId": owned["persona"]}
    asked: list[tuple[str, dict[str, Any]]] = [
        (CANCEL, one),
        (RETRY, one),
        (DELETE, one),
        (COLOURWAYS, one),
        (DELETE_FEEDBACK, {"id": owned["feedback"]}),
        (DELETE_PERSONA, {"id": owned["persona"]}),
        (UPDATE_PERSONA, {"id": owned["persona"], "input": persona}),
        (SUBMIT_FEEDBACK, {"input": heart}),
        (SUBMIT_FEEDBACK, {"input": {**heart, "assetId": owned["asset"]}}),
        (REFINE, {"input": {"generationId": owned["generation"]}}),
        (FROM_IMAGE, {"input": {"assetId": owned["asset"]}}),
        (FROM_PROMPT, {"input": {"prompt": "a", "settings": settings}}),
    ]
    for operation, variables in asked:
        answer = (await stranger.ask(operation, **variables))["answer"]
        assert answer | NOTHING == answer, operation
        assert owned["generation"] not in answer["message"]
    assert (await api.ask(MADE, id=owned["generation"]))["generation"] == before


async def test_subscriptions_tell_nothing(stranger: Api, owned: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        await stranger.to_end(owned["generation"])
    assert caught.value.code == "NOT_FOUND"
    feed = "subscription ($after: Cursor) { myEvents(after: $after) { seq } }"
    with pytest.raises(Refused) as caught:
        async with stranger.watching(feed, after=owned["cursor"]) as events:
            await anext(events)
    assert (caught.value.code, caught.value.field) == ("INVALID_CURSOR", "after")


async def test_a_strangers_feed_is_silent(api: Api, stranger: Api) -> None:
    feed = "subscription { myEvents { generationId } }"
    async with stranger.watching(feed) as events:
        foreign = await api.start("FromPrompt", prompt="a secret hat")
        await api.to_end(foreign["id"])
        own = await stranger.start("FromPrompt", prompt="a hat of my own")
        async with asyncio.timeout(SECONDS):
            assert (await anext(events))["generationId"] == own["id"]


@pytest.mark.parametrize("id", ["", "nonsense", "R2VuZXJhdGlvbjox", "персона"])
async def test_what_is_no_id_is_not_found_either(api: Api, id: str) -> None:
    assert (await api.ask("query ($id: ID!) { node(id: $id) { id } }", id=id))["node"] is None
    for verb in VERB:
        assert (await api.do(verb, id))["code"] == "NOT_FOUND"
    with pytest.raises(Refused) as caught:
        await api.to_end(id)
    assert caught.value.code == "NOT_FOUND"
