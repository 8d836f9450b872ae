"""The ready tabs are right for the API's own schema, and the committed bundle holds them."""

import hashlib
import json
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    GraphQLInterfaceType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    parse,
    validate,
)
from graphql.execution import get_variable_values

ROOT = Path(__file__).parents[2]
TABS = sorted((ROOT / "web/tabs").glob("*.graphql"))


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((ROOT / "schema/schema.graphql").read_text())


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.stem)
def test_a_tab_is_valid_for_the_schema(schema: GraphQLSchema, tab: Path) -> None:
    assert validate(schema, parse(tab.read_text())) == []


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.stem)
def test_its_variables_fit_its_operation(schema: GraphQLSchema, tab: Path) -> None:
    variables = json.loads(tab.with_suffix(".json").read_text())
    declared = _operation(parse(tab.read_text())).variable_definitions or ()
    complaints = get_variable_values(schema, declared, variables)
    assert not isinstance(complaints, list), complaints
    assert set(variables) <= {each.variable.name.value for each in declared}


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.stem)
def test_its_operation_is_named_as_the_tab(tab: Path) -> None:
    name = _operation(parse(tab.read_text())).name
    assert name
    assert name.value == tab.stem


def test_the_watch_tab_asks_for_every_kind_of_event(schema: GraphQLSchema) -> None:
    document = (ROOT / "web/tabs/Watch.graphql").read_text()
    event = schema.get_type("GenerationEvent")
    assert isinstance(event, GraphQLInterfaceType)
    kinds = schema.get_implementations(event).objects
    assert kinds
    assert [kind.name for kind in kinds if f"... on {kind.name} " not in document] == []


def test_the_bundle_was_made_from_these_sources() -> None:
    """Otherwise web/build/build.sh has to run again."""
    build = ROOT / "web/build"
    names = [
        "bundle.js",
        "package-lock.json",
        *(f"src/{path.name}" for path in (build / "src").iterdir()),
        *(f"../tabs/{path.name}" for path in (ROOT / "web/tabs").iterdir()),
    ]
    digest = hashlib.sha256(b"".join((build / name).read_bytes() for name in sorted(names)))
    committed = (ROOT / "web/static/graphiql/sources.sha256").read_text().strip()
    assert digest.hexdigest() == committed


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation
