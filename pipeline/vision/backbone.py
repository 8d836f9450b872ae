"""EfficientNet-Lite2 on onnxruntime: pictures in, features out."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from pipeline.vision.frame import letterboxed
from pipeline.vision.opencv import Pixels

Features = NDArray[np.float32]

CLOTH = slice(0, 1280 + 88 + 120)
"""The features without regard to place."""

GARMENT = slice(0, CLOTH.stop + 2 * 1280)
"""Those, and the upper and the lower half's."""

CLASSES = slice(GARMENT.stop, GARMENT.stop + 1000)
"""The logits of ImageNet's classes."""


@dataclass(frozen=True, slots=True)
class Backbone:
    """A loaded network; its session may be used by several threads at once."""

    session: Any

    @classmethod
    def load(cls, threads: int = 2) -> "Backbone":
        """Load the weights that ship with the package, to run on `threads` cores."""
        with as_file(files("pipeline.vision") / "weights" / "backbone.onnx") as weights:
            return cls(_session(weights, threads))

    def features(self, views: Sequence[Pixels]) -> Features:
        """Return a row of 5048 features a view.

        All but the logits are roots of mean activations, with their sign: a few strong ones would
        rule otherwise.
        """
        return np.stack([self._row(view) for view in views])

    def _row(self, view: Pixels) -> Features:
        # One picture at a time is no slower on a CPU, and takes 80 MB less than five at once.
        image = (letterboxed(view).astype(np.float32) - 127) / 128
        batch = np.ascontiguousarray(image.transpose(2, 0, 1)[None])
        outputs: list[Features] = self.session.run(None, {"images": batch})
        *pooled, classes = (output[0] for output in outputs)
        activations = np.concatenate(pooled)
        roots = np.copysign(np.sqrt(np.abs(activations)), activations)
        return np.concatenate([roots, classes], dtype=np.float32)


def _session(weights: Path, threads: int) -> Any:
    # onnxruntime is untyped where its C++ begins.
    runtime: Any = onnxruntime
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    # Spinning threads would burn the cores that the event loop needs between two photos.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # An arena is no faster here, and keeps the memory of the largest photo for ever.
    options.enable_cpu_mem_arena = False
    return runtime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
