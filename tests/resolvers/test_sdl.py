from pathlib import Path
from typing import Any

from graphql import Visitor, parse, visit

import schema
from resolvers.api import build_schema
from schema.markdown import reference

ROOT = Path(schema.__file__).parents[1]
SDL = build_schema().as_str()


def test_the_committed_sdl_is_the_schemas() -> None:
    committed = (ROOT / "schema" / "schema.graphql").read_text("utf-8")
    assert committed.strip() == SDL.strip(), "run: designer-bff schema > schema/schema.graphql"


def test_the_reference_is_the_schemas() -> None:
    committed = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert committed == reference(SDL), "run: designer-bff schema --markdown > docs/api.md"


class Undescribed(Visitor):
    """Collects the definitions without a description."""

    def __init__(self) -> None:
        super().__init__()
        self.described = 0
        self.names: list[str] = []

    def enter(self, node: Any, *_: object) -> None:
        if not hasattr(node, "description"):
            return
        if node.description and node.description.value.strip():
            self.described += 1
        elif hasattr(node, "name"):
            self.names.append(node.name.value)


def test_everything_has_a_description() -> None:
    found = Undescribed()
    visit(parse(SDL), found)
    assert found.names == []
    assert found.described > 400
