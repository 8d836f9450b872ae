"""The backbone's features of pictures, in every view."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.vision.backbone import Backbone
from pipeline.vision.frame import decode
from pipeline.vision.mask import cut_out
from pipeline.vision.opencv import Pixels
from pipeline.vision.views import views

Rows = NDArray[np.float32]
T = TypeVar("T")


def of_files(backbone: Backbone, paths: list[Path], cache: Path | None) -> Rows:
    """Return photos x views x features, kept in `cache` for the next time."""
    names = np.array([str(path) for path in paths])
    if cache and cache.exists():
        with np.load(cache, allow_pickle=False) as stored:
            if np.array_equal(stored["names"], names):
                return stored["rows"].astype(np.float32)
    rows = _mapped(lambda path: features(backbone, decode(path.read_bytes())), paths)
    if cache:
        np.savez(cache, names=names, rows=rows.astype(np.float16))
    return rows


def of_pictures(backbone: Backbone, pictures: Iterable[Pixels]) -> Rows:
    """Return pictures x views x features."""
    return _mapped(lambda picture: features(backbone, picture), pictures)


def features(backbone: Backbone, pixels: Pixels) -> Rows:
    return backbone.features(views(pixels, cut_out(pixels)))


def _mapped(work: Callable[[T], Rows], things: Iterable[T]) -> Rows:
    with ThreadPoolExecutor(2) as pool:
        return np.stack(list(pool.map(work, things)))
