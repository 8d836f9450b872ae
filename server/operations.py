"""Which operation of a document is meant, and whether it can be sent the way it came."""

import re
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
)

NEEDS_STREAM: Final = (
    "Subscriptions need Accept: text/event-stream, or a WebSocket (graphql-transport-ws)."
)
NEEDS_NAME: Final = "Must provide operation name: the document has several operations."

_MAX_TOKENS: Final = 5000
_KEYWORD: Final = re.compile(r"\b(?:query|mutation|subscription)\b")


def obstacle(query: str, name: str | None, *, streamed: bool) -> str | None:
    """Return why it can't be executed; None where it can, or where the executor says why not."""
    # Most documents are settled by their words, and parsed but once, further on.
    words = _KEYWORD.findall(query)
    if len(words) < 2 and (streamed or "subscription" not in words):
        return None
    document = _parsed(query)
    if document is None:
        return None
    if name is None and sum(map(_is_operation, document.definitions)) > 1:
        return NEEDS_NAME
    return NEEDS_STREAM if not streamed and _subscribes(document, name) else None


def _parsed(query: str) -> DocumentNode | None:
    try:
        return parse(query, no_location=True, max_tokens=_MAX_TOKENS)
    except (GraphQLSyntaxError, RecursionError):
        return None


def _is_operation(node: object) -> bool:
    return isinstance(node, OperationDefinitionNode)


def _subscribes(document: DocumentNode, name: str | None) -> bool:
    meant = get_operation_ast(document, name)
    return meant is not None and meant.operation is OperationType.SUBSCRIPTION
