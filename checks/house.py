"""Measure our modules against the figures of the house."""

import ast
import io
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MOST_LINES = 400
MEDIAN_FUNCTION = 8
P90_FUNCTION = 30
COMMENTS = (1.0, 4.0)
DOCSTRINGS = (5.0, 12.0)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | Function


@dataclass(frozen=True, slots=True)
class Module:
    """A file and what is counted in it; lines are those that are not blank."""

    path: Path
    length: int
    lines: int
    comments: int
    docstrings: int
    functions: tuple[Function, ...]

    @property
    def bare(self) -> list[str]:
        """Where an argument or a result has no annotation."""
        return [f"{self.path}:{f.lineno} {f.name}" for f in self.functions if not annotated(f)]


def read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(text)))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Module(
        path=path,
        length=len(text.splitlines()),
        lines=sum(1 for line in text.splitlines() if line.strip()),
        comments=sum(1 for token in tokens if token.type == tokenize.COMMENT),
        docstrings=sum(docstring_lines(node) for node in nodes if isinstance(node, Documented)),
        functions=tuple(node for node in nodes if isinstance(node, Function)),
    )


def docstring_lines(node: Documented) -> int:
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str(text))), *_]:
            return sum(1 for line in text.splitlines() if line.strip())
        case _:
            return 0


def annotated(function: Function) -> bool:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    named = [one for one in every if one and one.arg not in {"self", "cls"}]
    return function.returns is not None and all(one.annotation for one in named)


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def faults(modules: list[Module], lengths: list[int]) -> Iterator[str]:
    for module in modules:
        if module.length > MOST_LINES:
            yield f"{module.path} has {module.length} lines, and {MOST_LINES} is the most: split it"
        for place in module.bare:
            yield f"{place} is not wholly annotated"
    if median(lengths) > MEDIAN_FUNCTION:
        yield f"the median function is longer than {MEDIAN_FUNCTION} lines"
    if p90(lengths) > P90_FUNCTION:
        yield f"one function in ten is longer than {P90_FUNCTION} lines"


def p90(values: list[int]) -> int:
    return sorted(values)[9 * len(values) // 10]


def main() -> int:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    modules = [read(path) for package in packages for path in sorted(Path(package).rglob("*.py"))]
    lengths = [length(function) for module in modules for function in module.functions]
    lines = sum(module.lines for module in modules)
    comments = 100 * sum(module.comments for module in modules) / lines
    docstrings = 100 * sum(module.docstrings for module in modules) / lines
    sizes = [module.length for module in modules]
    print(f"modules     {len(modules)}, median {median(sizes):.0f} lines, longest {max(sizes)}")
    print(f"functions   {len(lengths)}, median {median(lengths):.0f} lines, p90 {p90(lengths)}")
    print(f"comments    {comments:.1f} % of lines (aim: {COMMENTS[0]:.0f} to {COMMENTS[1]:.0f})")
    print(f"docstrings  {docstrings:.1f} % (aim: {DOCSTRINGS[0]:.0f} to {DOCSTRINGS[1]:.0f})")
    found = list(faults(modules, lengths))
    print("\n".join(found) or "within the limits")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
