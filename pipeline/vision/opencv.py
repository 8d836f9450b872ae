"""The part of OpenCV that is used, with exact types; what draws lots is seeded on each call."""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Height x width x 3, sRGB."""

Lab = NDArray[np.float32]
"""Points in CIELAB along the last axis, L in 0..100."""

Mask = NDArray[np.bool_]

SURELY_BACKGROUND, SURELY_GARMENT = cv2.GC_BGD, cv2.GC_FGD
MAYBE_BACKGROUND, MAYBE_GARMENT = cv2.GC_PR_BGD, cv2.GC_PR_FGD


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return it in that size, averaged where it shrinks."""
    shrinks = width < pixels.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=way), dtype=np.uint8)


def lab_of_pixels(pixels: Pixels) -> Lab:
    """Return the same picture in CIELAB (D65)."""
    scaled = pixels.astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB), dtype=np.float32)


def clustered(points: Lab, count: int, attempts: int = 1) -> tuple[NDArray[np.intp], Lab]:
    """Return the cluster of each of the points (n x 3), and the clusters' centres."""
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 16, 0.3)
    first = np.zeros((len(points), 1), dtype=np.int32)
    _, labels, centres = cv2.kmeans(points, count, first, stop, attempts, cv2.KMEANS_PP_CENTERS)
    return np.asarray(labels, dtype=np.intp).ravel(), np.asarray(centres, dtype=np.float32)


def grab_cut(pixels: Pixels, seeds: NDArray[np.uint8], rounds: int) -> Mask:
    """Return what belongs to the garment, given for each pixel what it surely or maybe is."""
    cv2.setRNGSeed(1)
    behind, before = np.zeros((1, 65)), np.zeros((1, 65))
    cut = seeds.copy()
    cv2.grabCut(pixels, cut, (0, 0, 0, 0), behind, before, rounds, cv2.GC_INIT_WITH_MASK)
    return np.isin(cut, (SURELY_GARMENT, MAYBE_GARMENT))


def opened(mask: Mask, size: int) -> Mask:
    """Return it without what is thinner than `size` pixels."""
    kernel = np.ones((size, size), dtype=np.uint8)
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel), dtype=bool)


def eroded(mask: Mask, size: int) -> Mask:
    """Return it without its outermost pixels."""
    kernel = np.ones((size, size), dtype=np.uint8)
    return np.asarray(cv2.erode(mask.astype(np.uint8), kernel), dtype=bool)


def enlarged(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """Return it at the height and width of `shape`."""
    size = (shape[1], shape[0])
    plain = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(plain, dtype=bool)


def pieces(mask: Mask) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the number of each pixel's connected piece, 0 for none, and the pieces' areas."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    numbers = np.asarray(labels, dtype=np.int32)
    return numbers, np.bincount(numbers.ravel(), minlength=count)[1:].astype(np.int32)
