"""Live operations, compiled and remembered by their text and what their selection depends on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    get_operation_ast,
    get_variable_values,
    parse,
    visit,
)
from graphql.execution.values import VariableValues

from resolvers.projection import Beyond, Selection, Show
from schema.events import EVENT_TYPES, GenerationEvent
from schema.library import Library

_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Operation:
    """A document's operation; `used` are the variables that its selection depends on."""

    document: DocumentNode
    definition: OperationDefinitionNode
    used: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """The key of the answer, and what shows the events of each type where that could be told."""

    key: str
    shapes: Mapping[type[GenerationEvent], Show]


@lru_cache(_REMEMBERED)
def operation(query: str, name: str | None) -> Operation:
    """Return the operation of a document that was found valid."""
    document = parse(query, no_location=True)
    definition = get_operation_ast(document, name)
    if definition is None:
        raise LookupError(name)
    return Operation(document, definition, frozenset(_used(document, definition)))


def given(query: str, name: str | None, variables: Mapping[str, Any] | None) -> str:
    """Return the variables that the selection depends on, as text: the arguments' are left out."""
    used = operation(query, name).used
    return json.dumps(
        {one: value for one, value in (variables or {}).items() if one in used}, sort_keys=True
    )


@lru_cache(_REMEMBERED)
def compiled(
    schema: GraphQLSchema, library: Library, query: str, name: str | None, values: str
) -> Compiled:
    """Return what was compiled for the `given` values; raise `Beyond` where nothing could be."""
    meant = operation(query, name)
    definitions = [
        one
        for one in meant.definition.variable_definitions or ()
        if one.variable.name.value in meant.used
    ]
    variables = get_variable_values(schema, definitions, json.loads(values))
    if not isinstance(variables, VariableValues):
        raise Beyond
    selection = Selection(schema, library, meant.document, meant.definition, variables)
    key, details = selection.root()
    shapes: dict[type[GenerationEvent], Show] = {}
    for one in EVENT_TYPES:
        kind = schema.type_map[one.__name__]
        try:
            assert isinstance(kind, GraphQLObjectType)  # noqa: S101 - the schema's own types
            shapes[one] = selection.shown(kind, details)
        except Beyond:
            continue
    return Compiled(key, shapes)


class _Variables(Visitor):
    """Collects the names of the variables it comes by."""

    def __init__(self) -> None:
        super().__init__()
        self.names = set[str]()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)


def _used(document: DocumentNode, definition: OperationDefinitionNode) -> set[str]:
    visitor = _Variables()
    for node in _selecting(document, definition):
        visit(node, visitor)
    return visitor.names


def _selecting(document: DocumentNode, definition: OperationDefinitionNode) -> Iterator[Node]:
    """Yield all that decides what is shown; of a root field everything but its arguments."""
    for root in definition.selection_set.selections:
        if isinstance(root, FieldNode):
            yield from root.directives or ()
            if root.selection_set:
                yield root.selection_set
        else:
            yield root
    yield from (one for one in document.definitions if isinstance(one, FragmentDefinitionNode))
