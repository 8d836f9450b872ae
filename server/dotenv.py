"""Read a `.env` file: `NAME=value` lines, comments, quotes."""

import re
from pathlib import Path

from pipeline.errors import DesignerError

_LINE = re.compile(
    r"""(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*
        (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' | (?P<bare>.*?) )
        (?:\s+\#.*)?""",
    re.VERBOSE,
)


class BadDotenv(DesignerError):
    """A line of the file is no setting."""


def read(path: Path) -> dict[str, str]:
    """Return what the file sets, nothing where there is no file; raises `BadDotenv`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadDotenv(f"{path} cannot be read ({error}): make it a readable text file") from error
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if not match:
            raise BadDotenv(f"{path}, line {number}, is no setting: write NAME=value")
        found[match["name"]] = match["double"] or match["single"] or match["bare"] or ""
    return found
