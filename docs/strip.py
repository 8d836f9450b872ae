#!/usr/bin/env python3
"""Draw README's strip from a real run: docs/strip.py [PHOTO] (default: one of the tests')."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from server.__main__ import main as designer_bff

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "tests/photos/floral-dress.jpg"
TARGET = ROOT / "docs/images/strip.png"

SIZE = (1800, 700)
TOP, FOOT = 92, 660
PAPER, CARD, INK, GREY, GREEN = "#f4f1ec", "#ffffff", "#22201d", "#77716a", "#2f7d4f"
FRAMES = ((24, 480), (500, 1180), (1200, 1776))
TITLES = ("A photo", "Seven stages, live", "Finished pictures")
DOT = 8
ROW = (FOOT - TOP - 16) // 7

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Told:
    """What the run left: its record, and its pictures in order."""

    record: dict[str, Any]
    pictures: list[Path]


@contextmanager
def serving(data: Path) -> Generator[None]:
    """Have a server at work on the data, warmed up as it is in everyday life."""
    program = Path(sys.executable).with_name("designer-bff")
    command = (program, "serve", "--port", "0", "--data", data)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        try:
            if not any("ready" in line for line in server.stdout or ()):
                sys.exit("the server did not start, as told above")
            yield
        finally:
            server.terminate()


def run(photo: Path, folder: Path) -> Told:
    """Take the photo through the pipeline twice and tell of the second time."""
    # PostgreSQL runs as another account where root starts it.
    folder.chmod(0o755)
    data, out = folder / "data", folder / "second"
    order = ["generate", "--image", str(photo), "--count", "4", "--seed", "7"]
    with serving(data):
        for place in (folder / "first", out):
            if status := designer_bff([*order, "--data", str(data), "--out", str(place)]):
                sys.exit(status)
    record = json.loads((out / "record.json").read_text())
    return Told(record, sorted(out.glob("*.png")))


def strip(photo: Path, told: Told) -> Image.Image:
    """Return the three frames side by side."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    for (left, right), title in zip(FRAMES, TITLES, strict=True):
        draw.text((left + 4, 34), title, INK, font(34))
        draw.rounded_rectangle((left, TOP, right, FOOT), 14, CARD)
    photo_frame(image, photo, told.record["spec"])
    for place, stage in enumerate(told.record["stages"]):
        stage_row(draw, TOP + 12 + place * ROW, stage)
    for box, picture in zip(quarters(), told.pictures, strict=True):
        paste(image, picture, box)
    return image


def photo_frame(image: Image.Image, photo: Path, spec: dict[str, Any]) -> None:
    """Show the photo, and below it the colours that were read off it."""
    left, right = FRAMES[0]
    paste(image, photo, (left + 12, TOP + 12, right - 12, FOOT - 84))
    draw = ImageDraw.Draw(image)
    seen = " · ".join(spec[name]["value"] for name in ("garmentType", "pattern"))
    draw.text((left + 24, FOOT - 60), seen, INK, font(26))
    for place, colour in enumerate(reversed(spec["colors"])):
        middle = right - 42 - 46 * place
        draw.ellipse((middle - 18, FOOT - 62, middle + 18, FOOT - 26), colour["hex"], GREY)


def stage_row(draw: ImageDraw.ImageDraw, top: int, stage: dict[str, Any]) -> None:
    left, right = FRAMES[1]
    done = stage["status"] == "COMPLETED"
    middle = top + 16
    dot = (left + 22 - DOT, middle - DOT, left + 22 + DOT, middle + DOT)
    draw.ellipse(dot, GREEN if done else GREY)
    draw.text((left + 46, top + 2), stage["name"], INK, font(24))
    took = f"{stage['durationMs']} ms" if done else stage["status"].lower()
    draw.text((right - 22, top + 2), took, GREEN if done else GREY, font(24), anchor="ra")
    for place, line in enumerate(wrapped(stage["summary"] or "", right - left - 70)[:2]):
        draw.text((left + 46, top + 31 + 20 * place), line, GREY, font(18))


def quarters() -> Iterator[Box]:
    (left, right), middle = FRAMES[2], (TOP + FOOT) // 2
    centre = (left + right) // 2
    for top, foot in ((TOP + 12, middle - 4), (middle + 4, FOOT - 12)):
        yield left + 12, top, centre - 4, foot
        yield centre + 4, top, right - 12, foot


def paste(image: Image.Image, file: Path, box: Box) -> None:
    """Put the picture into the middle of the box, as large as fits."""
    left, top, right, foot = box
    with Image.open(file) as opened:
        picture = ImageOps.contain(opened.convert("RGB"), (right - left, foot - top))
    place = ((left + right - picture.width) // 2, (top + foot - picture.height) // 2)
    image.paste(picture, place)


def wrapped(text: str, width: int) -> list[str]:
    """Break the text into lines of at most `width` pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font(18).getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if sys.argv[1:] else PHOTO
    with tempfile.TemporaryDirectory(prefix="designer-bff-strip-") as scratch:
        drawn = strip(chosen, run(chosen, Path(scratch)))
    TARGET.parent.mkdir(exist_ok=True)
    drawn.quantize(256).save(TARGET, optimize=True)
