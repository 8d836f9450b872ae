"""Look whether everything is as it has to be."""

import argparse
import os
from pathlib import Path

from pipeline.errors import DesignerError
from server import dotenv
from server.checkup import examine
from server.findings import Finding
from server.settings import Settings, described

HELP = "check settings, database, migrations, object store, port, disk, keys and models"

_FILE = Path(".env")


def configure(parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""


def run(_: argparse.Namespace) -> int:
    """Print a line for each finding; return 1 if one is wrong."""
    findings = _findings()
    for finding in findings:
        print(f"{'ok   ' if finding.fine else 'WRONG'}  {finding.subject}: {finding.text}")
    return 0 if all(finding.fine for finding in findings) else 1


def _findings() -> list[Finding]:
    try:
        settings = Settings.from_environ(os.environ, _FILE)
        unknown = sorted(dotenv.read(_FILE).keys() - {one.variable for one in described()})
    except DesignerError as error:
        return [Finding("settings", False, str(error))]
    if unknown:
        text = f"{_FILE} sets {', '.join(unknown)}, unknown here: see .env.example for the names"
        return [Finding("settings", False, text), *examine(settings)]
    return [Finding("settings", True, "each keeps its rule"), *examine(settings)]
