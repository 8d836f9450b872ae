"""What a client sees of errors, and how large its operations may be."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from graphql import get_introspection_query
from strawberry.extensions import validation_cache
from strawberry.types import ExecutionResult

from pipeline.domain import Viewer
from resolvers.api import build_schema, schema
from resolvers.limits import MOST_ALLOWED
from schema.context import Context, Library

Ask = Callable[..., Awaitable[ExecutionResult]]


class Broken:
    """Figures on a disk that is on fire."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(f"the disk is on fire at {name}")


async def test_an_unexpected_error_shows_a_trace_id_and_nothing_else(
    library: Library, viewer: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = Broken()
    context = Context.of(viewer, replace(library, usage=broken))
    result = await schema.execute("{ viewer { name stats { hearts } } }", context_value=context)
    assert result.errors is not None
    (error,) = result.errors
    assert error.extensions is not None
    assert error.extensions["code"] == "INTERNAL"
    assert error.path == ["viewer", "stats"]
    assert "fire" not in f"{error.message} {error.extensions} {error.formatted}"
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert error.extensions["traceId"] in record.getMessage()
    assert record.exc_info is not None
    assert "fire at user" in str(record.exc_info[1])


async def test_expected_errors_are_not_logged(
    ask_shut: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await ask_shut("{ generations(first: -1) { totalCount } }")).errors
    assert (await ask_shut("{ nothing }")).errors
    assert caplog.records == []


@pytest.mark.parametrize(
    "operation",
    [
        "{",
        "{ nothing }",
        "{ node }",
        "query ($id: ID!) { node(id: $id) { id } }",
        "{ ...missing }",
        "{ viewer { ...loop } } fragment loop on Viewer { name ...loop }",
        """mutation { generateFromPrompt(input: {prompt: "a", settings: {maxCost: 0.5}}) {
             __typename } }""",
        """mutation { generateFromImage(input: {image: "photo.jpg"}) { __typename } }""",
        """mutation { generateFromPrompt(input: {prompt: "a", settings: {seed: 2147483648}}) {
             __typename } }""",
    ],
)
async def test_what_is_no_operation_of_ours_has_a_code(ask_shut: Ask, operation: str) -> None:
    result = await ask_shut(operation)
    assert result.errors is not None
    assert {(error.extensions or {})["code"] for error in result.errors} == {"BAD_QUERY"}


def nested(levels: int) -> str:
    opening = "children(first: 1) { edges { node { " * levels
    return f"{{ generation(id: 1) {{ {opening} id {'} } }' * levels} }} }}"


BOMB = "{ ...f0 }" + "".join(
    f" fragment f{i} on Query {{ ...f{i + 1} ...f{i + 1} }}" for i in range(40)
)
TOO_LARGE = {
    "depth": nested(7),
    "characters": "{ viewer { " + "n" * 66_000 + ": name } }",
    "aliases": "{" + " ".join(f"a{i}: viewer {{ name }}" for i in range(31)) + "}",
    "aliases in a fragment": "{ ...f ...f ...f ...f } fragment f on Query {"
    + " ".join(f"a{i}: viewer {{ name }}" for i in range(8))
    + "}",
    "fields": BOMB + " fragment f40 on Query { viewer { name } }",
    "rows": """{ generations(first: 100) { edges { node { children(first: 100) { edges { node {
                 assets(first: 3) { edges { node { id } } } } } } } } } }""",
    "rows by a variable": """query ($n: Int) { generations(first: $n) { edges { node {
                 children(last: $n) { edges { node { assets { edges { node { id } } }
                 } } } } } } }""",
}


CHAIN = "{ ...f0 }" + "".join(f" fragment f{i} on Query {{ ...f{i + 1} }}" for i in range(250))


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_an_operation_that_is_too_large_is_refused(ask_shut: Ask, name: str) -> None:
    result = await ask_shut(TOO_LARGE[name], n=1)
    assert result.errors is not None
    assert {(error.extensions or {})["code"] for error in result.errors} == {"TOO_COMPLEX"}
    assert name.split(maxsplit=1)[0] in result.errors[0].message


async def test_a_text_of_too_many_words_is_not_read_on(ask_shut: Ask) -> None:
    result = await ask_shut("{ viewer { " + "name " * 5000 + "} }")
    assert result.errors is not None
    assert (result.errors[0].extensions or {})["code"] == "BAD_QUERY"


async def test_a_long_chain_of_fragments_is_refused(ask_shut: Ask) -> None:
    result = await ask_shut(CHAIN + " fragment f250 on Query { viewer { name } }")
    assert result.errors is not None
    assert (result.errors[0].extensions or {})["code"] in {"BAD_QUERY", "TOO_COMPLEX"}


async def test_variables_that_a_subscription_would_keep_are_bounded(
    library: Library, viewer: Viewer
) -> None:
    given = {"id": "x" * 70_000}
    watch = "subscription ($id: ID!) { generationEvents(id: $id) { seq } }"
    context = Context.of(viewer, library)
    answers = [one async for one in await schema.stream(watch, given, context_value=context)]
    (error,) = answers[0].errors
    assert error.extensions["code"] == "TOO_COMPLEX"
    assert "variables" in error.message

    asked = "query ($id: ID!) { generation(id: $id) { id } }"
    result = await schema.execute(asked, given, context_value=context)
    assert result.errors is None


async def test_the_usual_operations_are_not_too_large(ask: Ask) -> None:
    assert (await ask(get_introspection_query())).errors is None
    assert (await ask(nested(6))).errors is None
    gallery = """query ($n: Int) { generations(first: $n) { edges { node {
      id stages { name } images { asset { id generation { id } } } route { candidates { reason } }
      assets(first: 20) { edges { node { id url } } } feedback { edges { node { kind } } }
    } } } }"""
    assert (await ask(gallery, n=50)).errors is None
    assert MOST_ALLOWED.rows >= 10_000


async def test_a_validated_document_is_remembered(library: Library, viewer: Viewer) -> None:
    remembered: Any = validation_cache._get_validate_cache(validation_cache.DEFAULT_MAXSIZE)
    fresh = build_schema()
    before = remembered.cache_info()
    for _ in range(5):
        await fresh.execute("{ viewer { name } }", context_value=Context.of(viewer, library))
    after = remembered.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (2, 8)
