"""The linear heads on the backbone's features, with calibrated probabilities."""

from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from pipeline.vision.backbone import CLASSES, Features


@dataclass(frozen=True, slots=True)
class Verdict:
    """The likeliest label and its calibrated probability."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Head:
    """A linear classifier of the first features, as many as `weights` has rows.

    Scaling and temperature are folded into `weights` and `bias`.
    """

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, features: Features) -> dict[str, float]:
        """Return each label's probability for one feature vector."""
        return dict(zip(self.labels, _softmax(self._logits(features)), strict=True))

    def verdict(self, features: Features, among: Collection[str] | None = None) -> Verdict:
        """Return the best label, given that it is one of `among`."""
        allowed = [i for i, label in enumerate(self.labels) if among is None or label in among]
        chances = _softmax(self._logits(features)[allowed])
        best = int(np.argmax(chances))
        return Verdict(self.labels[allowed[best]], chances[best])

    def _logits(self, features: Features) -> NDArray[np.float64]:
        return features[: len(self.weights)].astype(np.float64) @ self.weights + self.bias


@dataclass(frozen=True, slots=True)
class Heads:
    """What is read from the features of a photo.

    `familiar` marks the ImageNet classes that photos of garments are taken for.
    """

    familiar: NDArray[np.bool_]
    garment: Head
    presence: Head
    subtype: Head
    pattern: Head
    fabric: Head

    @classmethod
    def load(cls) -> "Heads":
        """Load the heads that ship with the package."""
        with (
            as_file(files("pipeline.vision") / "weights" / "heads.npz") as path,
            np.load(path, allow_pickle=False) as stored,
        ):
            arrays = {name: stored[name] for name in stored.files}
        return cls(arrays["familiar"].astype(bool), *(_head(arrays, name) for name in _NAMES))

    def familiarity(self, views: Features) -> float:
        """Return how much of the views looks like what garments are taken for, in 0..1."""
        chances = [_softmax(view[CLASSES].astype(np.float64)) for view in views]
        return float(np.mean(chances, axis=0)[self.familiar].sum())


_NAMES = ("garment", "presence", "subtype", "pattern", "fabric")


def _head(arrays: dict[str, NDArray[np.generic]], name: str) -> Head:
    return Head(
        labels=tuple(str(label) for label in arrays[f"{name}.labels"]),
        weights=arrays[f"{name}.weights"].astype(np.float32),
        bias=arrays[f"{name}.bias"].astype(np.float32),
    )


def _softmax(logits: NDArray[np.float64]) -> list[float]:
    raised = np.exp(logits - logits.max())
    return [float(p) for p in raised / raised.sum()]
