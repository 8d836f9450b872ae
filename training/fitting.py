"""Linear heads: fitting, predictions out of fold, calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler

Floats = NDArray[np.float64]
Strings = NDArray[np.str_]

FOLDS = 5
TEMPERATURES = np.geomspace(0.4, 4, 100)


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear classifier on raw features."""

    labels: Strings
    weights: Floats
    bias: Floats

    def logits(self, features: NDArray[np.float32]) -> Floats:
        return features.astype(np.float64) @ self.weights + self.bias

    def cooled(self, temperature: float) -> "Linear":
        return Linear(self.labels, self.weights / temperature, self.bias / temperature)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Calibrated probabilities of photos by heads that saw none of their contributor's."""

    labels: Strings
    truth: Strings
    chances: Floats
    temperature: float

    @property
    def said(self) -> Strings:
        return self.labels[self.chances.argmax(axis=1)]

    @property
    def accuracy(self) -> float:
        return float((self.said == self.truth).mean())

    @property
    def macro_f1(self) -> float:
        scores = []
        for label in np.unique(self.truth):
            hits = ((self.said == label) & (self.truth == label)).sum()
            scores.append(2 * hits / ((self.said == label).sum() + (self.truth == label).sum()))
        return float(np.mean(scores))

    @property
    def calibration_error(self) -> float:
        """Return the expected calibration error over ten bins of equal width."""
        sure, right = self.chances.max(axis=1), self.said == self.truth
        bins = np.minimum((sure * 10).astype(int), 9)
        return float(
            sum(
                (bins == b).mean() * abs(sure[bins == b].mean() - right[bins == b].mean())
                for b in np.unique(bins)
            )
        )

    def at(self, threshold: float) -> tuple[float, float]:
        """Return the part that is answered at this confidence, and the accuracy there."""
        kept = self.chances.max(axis=1) >= threshold
        return float(kept.mean()), float((self.said == self.truth)[kept].mean())


def fit(views: NDArray[np.float32], truth: Strings, strength: float) -> Linear:
    """Fit on every view (photos x views x features) of every photo; the scaling is folded in."""
    flat = views.reshape(-1, views.shape[-1])
    scaler = StandardScaler().fit(flat)
    model = LogisticRegression(C=strength, max_iter=150, tol=1e-3)
    model.fit(scaler.transform(flat), np.repeat(truth, views.shape[1]))
    weights, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.hstack([0 * weights, weights]), np.concatenate([[0.0], bias])
    weights = weights / scaler.scale_[:, None]
    return Linear(model.classes_.astype(str), weights, bias - scaler.mean_ @ weights)


def out_of_fold(
    views: NDArray[np.float32],
    shown: NDArray[np.float32],
    truth: Strings,
    groups: Sequence[str],
    strength: float,
) -> Outcome:
    """Fit on `views`, judge on `shown` (photos x features): five folds grouped by contributor."""
    labels = np.unique(truth)
    logits = np.full((len(truth), len(labels)), -30.0)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(views, truth, groups):
        head = fit(views[seen], truth[seen], strength)
        columns = np.searchsorted(labels, head.labels)
        logits[unseen[:, None], columns] = head.logits(shown[unseen])
    temperature = _temperature(logits, np.searchsorted(labels, truth))
    return Outcome(labels, truth, _softmax(logits / temperature), temperature)


def _temperature(logits: Floats, truth: NDArray[np.intp]) -> float:
    """Return the temperature with the least surprise."""
    rows = np.arange(len(truth))
    losses = [-np.log(_softmax(logits / t)[rows, truth] + 1e-12).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
