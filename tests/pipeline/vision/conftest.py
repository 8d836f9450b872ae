"""The analyser, loaded once, and the photos."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.vision.read import Reader

PHOTOS = Path(__file__).parents[2] / "photos"


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader.load()


@pytest.fixture(scope="session")
def photo() -> Callable[[str], bytes]:
    return lambda name: (PHOTOS / f"{name}.jpg").read_bytes()
