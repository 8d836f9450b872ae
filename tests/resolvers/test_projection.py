"""What is compiled shows what the schema's own execution does."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Any, cast
from uuid import UUID

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import domain, events
from pipeline.domain import (
    AssetId,
    AssetKind,
    GenerationId,
    GenerationStatus,
    StageName,
    StageStatus,
    StoredImage,
    UserId,
    Viewer,
    WorkspaceId,
)
from resolvers import selections
from resolvers.api import schema
from resolvers.live import Batch
from resolvers.selections import compiled
from resolvers.standins import StandIn
from schema.context import Context
from schema.events import (
    AssetCreated,
    GenerationDeleted,
    StageChanged,
    StageProgress,
    StatusChanged,
)
from tests.shut import shut_library

VIEWER = Viewer(UserId(UUID(int=1)), WorkspaceId(UUID(int=2)), "Ada", "Ada")
VARIABLES = {"yes": True, "no": False, "width": 1024}
HEAD = "($yes: Boolean!, $no: Boolean!, $width: Int)"
# Every variable has to be used.
USED = """... on GenerationEvent @include(if: $yes) { seq } ... @skip(if: $no) { at }
  ... on AssetCreated { asset { u: previewUrl(width: $width) } }"""
# A generation is read from the database, when it is asked for.
ELSEWHERE = {"generation"}


def context(*happened: events.Event) -> Context:
    library = replace(shut_library(), address=lambda key: f"https://images.example/{key}")
    stream = StandIn(library.stream, happened)
    return Context.of(VIEWER, replace(library, stream=stream))


async def shown(query: str, happened: events.Event, variables: dict[str, Any]) -> list[Any]:
    """Return the answers as streaming transports send them."""
    answers: list[Any] = []
    async for result in await schema.stream(query, variables, context(happened)):
        assert isinstance(result.data, Batch), result.errors
        answers.extend(json.loads(event.payload) for event in result.data.events)
    return answers


async def executed(query: str, happened: events.Event, variables: dict[str, Any]) -> list[Any]:
    """Return the answers as the schema alone makes them."""
    answers: list[Any] = []
    async for result in await schema.subscribe(query, variables, context(happened)):
        errors = [error.formatted for error in result.errors or ()]
        answer = {"data": result.data} | ({"errors": errors} if errors else {})
        answers.append(json.loads(json.dumps(answer)))
    return answers


def untraced(answers: list[Any]) -> str:
    """Return the answers as text, so that order counts, without what differs each time."""
    for answer in answers:
        for error in answer.get("errors", ()):
            error["extensions"].pop("traceId", None)
    return json.dumps(answers)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
whole = st.integers(-(2**31), 2**31 - 1)
moments = st.datetimes(timezones=st.just(UTC))
plain = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | texts | st.floats(-1e9, 1e9)
json_values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
failures = st.builds(
    domain.Failure,
    code=texts,
    message=texts,
    stage=st.none() | st.sampled_from(StageName),
    retryable=st.booleans(),
    charged=st.booleans(),
)
stages = st.builds(
    domain.Stage,
    name=st.sampled_from(StageName),
    status=st.sampled_from(StageStatus),
    attempt=whole,
    started_at=st.none() | moments,
    finished_at=st.none() | moments,
    summary=st.none() | texts,
    output=json_values,
    failure=st.none() | failures,
)
assets = st.builds(
    domain.Asset,
    id=st.uuids().map(AssetId),
    generation_id=st.uuids().map(GenerationId),
    kind=st.sampled_from(AssetKind),
    image=st.builds(StoredImage, texts, texts, st.integers(0, 2**40), whole, whole),
    url=texts,
    model=st.none() | st.sampled_from(["sketch", "nonsense"]),
    provider=st.none() | texts,
    seed=st.none() | whole,
    revised_prompt=st.none() | texts,
    metadata=st.dictionaries(texts, json_values, max_size=2),
    created_at=moments,
)
changes = (
    st.builds(
        events.StatusChanged,
        status=st.sampled_from(GenerationStatus),
        attempt=whole,
        failure=st.none() | failures,
    )
    | st.builds(events.StageChanged, stages)
    | st.builds(
        events.StageProgress,
        st.sampled_from(StageName),
        st.none() | st.floats(),
        st.none() | texts,
        st.none() | st.integers(0, 7),
        st.none() | texts,
        st.none() | failures,
    )
    | st.builds(events.AssetCreated, assets)
    | st.just(events.GenerationDeleted())
)
happenings = st.builds(
    events.Event,
    generation_id=st.uuids().map(GenerationId),
    workspace=st.just(VIEWER.workspace),
    seq=st.integers(1, 2**31 - 1),
    workspace_seq=st.integers(1, 2**40),
    at=moments,
    change=changes,
)


@st.composite
def selected(draw: Callable[..., Any], kind: GraphQLNamedType, depth: int = 3) -> str:
    """Return a selection of `kind`, in braces, with all the ways there are to select."""
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    inner = (
        list(schema.core.get_implementations(kind).objects)
        if isinstance(kind, GraphQLInterfaceType)
        else []
    )
    parts = [draw(one_field(kind, depth)) for _ in range(draw(st.integers(1, 4)))]
    for one in draw(st.lists(st.sampled_from(inner), max_size=4)) if inner else ():
        named = draw(st.booleans())
        spread = f"...F{one.name}" if named else f"... on {one.name} {draw(selected(one, depth))}"
        parts.append(spread + ("" if not named else draw(directives)))
    if draw(st.booleans()):
        parts.append(f"... {draw(directives)} {{ __typename }}")
    return "{ " + " ".join(draw(st.permutations(parts))) + " }"


directives = st.sampled_from(
    ["", "", "", "@include(if: $yes)", "@include(if: $no)", "@skip(if: $yes)", "@skip(if: false)"]
)


@st.composite
def one_field(
    draw: Callable[..., Any], kind: GraphQLObjectType | GraphQLInterfaceType, depth: int
) -> str:
    names = ["__typename", *(name for name in kind.fields if name not in ELSEWHERE)]
    name = draw(st.sampled_from(names))
    alias = f"{name}Again: " if draw(st.booleans()) else ""
    field = f"{alias}{name}"
    if name == "__typename":
        return field
    if name == "previewUrl":
        field = "wide: previewUrl(width: $width)"
    told: GraphQLNamedType = cast("Any", get_named_type)(kind.fields[name].type)
    below = (
        "" if is_leaf_type(told) else draw(selected(told, depth - 1)) if depth else "{ __typename }"
    )
    return f"{field} {draw(directives)} {below}"


@st.composite
def operations(draw: Callable[..., Any]) -> str:
    kind = schema.core.type_map["GenerationEvent"]
    assert isinstance(kind, GraphQLInterfaceType)
    body = draw(selected(kind))
    fragments = [
        f"fragment F{one.name} on {one.name} {draw(selected(one))}"
        for one in schema.core.get_implementations(kind).objects
        if f"...F{one.name}" in body
    ]
    alias = draw(st.sampled_from(["", "mine: "]))
    return f"subscription {HEAD} {{ {alias}myEvents {body[:-1]} {USED} }} }} " + " ".join(fragments)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(operations(), happenings)
async def test_compiled_and_executed_answers_are_equal(query: str, happened: events.Event) -> None:
    wanted = await executed(query, happened, VARIABLES)
    assert untraced(await shown(query, happened, VARIABLES)) == untraced(wanted)


USUAL = """subscription ($id: ID!, $after: Cursor, $yes: Boolean!) {
  generationEvents(id: $id, after: $after) {
    __typename generationId seq cursor at
    ... on StatusChanged { status attempt error { code message } }
    ... on StageChanged { stage { name status durationMs summary } }
    ... on StageProgress { name fraction message @include(if: $yes) slot partialUrl error { code } }
    ... on AssetCreated { asset { id key width height %s } }
  } }"""
TYPES = {StatusChanged, StageChanged, StageProgress, AssetCreated, GenerationDeleted}


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ("placeholder fidelity { score }", set[type]()),
        ("url model { key displayName }", set[type]()),
        ("previewUrl", {AssetCreated}),
        ("model { price }", {AssetCreated}),
        ("generation { id }", {AssetCreated}),
    ],
)
def test_what_asks_for_more_than_the_event_is_left_to_the_schema(
    more: str, left: set[type]
) -> None:
    found = compiled(schema.core, context().library, USUAL % more, None, '{"yes": true}')
    assert found.key == "generationEvents"
    assert set(found.shapes) == TYPES - left


def test_the_variables_of_the_arguments_are_of_no_account() -> None:
    values = {"id": "R2", "after": None, "yes": False, "unheard": 1}
    assert selections.given(USUAL % "url", None, values) == '{"yes": false}'
