"""Commands that no test may run, or not here: whether what they name exists."""

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

from server.__main__ import Command
from server.settings import Settings, described
from tests.docs.markdown import ROOT

BINARIES = Path(sys.executable).parent
PACKAGE = ROOT / "tests/docs/npm/package.json"

_ASSIGNMENT = re.compile(r"([A-Z_]+)=(.*)")


class Wrong(AssertionError):
    """The document names what there is not."""


def lines(script: str) -> list[list[str]]:
    """Return the commands of a script, a word each; comments and redirections are left out."""
    joined = script.replace("\\\n", " ")
    split = (shlex.split(line, comments=True) for line in joined.splitlines())
    return [words[: words.index(">")] if ">" in words else words for words in split if words]


def stays_on_paper(script: str) -> bool:
    """Whether a block starts what installs, serves or works until somebody ends it."""
    return any(re.search(rf"^[^#\n]*(?:{_PAPER})", line) for line in script.splitlines())


_PAPER = (
    r"\./dev |npm install|docker |systemctl |pip install |"
    r"designer-bff (?:serve|worker|twin|migrate)|DATABASE_URL=|HOST=|pg_dump|pg_restore|psql "
)


def check(words: Sequence[str]) -> None:
    """Raise `Wrong` for a command that would not be understood."""
    given = [found for word in words if (found := _ASSIGNMENT.fullmatch(word))]
    _are_settings({found[1]: found[2] for found in given})
    rest = words[len(given) :]
    if not rest:
        return
    program, *arguments = rest
    checker = _CHECKERS.get(Path(program).name)
    if checker is None:
        raise Wrong(f"nothing is known that checks {shlex.join(words)}")
    checker(arguments)


def _are_settings(given: Mapping[str, str]) -> None:
    """Raise `Wrong` or `BadSetting` where the server would not take them."""
    if unknown := given.keys() - {one.variable for one in described()}:
        raise Wrong(f"{', '.join(unknown)}: no such setting")
    Settings.from_environ({"HOME": "/", **given})


def _dev(arguments: Sequence[str]) -> None:
    name, *rest = arguments
    usage = subprocess.run([ROOT / "dev"], capture_output=True, text=True, check=True).stdout
    if f"\n  {name} " not in usage:
        raise Wrong(f"./dev has no command {name}")
    if name == "run":
        _designer_bff(["serve", *rest])
    if name == "bench" and not (ROOT / f"benchmarks/{rest[0]}.py").exists():
        raise Wrong(f"there is no benchmark {rest[0]}")
    if name == "test":
        _exist([path for path in rest if "/" in path])


def _designer_bff(arguments: Sequence[str]) -> None:
    name, *rest = arguments
    if name == "--help":
        return
    try:
        command = cast("Command", import_module(f"server.commands.{name.replace('-', '_')}"))
        parser = argparse.ArgumentParser(name)
        command.configure(parser)
        parser.parse_args(rest)
    except (ImportError, SystemExit) as error:
        raise Wrong(f"designer-bff does not take {shlex.join(arguments)}") from error


def _npm(arguments: Sequence[str]) -> None:
    known = PACKAGE.read_text()
    for package in arguments[1:]:
        if f'"{package}":' not in known:
            raise Wrong(f"{package} is not in {PACKAGE.relative_to(ROOT)}, so nobody tries it")


def _exist(paths: Sequence[str]) -> None:
    for path in paths:
        if not (ROOT / path).exists():
            raise Wrong(f"there is no {path}")


def _docker(arguments: Sequence[str]) -> None:
    """Check what is run in a container of ours, and that the services are there."""
    match list(arguments):
        case ["run", "--rm", "designer-bff", *rest]:
            _designer_bff(rest)
        case ["compose", "--env-file", "compose.env", "run", "--rm", service, *rest]:
            _has_service(service)
            _designer_bff(rest)
        case ["compose", "--env-file", "compose.env", ("up" | "build"), *rest]:
            for word in rest:
                if "=" in word:
                    _has_service(word.partition("=")[0])
        case [
            "compose",
            "--env-file",
            "compose.env",
            "exec",
            "-T",
            service,
            "pg_dump" | "pg_restore",
            *_,
        ]:
            _has_service(service)
        case ["compose", "--env-file", "compose.env", "stop", *rest]:
            for word in rest:
                _has_service(word)
        case ["build", *_]:
            pass
        case _:
            raise Wrong(f"nothing is known that checks docker {shlex.join(arguments)}")


def _has_service(name: str) -> None:
    if f"\n  {name}:\n" not in (ROOT / "compose.yaml").read_text():
        raise Wrong(f"compose.yaml has no service {name}")


def _copy(arguments: Sequence[str]) -> None:
    _exist(arguments[:1])


def _foreign(_: Sequence[str]) -> None:
    """Take a program that is not ours at its word."""


_CHECKERS: dict[str, Callable[[Sequence[str]], None]] = {
    "dev": _dev,
    "designer-bff": _designer_bff,
    "npm": _npm,
    "docker": _docker,
    "cp": _copy,
    "pip": _foreign,
    "python3": _foreign,
    "systemctl": _foreign,
    "pg_dump": _foreign,
    "pg_restore": _foreign,
    "createdb": _foreign,
    "psql": _foreign,
}
