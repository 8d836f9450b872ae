"""Train the heads of the garment analyser and print how good they are.

The photos are public, CC0: the GitHub repositories alexeygrigorev/clothing-dataset-small (the ten
classes) and alexeygrigorev/clothing-dataset (the rarer ones). DIR holds them with a labels.csv
(file, class, sender, source) and an attributes.csv (file, primary_colour_acceptable, pattern).
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
from extraction import Rows, of_files, of_pictures
from fitting import FOLDS, Linear, Outcome, fit, out_of_fold
from negatives import backgrounds, made_up
from photos import Photo, load
from sklearn.model_selection import GroupKFold

from pipeline.spec import GARMENT_TYPES
from pipeline.vision.backbone import CLASSES, CLOTH, GARMENT, Backbone
from pipeline.vision.frame import decode
from pipeline.vision.mask import cut_out
from pipeline.vision.read import LEAST_FAMILIARITY
from pipeline.vision.views import SHAPE, SURFACE

STRENGTH = {
    "garment": 0.001,
    "subtype": 0.001,
    "presence": 0.001,
    "pattern": 0.003,
    "fabric": 0.003,
}
LEARNT = slice(0, 3)
"""The views to learn shapes from: a fourth takes longer and adds nothing (grouped CV)."""

EVERY_BACKGROUND = 8
FAMILIAR = 1e-3
"""The least mean probability of an ImageNet class that counts as one of garments."""

Trained = dict[str, Linear]


def main() -> None:
    """Train, print, save, and time the whole analyser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, default=Path("pipeline/vision/weights/heads.npz"))
    parser.add_argument("--cache", type=Path, metavar="FILE", help="keep the features here")
    options = parser.parse_args()
    photos = load(options.data)
    backbone = Backbone.load()
    rows = of_files(backbone, [photo.path for photo in photos], options.cache)
    surface = rows[:, SURFACE, CLOTH]
    heads = {
        **_labelled("fabric", [photo.fabric for photo in photos], photos, surface),
        **_labelled("pattern", [photo.pattern for photo in photos], photos, surface),
        **_presence(photos, rows, backbone),
        **_garment(photos, rows),
    }
    _save(options.out, heads, _familiar(photos, rows))
    _timed(photos[:: max(1, len(photos) // 200)])


def _garment(photos: list[Photo], rows: Rows) -> Trained:
    """Train the ten types on their own photos, and all the sixteen for the subtype.

    Counting a finer type as the one it is a kind of made the ten worse (grouped CV .885, not .890).
    """
    kinds = np.array([photo.kind for photo in photos])
    ten = np.isin(kinds, GARMENT_TYPES)
    return {
        **_shape("garment", "garment type", ten, photos, rows),
        **_shape("subtype", "garment type and subtype", np.full(len(photos), True), photos, rows),
    }


def _shape(name: str, title: str, used: np.ndarray, photos: list[Photo], rows: Rows) -> Trained:
    chosen = [photo for photo, use in zip(photos, used, strict=True) if use]
    truth = np.array([photo.kind for photo in chosen])
    groups = [photo.group for photo in chosen]
    learnt, shown = rows[used][:, LEARNT, GARMENT], rows[used][:, SHAPE, GARMENT].mean(axis=1)
    found = out_of_fold(learnt, shown, truth, groups, STRENGTH[name])
    _print(f"{title}, {len(np.unique(truth))} classes", found)
    return {name: fit(learnt, truth, STRENGTH[name]).cooled(found.temperature)}


def _presence(photos: list[Photo], rows: Rows, backbone: Backbone) -> Trained:
    """Train garment against nothing: made-up pictures, and the bare corners of the photos."""
    some = photos[::EVERY_BACKGROUND]
    seen = [(pixels, cut_out(pixels)) for pixels in (decode(p.path.read_bytes()) for p in some)]
    nothing = of_pictures(backbone, [*made_up(40), *backgrounds(seen)])
    both = np.concatenate([rows, nothing])[:, SHAPE, CLOTH]
    truth = np.array(["garment"] * len(rows) + ["nothing"] * len(nothing))
    groups = [p.group for p in photos] + [f"nothing {i}" for i in range(len(nothing))]
    found = out_of_fold(both, both.mean(axis=1), truth, groups, STRENGTH["presence"])
    _print(f"garment or nothing ({len(nothing)} pictures of nothing)", found)
    return {"presence": fit(both, truth, STRENGTH["presence"]).cooled(found.temperature)}


def _labelled(name: str, labels: list[str | None], photos: list[Photo], rows: Rows) -> Trained:
    """Train on the photos that have a label."""
    known = np.array([label is not None for label in labels])
    truth = np.array([label for label in labels if label is not None])
    groups = [photo.group for photo, label in zip(photos, labels, strict=True) if label]
    found = out_of_fold(rows[known], rows[known].mean(axis=1), truth, groups, STRENGTH[name])
    _print(f"{name}, {len(np.unique(truth))} classes", found)
    return {name: fit(rows[known], truth, STRENGTH[name]).cooled(found.temperature)}


def _print(title: str, found: Outcome) -> None:
    print(f"{title}: {len(found.truth)} photos, five folds grouped by contributor")
    print(f"  accuracy {found.accuracy:.4f}  macro-F1 {found.macro_f1:.4f}", end="  ")
    print(f"ECE {found.calibration_error:.4f}  temperature {found.temperature:.2f}")
    for threshold in (0.5, 0.7, 0.9):
        answered, right = found.at(threshold)
        print(f"  at confidence {threshold}: {answered:.3f} answered, {right:.4f} right")


def _familiar(photos: list[Photo], rows: Rows) -> np.ndarray:
    """Mark the ImageNet classes that garments are taken for; print how many photos this rejects."""
    raised = np.exp(rows[:, SHAPE, CLASSES].astype(np.float64))
    chances = (raised / raised.sum(axis=-1, keepdims=True)).mean(axis=1)
    mass = np.zeros(len(photos))
    folds = GroupKFold(FOLDS).split(chances, groups=[photo.group for photo in photos])
    for seen, unseen in folds:
        mass[unseen] = chances[unseen][:, chances[seen].mean(axis=0) > FAMILIAR].sum(axis=1)
    rejected = (mass < LEAST_FAMILIARITY).mean()
    print(f"familiar ImageNet classes: {rejected:.4f} of the photos wrongly called no garment")
    return chances.mean(axis=0) > FAMILIAR


def _save(path: Path, heads: Trained, familiar: np.ndarray) -> None:
    arrays: dict[str, np.ndarray] = {"familiar": familiar}
    for name, head in heads.items():
        arrays[f"{name}.labels"] = head.labels
        arrays[f"{name}.weights"] = head.weights.astype(np.float32)
        arrays[f"{name}.bias"] = head.bias.astype(np.float32)
    np.savez(path, **arrays)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _timed(photos: list[Photo]) -> None:
    """Time the analyser in a process of its own, whose memory training has not filled."""
    paths = [str(photo.path) for photo in photos]
    subprocess.run([sys.executable, Path(__file__).parent / "timing.py", *paths], check=True)


if __name__ == "__main__":
    main()
