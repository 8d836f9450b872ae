"""The API's reference in Markdown, made from the descriptions in its SDL."""

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

_HEAD = """# The API

This page is made from the schema's descriptions by `designer-bff schema --markdown`.
The server has the schema itself at `/schema.graphql`.
A specification's JSON Schema is at `/garment-spec.schema.json`.
Errors and their codes are in [errors.md](errors.md).
A subscription that is refused has no event: over WebSocket it ends with an `error`.
"""
_ROOTS = {"Query": "Queries", "Mutation": "Mutations", "Subscription": "Subscriptions"}
_KINDS: Mapping[str, type[TypeDefinitionNode]] = {
    "Types": ObjectTypeDefinitionNode,
    "Interfaces": InterfaceTypeDefinitionNode,
    "Unions": UnionTypeDefinitionNode,
    "Inputs": InputObjectTypeDefinitionNode,
    "Enums": EnumTypeDefinitionNode,
    "Scalars": ScalarTypeDefinitionNode,
}


def reference(sdl: str) -> str:
    """Return the whole reference."""
    types = {
        node.name.value: node
        for node in parse(sdl).definitions
        if isinstance(node, TypeDefinitionNode)
    }
    roots = {title: types.pop(name) for name, title in _ROOTS.items()}
    ordered = [types[name] for name in sorted(types)]
    return "\n".join([_HEAD, *_roots(roots), *_sections(ordered)]).rstrip() + "\n"


def _roots(roots: Mapping[str, TypeDefinitionNode]) -> Iterator[str]:
    for title, root in roots.items():
        yield f"## {title}\n\n{_meaning(root)}\n"
        yield _listed(_members(root))


def _sections(types: Iterable[TypeDefinitionNode]) -> Iterator[str]:
    listed = list(types)
    for title, kind in _KINDS.items():
        yield f"## {title}\n"
        for node in listed:
            if isinstance(node, kind):
                yield f"### {node.name.value}\n\n{_meaning(node)}\n"
                yield _listed(_members(node))


def _members(node: TypeDefinitionNode) -> Iterable[str]:
    match node:
        case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
            return [*_implemented(node.interfaces or ()), *_fields(node.fields or ())]
        case InputObjectTypeDefinitionNode():
            return (_value(field) for field in node.fields or ())
        case UnionTypeDefinitionNode():
            return (f"- {member.name.value}" for member in node.types or ())
        case EnumTypeDefinitionNode():
            return (f"- `{value.name.value}`: {_meaning(value)}" for value in node.values or ())
        case _:
            return ()


def _implemented(interfaces: Iterable[NamedTypeNode]) -> Iterator[str]:
    names = ", ".join(interface.name.value for interface in interfaces)
    if names:
        yield f"Implements {names}.\n"


def _fields(fields: Iterable[FieldDefinitionNode]) -> Iterator[str]:
    for field in fields:
        yield f"- `{field.name.value}: {print_ast(field.type)}`: {_meaning(field)}"
        for argument in field.arguments or ():
            yield f"  {_value(argument)}"


def _value(node: InputValueDefinitionNode) -> str:
    default = print_ast(node.default_value) if node.default_value else "null"
    told = "" if default == "null" else f" = {default}"
    return f"- `{node.name.value}: {print_ast(node.type)}{told}`: {_meaning(node)}"


def _meaning(
    node: TypeDefinitionNode
    | FieldDefinitionNode
    | InputValueDefinitionNode
    | EnumValueDefinitionNode,
) -> str:
    return node.description.value if node.description else ""


def _listed(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
