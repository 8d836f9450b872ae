"""The garment's colours: clusters of its pixels in CIELAB, folds and shadows joined."""

from dataclasses import dataclass, replace
from math import exp, hypot

import numpy as np
from numpy.typing import NDArray

from pipeline.fashion.colours import hex_from_lab, lab_of
from pipeline.fashion.difference import Lab as CieLab
from pipeline.fashion.difference import ciede2000
from pipeline.fashion.palette import NAMING
from pipeline.vision import opencv
from pipeline.vision.mask import Cutout
from pipeline.vision.opencv import Lab, Pixels

CLUSTERS = 5
MOST_PIXELS = 5000
LEAST_SHARE = 0.04
LEAST_GREY = 0.1
"""On a plain garment a smaller grey may be a shadow, the ground or a label."""

JOINED = 11.0
JOINED_PLAIN = 18.0
"""Up to which difference two clusters are one colour: folds and shadows of a plain garment."""

# Rooms are dim: a camera shows black as charcoal and white as grey. Lightness as it is
# photographed and as it is by daylight, for colours with hardly any chroma.
PHOTOGRAPHED = (0.0, 24.0, 40.0, 60.0, 72.0, 100.0)
BY_DAYLIGHT = (0.0, 9.0, 40.0, 60.0, 92.0, 100.0)
NEUTRAL, CHROMATIC = 8.0, 14.0

DARK_TO_MID = (30.0, 50.0)
"""Between these a camera loses the blue of navy and of raw denim."""

CERTAIN, SURER, MOST_LEAD = 0.87, 0.32, 12.0
"""A logistic fit to 120 photos whose main colour a person named."""


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour, its part of the garment's area, and how sure its name is, both in 0..1."""

    hex: str
    share: float
    confidence: float


def swatches(pixels: Pixels, cutout: Cutout, *, plain: bool) -> tuple[Swatch, ...]:
    """Return the garment's colours, largest first; their shares add up to 1.

    `plain` says that the garment has no pattern, so that differences in lightness are shadows.
    """
    points = _inner(pixels, cutout)
    labels, centres = opencv.clustered(points, min(CLUSTERS, len(points)), attempts=2)
    shares = np.bincount(labels, minlength=len(centres)) / len(labels)
    groups = _joined(centres, shares, JOINED_PLAIN if plain else JOINED)
    parts = [float(shares[group].sum()) for group in groups]
    kept = [(g, p) for g, p in zip(groups, parts, strict=True) if p >= LEAST_SHARE]
    found = [_swatch(points[np.isin(labels, group)], part) for group, part in kept]
    first, *others = sorted(found, key=lambda swatch: -swatch.share)
    if plain and not _grey(first):
        others = [swatch for swatch in others if swatch.share >= LEAST_GREY or not _grey(swatch)]
    seen = (first, *others)
    whole = sum(swatch.share for swatch in seen)
    return tuple(replace(swatch, share=round(swatch.share / whole, 3)) for swatch in seen)


def _grey(swatch: Swatch) -> bool:
    return hypot(*lab_of(swatch.hex)[1:]) < NEUTRAL


def _swatch(pixels: Lab, share: float) -> Swatch:
    colour = _daylight(pixels)
    return Swatch(hex_from_lab(colour), share, round(_confidence(colour), 3))


def _inner(pixels: Pixels, cutout: Cutout) -> Lab:
    """Return the garment's pixels without its outline, which is mixed with the background.

    They come from the large picture: in the small one the colours of fine stripes are mixed.
    """
    inner = opencv.eroded(cutout.mask, 3)
    mask = opencv.enlarged(inner if inner.sum() >= 30 else cutout.mask, pixels.shape[:2])
    points = opencv.lab_of_pixels(pixels)[mask]
    return points[:: max(1, len(points) // MOST_PIXELS)]


def _joined(centres: Lab, shares: NDArray[np.float64], reach: float) -> list[list[int]]:
    """Return groups of clusters, the nearest joined first; light and shade weigh half."""
    scaled = centres * np.array([0.5, 1.0, 1.0])
    groups = [[i] for i in range(len(centres))]
    while len(groups) > 1:
        means = [np.average(scaled[g], axis=0, weights=shares[g] + 1e-9) for g in groups]
        pairs = [(i, j) for j in range(len(groups)) for i in range(j)]
        off = [float(np.linalg.norm(means[i] - means[j])) for i, j in pairs]
        nearest = int(np.argmin(off))
        if off[nearest] > reach:
            break
        i, j = pairs[nearest]
        groups[i] += groups.pop(j)
    return groups


def _daylight(pixels: Lab) -> CieLab:
    """Return the pixels' colour as it would be by daylight."""
    median: list[float] = np.median(pixels, axis=0).tolist()
    light, a, b = median
    grey = float(np.interp(hypot(a, b), (NEUTRAL, CHROMATIC), (1, 0)))
    lit = float(np.interp(light, PHOTOGRAPHED, BY_DAYLIGHT))
    navy = float(np.interp(light, DARK_TO_MID, (1, 0))) if abs(a) < -b > 6 else 0.0
    vivid = (1 - 0.3 * grey) * (1 + 0.5 * navy)
    return light + grey * (lit - light), a * vivid, b * vivid


def _confidence(colour: CieLab) -> float:
    """Return how likely the colour's family is right: it grows with the lead over the next one."""
    nearest: dict[str, float] = {}
    for _, hex_, family in NAMING:
        off = ciede2000(colour, lab_of(hex_))
        nearest[family] = min(off, nearest.get(family, off))
    first, second, *_ = sorted(nearest.values())
    return 1 / (1 + exp(-CERTAIN - SURER * min(second - first, MOST_LEAD)))
