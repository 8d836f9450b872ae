"""`designer-bff analyse FILE…`."""

import json
from pathlib import Path

import pytest

from server.__main__ import main

PHOTOS = Path(__file__).parents[1] / "photos"


def test_each_file_gets_a_line_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "notes.jpg"
    bad.write_text("These are only words.")
    files = [str(PHOTOS / "blue-cap.jpg"), str(bad), str(tmp_path / "gone.jpg")]
    assert main(["analyse", *files]) == 1
    cap, words, gone = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert [cap["file"], words["file"], gone["file"]] == files
    assert cap["garmentType"]["value"] == "hat"
    assert cap["garmentType"]["source"] == "ANALYSIS"
    assert cap["colors"][0]["role"] == "primary"
    assert cap["fabric"]["value"] is None
    assert words["error"]["code"] == "UNREADABLE_PHOTO"
    assert gone["error"]["code"] == "NO_SUCH_FILE"


def test_readable_files_are_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(PHOTOS / name) for name in ("pink-slides.jpg", "orange-dress.jpg")]
    assert main(["analyse", *files]) == 0
    kinds = [
        json.loads(line)["garmentType"]["value"]
        for line in capsys.readouterr().out.split("\n")
        if line
    ]
    assert kinds == ["shoes", "dress"]
