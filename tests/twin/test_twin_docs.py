import re
from pathlib import Path
from typing import get_args

from twin.faults import Delivery, Fault, Shape, Spoil
from twin.script import rules_from

PAGE = (Path(__file__).parents[2] / "docs" / "twin.md").read_text(encoding="utf-8")


def test_the_example_is_a_script() -> None:
    (script,) = re.findall(r"```json\n(\[.*?\])\n```", PAGE, re.DOTALL)
    assert len(rules_from(script)) == 3


def test_every_fault_is_described() -> None:
    kinds = [fault.__dataclass_fields__["kind"].default for fault in get_args(Fault)]
    assert len(kinds) == 12
    for name in (*kinds, *Shape, *Spoil, *Delivery):
        assert f"`{name}`" in PAGE
