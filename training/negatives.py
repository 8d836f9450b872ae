"""Pictures without a garment: plain, graded, noisy, drawn, and bare backgrounds of the photos."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from pipeline.vision.mask import Cutout
from pipeline.vision.opencv import Pixels

SIZE = (320, 240)


def made_up(count: int, seed: int = 5) -> Iterator[Pixels]:
    """Yield `count` pictures of each kind."""
    chance = np.random.default_rng(seed)
    for _ in range(count):
        yield from (_plain(chance), _graded(chance), _noisy(chance), _drawn(chance))


def backgrounds(photos: Sequence[tuple[Pixels, Cutout]]) -> Iterator[Pixels]:
    """Yield the largest corner of each photo that its garment leaves bare, where one is large."""
    for pixels, cutout in photos:
        height, width = pixels.shape[:2]
        top, left, bottom, right = cutout.box
        strips = {
            top: pixels[: int(top * height)],
            1 - bottom: pixels[int(bottom * height) :],
            left: pixels[:, : int(left * width)],
            1 - right: pixels[:, int(right * width) :],
        }
        room = max(strips)
        if cutout.sure and room > 0.2:
            yield np.ascontiguousarray(strips[room])


def _plain(chance: np.random.Generator) -> Pixels:
    picture = np.empty((*SIZE, 3), dtype=np.uint8)
    picture[:] = chance.integers(0, 256, 3)
    return picture


def _graded(chance: np.random.Generator) -> Pixels:
    corners = chance.integers(0, 256, (2, 2, 3)).astype(np.float32)
    return cv2.resize(corners, SIZE[::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _noisy(chance: np.random.Generator) -> Pixels:
    grain = int(chance.choice([1, 2, 4, 8, 16, 32]))
    channels = int(chance.choice([1, 3]))
    small = chance.integers(0, 256, (SIZE[0] // grain, SIZE[1] // grain, channels))
    noise = np.repeat(small, 3 // channels, axis=2).astype(np.uint8)
    way = int(chance.choice([cv2.INTER_NEAREST, cv2.INTER_CUBIC]))
    return cv2.resize(noise, SIZE[::-1], interpolation=way)


def _drawn(chance: np.random.Generator) -> Pixels:
    picture = _plain(chance)
    for _ in range(int(chance.integers(1, 12))):
        start, end = (tuple(int(v) for v in chance.integers(0, 240, 2)) for _ in range(2))
        colour = tuple(int(v) for v in chance.integers(0, 256, 3))
        kind = int(chance.integers(0, 4))
        thick = int(chance.choice([-1, 1, 3, 8]))
        if kind == 0:
            cv2.rectangle(picture, start, end, colour, thick)
        elif kind == 1:
            cv2.circle(picture, start, int(chance.integers(5, 110)), colour, thick)
        elif kind == 2:
            cv2.line(picture, start, end, colour, abs(thick))
        else:
            word = "".join(chr(c) for c in chance.integers(65, 123, 9))
            cv2.putText(picture, word, start, cv2.FONT_HERSHEY_SIMPLEX, 1.0, colour, 2)
    return picture
