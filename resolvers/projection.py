"""What a selection shows of a value, compiled once into a plain function.

The schema's own execution costs some 200 microseconds an event. What is compiled here gives the
same in a few; whatever it is not sure of is left to that execution.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, Final, Never, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from schema.library import Library

Show = Callable[[Any], Any]

_DEFINITION: Final = "strawberry-definition"
# Scalars that leave such values as they are, the latter between bounds.
_PLAIN: Final = {"String": str, "ID": str, "Cursor": str, "Boolean": bool}
_BETWEEN: Final[Mapping[str, tuple[type[float], float, float]]] = {
    "Int": (int, -(2**31) - 1, 2**31),
    "Float": (float, -math.inf, math.inf),
}


class Beyond(Exception):
    """The selection needs more than the value it is about."""


@dataclass(frozen=True, slots=True)
class Sight:
    """As much as a compiled field sees of `Info`: its context has the library and nobody in it."""

    library: Library

    @property
    def context(self) -> "Sight":
        return self


@dataclass(frozen=True)
class Selection:
    """The operation of a document, with the values of its variables."""

    schema: GraphQLSchema
    library: Library
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: VariableValues

    def root(self) -> tuple[str, list[FieldDetails]]:
        """Return the key in the answer of the one root field, and where it is selected."""
        kind = self.schema.get_root_type(self.operation.operation)
        if kind is None:
            raise Beyond
        collected = collect_fields(
            self.schema, self._fragments, self.variables, kind, self.operation
        )
        ((key, details),) = _whole(collected).items()
        return key, details

    def shown(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Show:
        """Return what shows a value of `kind`; raise `Beyond` where only the schema can."""
        selected = _whole(
            collect_subfields(
                self.schema, self._fragments, self.variables, self.operation, kind, details
            )
        )
        fields = tuple((key, self._field(kind, where)) for key, where in selected.items())

        def show(value: object) -> object:
            return {key: field(value) for key, field in fields}

        return show

    @cached_property
    def _fragments(self) -> dict[str, FragmentDetails]:
        return {
            one.name.value: FragmentDetails(one)
            for one in self.document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }

    def _field(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Show:
        name = details[0].node.name.value
        if name == "__typename":
            return lambda _: kind.name
        if name not in kind.fields:
            raise Beyond
        field = kind.fields[name]
        get, complete = _getter(field, self.library), self._completed(field.type, details)
        named: GraphQLNamedType = cast("Any", get_named_type)(field.type)
        return _found(get, complete, named.name)

    def _completed(self, kind: GraphQLType, details: list[FieldDetails]) -> Show:
        """Return what shows a value that may be None only where `kind` says so."""
        if isinstance(kind, GraphQLNonNull):
            inner: GraphQLType = cast("Any", kind).of_type
            return _present(self._of(inner, details))
        show = self._of(kind, details)
        return lambda value: None if value is None else show(value)

    def _of(self, kind: GraphQLType, details: list[FieldDetails]) -> Show:
        match kind:
            case GraphQLScalarType():
                return _present(kind.coerce_output_value, after=True)
            case GraphQLEnumType():
                return _names(kind)
            case GraphQLObjectType():
                return self.shown(kind, details)
            case GraphQLList(of_type=inner):
                each = self._completed(inner, details)
                return lambda values: [each(value) for value in values]
            case _:
                raise Beyond


def _whole(collected: CollectedFields) -> Mapping[str, list[FieldDetails]]:
    if collected.new_defer_usages or collected.forbidden_directive_instances:
        raise Beyond
    return collected.grouped_field_set


def _getter(field: GraphQLField, library: Library) -> Show:
    """Return what finds the field's value in its object, or by the library alone."""
    definition = field.extensions.get(_DEFINITION)
    if not isinstance(definition, StrawberryField) or definition.extensions:
        raise Beyond
    resolver = cast("Any", definition).base_resolver
    if resolver is None:
        return attrgetter(definition.python_name)
    if resolver.is_async:
        raise Beyond
    method: Callable[..., Any] = resolver.wrapped_func
    match list(resolver.signature.parameters):
        case ["self"]:
            return method
        case ["self", "info"]:
            return partial(method, info=Sight(library))
        case _:
            raise Beyond


def _found(get: Show, complete: Show, kind: str) -> Show:
    """Return what finds a value and completes it, unless it needs no completing."""
    if kind in _PLAIN:
        return _plain(get, complete, _PLAIN[kind])
    if kind in _BETWEEN:
        return _between(get, complete, *_BETWEEN[kind])
    if kind == "DateTime":
        return _moment(get, complete)
    return lambda value: complete(get(value))


def _plain(get: Show, complete: Show, kind: type) -> Show:
    def shown(value: object) -> object:
        found = get(value)
        return found if type(found) is kind else complete(found)

    return shown


def _between(get: Show, complete: Show, kind: type[float], low: float, high: float) -> Show:
    def shown(value: object) -> object:
        found = get(value)
        return found if type(found) is kind and low < found < high else complete(found)

    return shown


def _moment(get: Show, complete: Show) -> Show:
    """Leave times in UTC as they are: orjson writes them as `written_time` does."""

    def shown(value: object) -> object:
        found = get(value)
        return found if type(found) is datetime and found.tzinfo is UTC else complete(found)

    return shown


def _present(show: Show, *, after: bool = False) -> Show:
    """Return `show` for what must not be None, before or `after` it is shown."""

    def shown(value: object) -> object:
        found = show(value) if after or value is not None else None
        return _absent() if found is None else found

    return shown


def _absent() -> Never:
    raise ValueError("null where the schema allows none")


def _names(kind: GraphQLEnumType) -> Show:
    return {one.value: name for name, one in kind.values.items()}.__getitem__
