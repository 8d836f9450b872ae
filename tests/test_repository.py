"""The tree stands alone: nothing in it points at a machine, a registry or what lies beside it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Written so that this file does not hold what it looks for.
STRANGE = {
    "what lies beside the clone": r"\.\./share[d]/|\bshare[d]/(design|tools|garments)",
    "a folder of one machine": r"(?<![\w.])/(work|root|Users)/\w|/home/(?!user\b)\w+/",
    "a registry": r"pypi\.[o]rg|pythonhosted\.[o]rg|registry\.npm[j]s|npmmirro[r]|index-ur[l] *=",
    "what is put off": r"\bTOD[O]\b|\bFIXM[E]\b|\bXX[X]\b",
}
# Written by others, and built into the page as it is.
BUNDLES = "web/static/graphiql/"


def tracked() -> dict[str, str]:
    """Return the text of every file that git knows and that is ours."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    texts: dict[str, str] = {}
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if name.startswith(BUNDLES) or not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            texts[name] = content.decode()
    return texts


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return tracked()


@pytest.mark.parametrize("what", STRANGE)
def test_no_file_holds(what: str, texts: dict[str, str]) -> None:
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1} {match[0]}"
        for name, text in texts.items()
        for match in re.finditer(STRANGE[what], text)
    ]
    assert found == []


def test_what_is_carried_for_others_is_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text()
    carried = [*ROOT.glob("pipeline/vision/weights/*"), *ROOT.glob("tests/photos")]
    assert [path.name for path in carried if str(path.relative_to(ROOT)) not in notice] == []
    for licence in ("Apache-2.0", "CC0-1.0", "MIT"):
        assert licence in notice


def test_no_file_is_larger_than_the_weights_may_be() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    sizes = {path.name: path.stat().st_size for path in paths if path.is_file()}
    assert {name for name, size in sizes.items() if size > 20 * 1024 * 1024} == set()


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_settings_that_are_secret_have_no_value_in_the_example() -> None:
    given = re.findall(
        r"^(\w*(?:KEY|TOKEN|SECRET)\w*)=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE
    )
    assert given == []
