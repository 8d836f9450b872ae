"""The console program: find the command, run it, and put what went wrong into a sentence."""

import argparse
import ast
import errno
import os
import pkgutil
import select
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, TextIO, cast

from pipeline.errors import DesignerError
from server import commands

_PROGRAM = "designer-bff"
_WRONG = 2
_INTERRUPTED = 130
# As of a program that SIGPIPE has ended.
_UNREAD = 141
_REMEDIES = {
    errno.ENOSPC: "free some space on that disk, or choose another folder by DATA_DIR",
    errno.EDQUOT: "free some space on that disk, or choose another folder by DATA_DIR",
    errno.EACCES: "make it writable, or choose another folder by DATA_DIR",
    errno.EROFS: "choose a folder that is writable by DATA_DIR",
    errno.EADDRINUSE: "end what listens there, or choose another by --port or PORT",
    errno.EADDRNOTAVAIL: "choose an address of this machine by HOST",
}


class Command(Protocol):
    """What a module of `server.commands` offers; it is imported only when it is to run."""

    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add its arguments."""
        ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit status; a `DesignerError` becomes a sentence and 2."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` names and return the exit status."""
    try:
        try:
            return _run(list(sys.argv[1:] if argv is None else argv))
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if not _unread(sys.stdout):
            raise
        # Or what is left of it would be tried again at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNREAD


def _run(given: Sequence[str]) -> int:
    names = _names()
    if not given or given[0] not in names:
        return _overview(names, given)
    command = cast("Command", import_module(f"{commands.__name__}.{names[given[0]]}"))
    parser = argparse.ArgumentParser(f"{_PROGRAM} {given[0]}", description=command.HELP)
    command.configure(parser)
    arguments = parser.parse_args(given[1:])
    try:
        return command.run(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        print(f"{_PROGRAM}: {sentence}", file=sys.stderr)
        return _WRONG


def _unread(out: TextIO) -> bool:
    """Tell whether who read it has gone, as `head` does; a socket's end is another matter."""
    poller = select.poll()
    poller.register(out, 0)
    return bool(poller.poll(0))


def _names() -> dict[str, str]:
    found = (module.name for module in pkgutil.iter_modules(commands.__path__))
    return {module.replace("_", "-"): module for module in found}


def _overview(names: dict[str, str], given: Sequence[str]) -> int:
    listed = "\n".join(f"  {name:10} {_help(module)}" for name, module in names.items())
    parser = argparse.ArgumentParser(
        _PROGRAM,
        description="The backend of a fashion designer's frontend.",
        epilog=f"commands:\n{listed}\n\n{_PROGRAM} COMMAND --help says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{_PROGRAM} {version(_PROGRAM)}")
    parser.add_argument("command", choices=names, metavar="COMMAND")
    parser.parse_args(given or ["--help"])
    return 0


def _help(module: str) -> str:
    """Read HELP out of a command's source, which costs no import of what it stands on."""
    source = Path(commands.__path__[0], f"{module}.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="HELP")], value=ast.Constant(value=str(text))):
                return text
            case _:
                pass
    return ""


def _sentence(error: BaseException) -> str | None:
    """Say what went wrong if it is of the expected kind; tasks wrap it in groups."""
    match error:
        case BaseExceptionGroup(exceptions=(one,)):
            return _sentence(one)
        case DesignerError():
            return str(error)
        case OSError(errno=number) if number in _REMEDIES:
            return f"{error.strerror or error} ({error.filename or 'no file'}): {_REMEDIES[number]}"
        case _:
            return None


if __name__ == "__main__":
    sys.exit(main())
