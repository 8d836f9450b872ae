"""Which pixels are the garment: GrabCut, seeded by the colours along the border."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.vision import opencv
from pipeline.vision.opencv import Lab, Mask, Pixels

SIDE = 128
ROUNDS = 2
RIM = 0.04
# Differences of colour as `_distances` measures them.
NEAR = 9.0
FAR = 22.0
# Shares of the picture, and of its middle.
LEAST, MOST = 0.07, 0.97
COVERED = 0.4
CENTRES = (0.15, 0.45, 0.65)
"""How far the garment surely spreads from the centre: tried in turn until something stands out."""


@dataclass(frozen=True, slots=True)
class Cutout:
    """The picture at 128 px with its garment; `sure` is False where no garment stood out."""

    lab: Lab
    mask: Mask
    sure: bool

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return top, left, bottom, right of the garment as parts of the picture's sides."""
        rows, columns = np.flatnonzero(self.mask.any(axis=1)), np.flatnonzero(self.mask.any(axis=0))
        height, width = self.mask.shape
        return (
            float(rows[0] / height),
            float(columns[0] / width),
            float((rows[-1] + 1) / height),
            float((columns[-1] + 1) / width),
        )


def cut_out(pixels: Pixels) -> Cutout:
    """Return the garment's pixels; the same picture gives the same cutout."""
    small = _small(pixels)
    lab = opencv.lab_of_pixels(small)
    middle = _middle(lab.shape[:2])
    rim = _rim(lab.shape[:2])
    away = _distances(lab, _background(lab[rim], lab[middle < 0.3])).min(axis=-1)
    masks = (
        _main(opencv.grab_cut(small, _seeds(away, rim, middle, reach), ROUNDS)) for reach in CENTRES
    )
    likely = next((mask for mask in masks if _plausible(mask, middle)), None)
    if likely is None:
        return Cutout(lab, middle < 0.5, sure=False)
    return Cutout(lab, likely, sure=True)


def _plausible(mask: Mask, middle: NDArray[np.float32]) -> bool:
    """Whether it is a garment's size and lies where a photographer puts one."""
    return bool(LEAST < mask.mean() < MOST and mask[middle < 0.3].mean() > COVERED)


def _small(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    return opencv.resized(pixels, max(8, round(width * scale)), max(8, round(height * scale)))


def _seeds(
    away: NDArray[np.float32], rim: Mask, middle: NDArray[np.float32], reach: float
) -> NDArray[np.uint8]:
    """Mark as garment what is unlike the border, and what is within `reach` of the centre."""
    seeds = np.full(away.shape, opencv.MAYBE_BACKGROUND, dtype=np.uint8)
    seeds[(away > NEAR + 12 * middle) | (middle < reach)] = opencv.MAYBE_GARMENT
    seeds[((away > FAR) & (middle < 0.5)) | (middle < reach - 0.3)] = opencv.SURELY_GARMENT
    # GrabCut needs a pixel of each, even in a picture that is all one or the other.
    seeds[away.shape[0] // 2, away.shape[1] // 2] = opencv.SURELY_GARMENT
    seeds[rim & (away <= max(NEAR, float(away[rim].min())))] = opencv.SURELY_BACKGROUND
    return seeds


def _rim(shape: tuple[int, ...]) -> Mask:
    depth = max(2, round(min(shape) * RIM))
    rim = np.ones(shape, dtype=bool)
    rim[depth:-depth, depth:-depth] = False
    return rim


def _middle(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the distance from the centre: 0 there, 1 at the middle of a side."""
    height, width = shape
    y, x = np.ogrid[-1 : 1 : complex(height), -1 : 1 : complex(width)]
    return np.hypot(y, x).astype(np.float32)


def _background(rim: Lab, centre: Lab) -> Lab:
    """Return the colours that make up most of the border.

    A colour that is a minority there and fills the centre is a garment that leaves the picture.
    """
    labels, centres = opencv.clustered(rim, 4)
    share = np.bincount(labels, minlength=4) / len(rim)
    inside = (_distances(centre, centres) < NEAR).mean(axis=0)
    kept = (share >= 0.12) & ((share > 0.45) | (inside < 0.5))
    return np.compress(kept if kept.any() else share == share.max(), centres, axis=0)


def _distances(lab: Lab, centres: Lab) -> NDArray[np.float32]:
    """Return the distance to each centre, where a difference of shade weighs half."""
    weights = np.array([0.5, 1.0, 1.0], dtype=np.float32)
    off = (lab[..., None, :] - centres) * weights
    return np.asarray(np.sqrt((off**2).sum(axis=-1)), dtype=np.float32)


def _main(mask: Mask) -> Mask:
    """Keep the big connected pieces: a pair of shoes is two."""
    numbers, areas = opencv.pieces(opencv.opened(mask, 3))
    if not len(areas):
        return np.zeros_like(mask)
    return np.isin(numbers, 1 + np.flatnonzero(areas >= 0.25 * areas.max()))
