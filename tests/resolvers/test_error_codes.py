"""docs/errors.md names every code there is, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import schema

ROOT = Path(schema.__file__).parents[1]
SOURCES = [
    path
    for folder in ("pipeline", "storage", "schema", "resolvers", "server")
    for path in (ROOT / folder).rglob("*.py")
    if "commands" not in path.parts
]
CODE = re.compile(r"[A-Z]{4,}(_[A-Z]+)*|[A-Z]+(_[A-Z]+)+")
# Where a code is the first argument, or the second.
RAISED = {"StreamRefused": 0, "refusal": 1}
# Bases of classes: what is raised always has a code of its own.
ABSTRACT = {"REFUSED"}


def codes(tree: ast.Module) -> Iterator[str]:
    """Yield what is said to be a code, in one of the ways that our modules have."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="code", value=ast.Constant(value=str(text))):
                yield text
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(text))):
                yield text
            case ast.Dict(keys=[ast.Constant(value="code"), *_], values=[first, *_]):
                yield from constant(first)
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in RAISED:
                yield from constant(*arguments[RAISED[name] : RAISED[name] + 1])
            case _:
                pass
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))) if (
                name == text
            ):
                yield text
            case _:
                pass


def constant(*nodes: ast.expr) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def documented() -> set[str]:
    text = (ROOT / "docs" / "errors.md").read_text("utf-8")
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))


def test_every_code_is_documented() -> None:
    raised = {code for path in SOURCES for code in codes(ast.parse(path.read_text("utf-8")))}
    raised = {code for code in raised if CODE.fullmatch(code)} - ABSTRACT
    assert len(raised) > 30
    assert raised - documented() == set()


def test_every_documented_code_exists() -> None:
    text = "".join(path.read_text("utf-8") for path in SOURCES)
    fetching = {"URL_REFUSED", "URL_UNREACHABLE", "URL_TIMEOUT", "URL_TOO_LARGE"}
    assert {code for code in documented() if f'"{code}"' not in text} == fetching
    for code in fetching:
        assert f'"{code.removeprefix("URL_")}"' in text
