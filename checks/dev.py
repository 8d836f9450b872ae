"""usage: ./dev COMMAND

  setup                         prepare .venv, where designer-bff is
  run [--port N] [--data DIR]   start everything on this machine
  test [PYTEST ARGUMENTS]       run the tests; all of them use several cores
  check                         run the linters, the type checkers and the house rules
  bench NAME [ARGUMENTS]        run one of the benchmarks
  lock [--upgrade]              write the lock files anew

Each installs first what it lacks.
"""  # noqa: D400 - it is what ./dev prints

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMP = VENV / "prepared.json"
OURS = sorted(path.parent for path in ROOT.glob("*/__init__.py"))
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}
BENCHMARKS = sorted(path.stem for path in ROOT.glob("benchmarks/*.py"))
HELP = {"-h", "--help"}
CHECKS = (
    ("ruff", "check", "--quiet"),
    ("ruff", "format", "--check", "--quiet"),
    ("mypy",),
    ("mypy", "benchmarks"),
    ("basedpyright",),
    ("lint-imports", "--no-cache"),
    ("python", "checks/house.py"),
    ("python", "checks/names.py"),
)
# By whole files, in their order: what one prepares is prepared once, and dear ones come early.
SIDE_BY_SIDE = ("-nlogical", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
# What chooses for itself, or wants to look on.
ALONE = ("-n", "--numprocesses", "--dist", "-p", "-x", "--exitfirst", "-s", "--pdb", "--trace")


class Stop(Exception):
    """Why it cannot go on: one sentence with the remedy."""


def main(arguments: Sequence[str]) -> int:
    commands: dict[str, Callable[[Sequence[str]], int]] = {
        "setup": lambda _: prepare("run"),
        "run": run,
        "test": test,
        "check": check,
        "bench": bench,
        "lock": lock,
    }
    # Before anything is installed: who asks does not know yet whether to.
    if not arguments or arguments[0] in {*HELP, "help"} or HELP.intersection(arguments[1:2]):
        print(__doc__.strip())
        return 0
    if arguments[0] not in commands:
        print(__doc__.strip())
        return 2
    try:
        return commands[arguments[0]](arguments[1:])
    except Stop as reason:
        print(f"dev: {reason}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def run(arguments: Sequence[str]) -> int:
    prepare("run")
    return become("designer-bff", "serve", *arguments)


def test(arguments: Sequence[str]) -> int:
    prepare("test")
    os.chdir(ROOT)
    return become("python", "-m", "pytest", *spread(arguments), *arguments)


def spread(arguments: Sequence[str]) -> Sequence[str]:
    """Spread the whole suite over the cores; named tests need no company."""
    whole = all(one.startswith("-") and not one.startswith(ALONE) for one in arguments)
    return SIDE_BY_SIDE if whole and (os.cpu_count() or 1) > 1 else ()


def check(_: Sequence[str]) -> int:
    """Run every check, also after one has failed."""
    prepare("test")
    failed = [" ".join(command) for command in CHECKS if not passes(command)]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def bench(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in BENCHMARKS:
        raise Stop(f"name one of the benchmarks: {', '.join(BENCHMARKS)}")
    prepare("test")
    # As modules: a script's folder goes before all others, and one is named like Python's queue.
    return become("python", "-P", "-m", f"benchmarks.{arguments[0]}", *arguments[1:])


def lock(arguments: Sequence[str]) -> int:
    """Resolve the larger set first and the smaller one within it, so that they agree."""
    prepare("run")
    compile_lock(LOCKS["test"], "--group", "setup", "--group", "test", *arguments)
    compile_lock(LOCKS["run"], "--group", "setup", "--constraints", LOCKS["test"].name, *arguments)
    return 0


def prepare(level: str) -> int:
    """Bring .venv to the locked packages of `level`, or keep it at those of a higher one.

    A stamp tells when nothing is to do.
    """
    had = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    level = "test" if had.get("level") == "test" else level
    wanted = {"level": level, "state": state(), "place": str(VENV)}
    if had == wanted:
        return 0
    STAMP.unlink(missing_ok=True)
    if not healthy() or had.get("place", str(VENV)) != str(VENV):
        make_venv()
    if not (BIN / "uv").exists():
        install_uv()
    packages = len(re.findall(r"^\w", LOCKS[level].read_text(), re.MULTILINE))
    # Compiled now, or the first starts would take a second longer each.
    step(
        f"installing up to {packages} packages",
        uv("sync", "--require-hashes", "--compile-bytecode", LOCKS[level]),
    )
    step(
        "installing designer-bff itself",
        uv("install", "--no-deps", "--no-build-isolation", "--editable", ROOT),
    )
    # The first start would do it, but not where PYTHONDONTWRITEBYTECODE is set: there every start
    # would take half as long again. Whoever edits a module may break it, which stops nothing here.
    quiet([BIN / "python", "-m", "compileall", "-q", "-j0", *OURS])
    STAMP.write_text(json.dumps(wanted))
    return 0


def state() -> str:
    digest = hashlib.sha256()
    for path in (*LOCKS.values(), ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def healthy() -> bool:
    """Tell whether .venv runs and can be brought further, by uv or by pip."""
    try:
        needs = "" if (BIN / "uv").exists() else "import pip"
        return quiet([BIN / "python", "-c", needs]).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    chosen = python if python.exists() else Path(sys.executable)
    try:
        step(
            f"making .venv with Python {sys.version.split()[0]}",
            [chosen, "-m", "venv", "--clear", VENV],
        )
    except Stop as reason:
        name = f"python3.{sys.version_info.minor}-venv"
        raise Stop(f"{reason}; if the module venv is what lacks, install {name}") from None


def install_uv() -> None:
    """Have pip install uv, by the hashes in the lock; uv installs the rest ten times as fast."""
    block = re.search(r"^uv==.*(?:\n +.*)*", LOCKS["run"].read_text(), re.MULTILINE)
    if block is None:
        raise Stop(f"{LOCKS['run'].name} lacks uv: take the file from the repository again")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(block[0] + "\n")
        requirements.flush()
        options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes")
        step(
            "installing uv",
            [BIN / "python", "-m", "pip", "install", *options, "-r", requirements.name],
        )


def compile_lock(target: Path, *options: str) -> None:
    fixed = (
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
    )
    step(
        f"resolving {target.name}",
        uv("compile", "pyproject.toml", "-o", target.name, *fixed, "--no-emit-index-url", *options),
    )


def uv(command: str, *options: str | Path) -> list[str | Path]:
    where: tuple[str | Path, ...] = () if command == "compile" else ("--python", BIN / "python")
    return [BIN / "uv", "--quiet", "pip", command, *where, *options]


def step(saying: str, command: Sequence[str | Path]) -> None:
    print(f"dev: {saying}", flush=True)
    done = quiet(command)
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr)
        raise Stop(f"{saying} failed, as told above: mend that and run ./dev again")


def quiet(command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    # Without it uv would not trust a certificate authority of the machine's owner.
    environment = {**os.environ, "UV_SYSTEM_CERTS": "1", "UV_PYTHON_DOWNLOADS": "never"}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def passes(command: Sequence[str]) -> bool:
    print(f"--- {' '.join(command)}", flush=True)
    return subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, check=False).returncode == 0


def become(program: str, *arguments: str) -> int:
    """Go on as that program, so that signals and the exit status are its own."""
    sys.stdout.flush()
    # Python finds its environment by the path that it is called by.
    path = str(BIN / program)
    os.execv(path, [path, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
