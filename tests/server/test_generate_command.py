"""`designer-bff generate`: the pipeline from the shell, as users call it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from PIL import Image

from server.__main__ import main

PROGRAM = str(Path(sys.executable).with_name("designer-bff"))
SECONDS = 60
STAGES = [
    "ANALYSIS",
    "ENHANCEMENT",
    "PERSONA",
    "ROUTING",
    "OPTIMIZATION",
    "GENERATION",
    "DELIVERY",
]


@pytest.fixture
def here(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Work in a folder with two bad files; give the address of the database."""
    (tmp_path / "words.txt").write_text("no image, no JSON")
    (tmp_path / "list.json").write_text("[]")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", "data")
    return database_url


@pytest.fixture
def launch(database_url: str, tmp_path: Path) -> "Launch":
    return Launch(database_url, tmp_path)


class Launch:
    """Starts the command in a folder of the test's own."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        self._environ = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "DATABASE_URL": database_url,
            "DATA_DIR": str(folder / "data"),
        }

    def __call__(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PROGRAM, "generate", *arguments],
            cwd=self.folder,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    async def to_end(self, *arguments: str) -> tuple[int, str, str]:
        with self(*arguments) as process:
            output, errors = await asyncio.to_thread(process.communicate, timeout=SECONDS)
            return process.returncode, output, errors


async def test_words_become_images_and_a_record(launch: Launch) -> None:
    status, output, errors = await launch.to_end(
        "--prompt", "a burgundy silk gown", "--enhance", "--persona", "minimalist",
        "--count", "2", "--aspect", "square", "--seed", "7", "--out", "new/lookbook",
    )  # fmt: skip
    assert (status, errors) == (0, "")
    assert {line.split()[0]: line.split()[1] for line in output.splitlines()[1:-1]} == {
        "ANALYSIS": "skipped",
        **dict.fromkeys(STAGES[1:], "completed"),
    }
    folder = launch.folder / "new" / "lookbook"
    record = json.loads((folder / "record.json").read_text())
    assert record["prompt"] == "a burgundy silk gown"
    assert [stage["name"] for stage in record["stages"]] == STAGES
    assert record["settings"]["seed"] == 7
    assert record["persona"]["persona"]["name"] == "Minimalist"
    assert record["finalPrompt"]["parts"]
    assert record["route"]["candidates"]
    assert record["cost"] == "0"
    images = sorted(folder.glob("*.png"))
    assert [image.name.rpartition("-")[2] for image in images] == ["0.png", "1.png"]
    (first, *_) = record["assets"]["edges"]
    with Image.open(images[0]) as image:
        assert image.size == (first["node"]["width"], first["node"]["height"])


async def test_a_specification_goes_into_a_folder_of_its_own(launch: Launch) -> None:
    spec = {"records": [{"garmentType": "evening gown", "colors": {"primary": "burgundy"}}]}
    (launch.folder / "gown.json").write_text(json.dumps(spec))
    status, _, errors = await launch.to_end("--spec", "gown.json", "--text", "on a terrace")
    assert (status, errors) == (0, "")
    (record,) = launch.folder.glob("*/record.json")
    assert json.loads(record.read_text())["spec"]["raw"] == spec
    (image,) = record.parent.glob("*.png")
    assert image.name == f"{record.parent.name}-0.png"


@pytest.mark.parametrize(
    ("arguments", "option", "words"),
    [
        (("--image", "none.jpg"), "--image", "No such file"),
        (("--image", "words.txt"), "--image", "no image"),
        (("--spec", "words.txt"), "--spec", "no JSON"),
        (("--spec", "list.json"), "--spec", "a JSON object"),
        (("--prompt", " "), "--prompt", "blank"),
        (("--spec", "list.json", "--text", ""), "--text", "blank"),
        (("--prompt", "a", "--text", "b"), "--text", "--prompt"),
        (("--prompt", "a", "--count", "9"), "--count", "must be from 1 to 8, not 9.\n"),
        (("--prompt", "a", "--seed", "-1"), "--seed", "from 0"),
        (("--prompt", "a", "--persona", "Nobody"), "--persona", "Minimalist"),
        (("--prompt", "a", "--out", "words.txt"), "--out", "another folder"),
    ],
)
def test_a_bad_option_is_one_sentence_and_nothing_is_stored(
    here: str,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    option: str,
    words: str,
) -> None:
    assert main(["generate", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"designer-bff: {option}: ")
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert "settings." not in captured.err
    assert asyncio.run(generations(here)) == 0
    assert not Path("data").exists()


async def generations(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        return int(await connection.fetchval("select count(*) from generations"))
    finally:
        await connection.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_run_is_cancelled(
    launch: Launch, pool: asyncpg.Pool, number: signal.Signals
) -> None:
    with launch("--prompt", "a silk gown", "--count", "8") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Run ")
        process.send_signal(number)
        _, errors = await asyncio.to_thread(process.communicate, timeout=SECONDS)
    assert (process.returncode, errors) == (130, "The run is cancelled.\n")
    assert await pool.fetchval("select status from generations") == "CANCELLED"


async def test_what_could_not_be_drawn_is_said(launch: Launch) -> None:
    status, output, errors = await launch.to_end("--prompt", "a sari with embroidery")
    assert (status, errors) == (0, "")
    *_, warning, saved = output.splitlines()
    assert warning.startswith("Warning: sketch ")
    assert saved.startswith("Saved 1 of 1 images")
