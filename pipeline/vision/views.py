"""How a photo is shown to the backbone."""

from pipeline.vision.frame import cropped, mirrored
from pipeline.vision.mask import Cutout
from pipeline.vision.opencv import Pixels

ROOM = 0.06
CLOSE = -0.2

SHAPE = slice(0, 4)
"""The views that tell what the garment is."""

SURFACE = slice(3, 5)
"""The views that tell what it is made of and how it is patterned."""


def views(pixels: Pixels, cutout: Cutout) -> tuple[Pixels, ...]:
    """Return the whole, mirrored, its middle, the garment alone, and its cloth."""
    return (
        pixels,
        mirrored(pixels),
        cropped(pixels, 0.8),
        around(pixels, cutout),
        closely(pixels, cutout),
    )


def around(pixels: Pixels, cutout: Cutout) -> Pixels:
    """Return the garment with a little room around it."""
    return _boxed(pixels, cutout.box, ROOM) if cutout.sure else cropped(pixels, 0.9)


def closely(pixels: Pixels, cutout: Cutout) -> Pixels:
    """Return the middle of the garment, hardly any background."""
    return _boxed(pixels, cutout.box, CLOSE) if cutout.sure else cropped(pixels, 0.55)


def _boxed(pixels: Pixels, box: tuple[float, float, float, float], room: float) -> Pixels:
    """Cut out `box`, widened by `room` of its own sides and no less than 8 pixels."""
    height, width = pixels.shape[:2]
    top, left, bottom, right = box
    down, across = (bottom - top) * room, (right - left) * room
    first = round(max(0.0, top - down) * height), round(max(0.0, left - across) * width)
    last = round(min(1.0, bottom + down) * height), round(min(1.0, right + across) * width)
    return pixels[
        first[0] : max(first[0] + 8, last[0]),
        first[1] : max(first[1] + 8, last[1]),
    ]
