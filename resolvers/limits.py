"""How large a query may be: depth, aliases, fields, and the rows it could ask for."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from graphql import (
    ASTValidationRule,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

from schema.connection import DEFAULT, MOST

TOO_COMPLEX = "TOO_COMPLEX"
TOKENS = 2000
CHARACTERS = 65_536


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a selection: `rows` counts objects, pages taken as full."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    rows: int = 0

    def beside(self, other: "Size") -> "Size":
        return Size(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.fields + other.fields,
            self.rows + other.rows,
        )


MOST_ALLOWED = Size(depth=20, aliases=30, fields=600, rows=25_000)


class SizeRule(ASTValidationRule):
    """Refuses operations that are larger than `MOST_ALLOWED`.

    One class for all requests: the cache of validated documents keeps rules by identity.
    """

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._fragments: dict[str, Size] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        size = self._of(node.selection_set)
        for name in ("depth", "aliases", "fields", "rows"):
            found, most = getattr(size, name), getattr(MOST_ALLOWED, name)
            if found > most:
                self.report_error(
                    GraphQLError(
                        f"The operation is too large: {found} {name}, and {most} are allowed.",
                        node,
                        extensions={"code": TOO_COMPLEX},
                    )
                )

    def _of(self, selection: SelectionSetNode | None) -> Size:
        return _sum(self._size(node) for node in selection.selections) if selection else Size()

    def _size(self, node: SelectionNode) -> Size:
        match node:
            case FieldNode():
                return self._field(node)
            case FragmentSpreadNode():
                return self._fragment(node.name.value)
            case InlineFragmentNode():
                return self._of(node.selection_set)
            case _:
                return Size()

    def _field(self, node: FieldNode) -> Size:
        # Introspection has its own rule in graphql-core.
        if node.name.value.startswith("__"):
            return Size(fields=1)
        inner = self._of(node.selection_set)
        if node.selection_set is None:
            return Size(0, int(node.alias is not None), 1, 0)
        return Size(
            inner.depth + 1,
            inner.aliases + int(node.alias is not None),
            inner.fields + 1,
            (inner.rows + 1) * _page(node),
        )

    def _fragment(self, name: str) -> Size:
        if name not in self._fragments:
            # A fragment that leads back to itself is another rule's to refuse.
            self._fragments[name] = Size()
            definition = self.context.get_fragment(name)
            self._fragments[name] = self._of(definition.selection_set) if definition else Size()
        return self._fragments[name]


def _page(node: FieldNode) -> int:
    """Return how many rows a connection shows; 1 for what is no connection."""
    names = {
        inner.name.value
        for inner in (node.selection_set.selections if node.selection_set else ())
        if isinstance(inner, FieldNode)
    }
    if "edges" not in names:
        return 1
    sizes = [
        _given(argument.value)
        for argument in node.arguments or ()
        if argument.name.value in ("first", "last")
    ]
    return max(sizes, default=DEFAULT)


def _given(value: object) -> int:
    match value:
        case IntValueNode():
            return min(max(int(value.value), 1), MOST)
        case VariableNode():
            return MOST
        case _:
            return DEFAULT


def _sum(sizes: Iterable[Size]) -> Size:
    return reduce(Size.beside, sizes, Size())
