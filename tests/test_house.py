import subprocess
import sys
from pathlib import Path

import pytest

CHECKS = Path(__file__).parents[1] / "checks"
PROJECT = """
[project]
name = "designer-bff"
[tool.hatch.build.targets.wheel]
packages = ["things"]
"""
GOOD = 'def double(number: int) -> int:\n    """Twice it."""\n    return 2 * number\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "good.py").write_text(GOOD)
    return tmp_path


def check(name: str, project: Path, libraries: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CHECKS / f"{name}.py"],
        cwd=project,
        env={"PYTHONPATH": libraries},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_tidy_house_passes_with_its_figures(project: Path) -> None:
    (project / "things" / "more.py").write_text("# Why it is so.\nX = 1\n\n" + GOOD)
    done = check("house", project)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "modules     2, median 4 lines, longest 6",
        "functions   2, median 3 lines, p90 3",
        "comments    12.5 % of lines (aim: 1 to 4)",
        "docstrings  25.0 % (aim: 5 to 12)",
        "within the limits",
    ]


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("X = 1\n" * 401, "bad.py has 401 lines, and 400 is the most: split it"),
        ("def f(x) -> int:\n    return x\n", "bad.py:1 f is not wholly annotated"),
        ("def f(x: int):\n    return x\n", "bad.py:1 f is not wholly annotated"),
        ("def f(*x, **y) -> int: ...\n", "bad.py:1 f is not wholly annotated"),
        ("def f() -> None:\n" + "    x = 1\n" * 40, "one function in ten is longer than 30 lines"),
        ("def f() -> None:\n" + "    x = 1\n" * 15, "the median function is longer than 8 lines"),
    ],
)
def test_a_fault_is_named(project: Path, source: str, fault: str) -> None:
    (project / "things" / "bad.py").write_text(source)
    done = check("house", project)
    assert done.returncode == 1
    assert fault in done.stdout


def test_a_dependency_by_one_of_our_names_is_told(project: Path, tmp_path: Path) -> None:
    assert check("names", project).returncode == 0
    libraries = tmp_path / "libraries"
    for name in ("things", "rival-1.0.dist-info"):
        (libraries / name).mkdir(parents=True)
    (libraries / "rival-1.0.dist-info" / "METADATA").write_text("Name: rival\nVersion: 1.0\n")
    (libraries / "rival-1.0.dist-info" / "top_level.txt").write_text("things\n")
    done = check("names", project, str(libraries))
    assert done.returncode == 1
    assert "things/ is also brought by rival: replace that dependency" in done.stdout
