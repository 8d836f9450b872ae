import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from checks.dev import SIDE_BY_SIDE, spread

ROOT = Path(__file__).parents[1]
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-test.lock"]


def dev(
    *arguments: str, at: Path = ROOT, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    environment = None if path is None else {"PATH": path}
    command = ["/bin/sh", str(at / "dev"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd="/", check=False
    )


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", lock.read_text(), re.MULTILINE))


def test_alone_it_says_how_it_is_used() -> None:
    done = dev()
    assert done.returncode == 0
    for command in ("setup", "run", "test", "check", "bench", "lock"):
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("test", "-h")])
def test_help_comes_before_anything_is_installed(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "checks").mkdir()
    shutil.copy(ROOT / "dev", tmp_path)
    shutil.copy(ROOT / "checks" / "dev.py", tmp_path / "checks")
    done = dev(*arguments, at=tmp_path)
    assert done.returncode == 0
    assert "run [--port N] [--data DIR]" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_an_unknown_command_is_refused_with_the_usage() -> None:
    done = dev("fly")
    assert done.returncode == 2
    assert done.stdout.startswith("usage: ./dev")


def test_an_unknown_benchmark_is_answered_with_the_known_ones() -> None:
    done = dev("bench", "nonsense")
    assert done.returncode == 2
    assert done.stderr.startswith("dev: name one of the benchmarks: ")


@pytest.mark.parametrize("arguments", [(), ("-q", "--durations=9")])
def test_the_whole_suite_uses_the_cores(arguments: tuple[str, ...]) -> None:
    assert spread(arguments) == (SIDE_BY_SIDE if (os.cpu_count() or 1) > 1 else ())


@pytest.mark.parametrize(
    "arguments",
    [("tests/storage",), ("-k", "journal"), ("-x",), ("-n0",), ("-p", "no:xdist"), ("--pdb",)],
)
def test_what_is_named_or_looked_at_runs_in_one_process(arguments: tuple[str, ...]) -> None:
    assert spread(arguments) == ()


@pytest.mark.parametrize("name", ["python3", "python3.11"])
def test_a_python_too_old_is_told_with_the_remedy(tmp_path: Path, name: str) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    old = programs / name
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (programs / "dirname").symlink_to(shutil.which("dirname") or "/usr/bin/dirname")
    shutil.copy(ROOT / "dev", tmp_path)
    done = dev("setup", at=tmp_path, path=str(programs))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "Python 3.11 or newer is needed and none was found: install one" in done.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    blocks = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == text.count("==") - text.count("== '") > 50
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_the_tests_run_on_the_versions_that_run_in_earnest() -> None:
    small, large = (pins(lock) for lock in LOCKS)
    assert small.items() <= large.items()
    assert "pytest" in large.keys() - small.keys()
    assert {"uv", "hatchling", "asyncpg", "strawberry-graphql"} <= small.keys()
