"""The labelled training photos."""

import csv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo with what a person says about it; `group` is its contributor."""

    path: Path
    kind: str
    group: str
    pattern: str | None
    fabric: str | None
    colours: frozenset[str]


def load(data: Path) -> list[Photo]:
    """Return the photos of `data`; one whose contributor is unknown is a group of its own.

    Patterns and fabrics that `data` does not tell come from the files beside this one.
    """
    patterns = {row["file"]: row["pattern"] for row in _rows(HERE / "patterns.csv")}
    fabrics = {row["file"]: row["fabric"] for row in _rows(HERE / "fabrics.csv")}
    colours: dict[str, str] = {}
    for row in _rows(data / "attributes.csv"):
        patterns[row["file"]] = row["pattern"]
        colours[row["file"]] = row["primary_colour_acceptable"]
    return [
        Photo(
            path=data / row["file"],
            kind=row["class"],
            group=row["sender"] or row["file"],
            pattern=patterns.get(row["file"]),
            fabric=fabrics.get(row["file"]),
            colours=frozenset(colours.get(row["file"], "").split("|")) - {""},
        )
        for row in _rows(data / "labels.csv")
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
