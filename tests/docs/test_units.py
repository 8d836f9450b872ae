"""What the units for systemd say, as far as that shows without one."""

import re
import shlex

import pytest

from server.settings import Settings, described
from tests.docs import commands
from tests.docs.markdown import ROOT

UNITS = sorted((ROOT / "docs/operations").glob("*.service"))


@pytest.fixture(params=UNITS, ids=lambda path: path.name)
def said(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", request.param.read_text(), re.MULTILINE))


def test_there_is_one() -> None:
    assert UNITS


def test_it_starts_what_there_is(said: dict[str, str]) -> None:
    commands.check(shlex.split(said["ExecStart"]))
    variable, _, value = said["Environment"].partition("=")
    assert variable in {one.variable for one in described()}
    assert value == said["WorkingDirectory"] == f"/var/lib/{said['StateDirectory']}"
    assert said["Restart"] == "always"


def test_it_leaves_time_to_drain(said: dict[str, str]) -> None:
    assert int(said["TimeoutStopSec"]) > Settings.from_environ({}).drain_seconds + 10
