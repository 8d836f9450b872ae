"""Subscriptions over SSE that resume: an id for every event, Last-Event-ID instead of `after`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLSyntaxError,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
    parse,
    print_ast,
)
from strawberry.http import GraphQLHTTPResponse
from strawberry.http.streaming import JSONEncoder, SSETransport

_ALIAS: Final = "cursorOfThisEvent"
_AFTER: Final = "after"
_MAX_TOKENS: Final = 5000


@dataclass(frozen=True, slots=True)
class Resumed:
    """A request as it goes on to be executed."""

    query: str
    variables: dict[str, Any] | None


class ResumableEvents(SSETransport):
    """Names each event by its cursor, so that a browser's EventSource says where it was."""

    def encode_next(self, response: GraphQLHTTPResponse, encode_json: JSONEncoder) -> str:
        """Return the event, its cursor as `id:` and no longer in the data."""
        data, cursor = _without_cursor(response.get("data"))
        event = super().encode_next({**response, "data": data} if cursor else response, encode_json)
        return f"id: {cursor}\r\n{event}" if cursor else event


def resumed(query: str, variables: dict[str, Any] | None, last_event_id: str | None) -> Resumed:
    """Ask the subscriptions of `query` for their events' cursors, from after `last_event_id`.

    What can't be parsed stays as it is, for the executor to complain about.
    """
    try:
        document = parse(query, no_location=True, max_tokens=_MAX_TOKENS)
    except (GraphQLSyntaxError, RecursionError):
        return Resumed(query, variables)
    values = dict(variables or {})
    definitions = tuple(
        _operation(one, last_event_id, values)
        if isinstance(one, OperationDefinitionNode) and one.operation is OperationType.SUBSCRIPTION
        else one
        for one in document.definitions
    )
    return Resumed(print_ast(DocumentNode(definitions=definitions)), values)


def _operation(
    node: OperationDefinitionNode, last_event_id: str | None, values: dict[str, Any]
) -> OperationDefinitionNode:
    selections = tuple(
        _field(one, last_event_id, values) if isinstance(one, FieldNode) else one
        for one in node.selection_set.selections
    )
    return replace(node, selection_set=SelectionSetNode(selections=selections))


def _field(node: FieldNode, last_event_id: str | None, values: dict[str, Any]) -> SelectionNode:
    if node.selection_set is None:
        return node
    cursor = FieldNode(alias=NameNode(value=_ALIAS), name=NameNode(value="cursor"))
    selections = SelectionSetNode(selections=(*node.selection_set.selections, cursor))
    arguments = tuple(node.arguments or ())
    if last_event_id:
        arguments = _resuming(arguments, last_event_id, values)
    return replace(node, selection_set=selections, arguments=arguments)


def _resuming(
    arguments: tuple[ArgumentNode, ...], last_event_id: str, values: dict[str, Any]
) -> tuple[ArgumentNode, ...]:
    """Set `after`; through its variable where it has one, as an unused variable is an error."""
    for argument in arguments:
        if argument.name.value == _AFTER and isinstance(argument.value, VariableNode):
            values[argument.value.name.value] = last_event_id
            return arguments
    others = (argument for argument in arguments if argument.name.value != _AFTER)
    after = ArgumentNode(name=NameNode(value=_AFTER), value=StringValueNode(value=last_event_id))
    return (*others, after)


def _without_cursor(data: object) -> tuple[dict[str, object] | None, str | None]:
    found: str | None = None
    if not isinstance(data, Mapping):
        return None, None
    kept: dict[str, object] = {}
    for name, event in cast("Mapping[str, object]", data).items():
        if isinstance(event, Mapping) and _ALIAS in event:
            fields = dict(cast("Mapping[str, object]", event))
            found = str(fields.pop(_ALIAS))
            kept[name] = fields
        else:
            kept[name] = event
    return kept, found
