"""What the twin sees in the pictures it is sent."""

import base64
import binascii
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

_SIDE = 64
_MIDDLE = 0.5
_ORIENTATION = 0x0112
_ON_ITS_SIDE = {5, 6, 7, 8}


def content_of(uri: str) -> bytes | None:
    """Return what a base64 data URI holds; None where it is none."""
    head, comma, body = uri.partition(",")
    if not (comma and head.startswith("data:") and head.endswith(";base64")):
        return None
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return None


def size_of(content: bytes) -> tuple[int, int] | None:
    """Return (width, height) as the picture is meant to be seen; None where it is no picture."""
    try:
        with Image.open(BytesIO(content)) as image:
            turned = image.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
            return (image.height, image.width) if turned else image.size
    except (UnidentifiedImageError, OSError):
        return None


def main_colour(content: bytes) -> str:
    """Return the most frequent colour of the picture's middle as `#rrggbb`."""
    with Image.open(BytesIO(content)) as image:
        # A JPEG is decoded at a fraction of its size, which is all that a colour needs.
        image.draft("RGB", (4 * _SIDE, 4 * _SIDE))
        small = ImageOps.fit(image.convert("RGB"), (_SIDE, _SIDE))
    edge = int(_SIDE * (1 - _MIDDLE) / 2)
    middle = small.crop((edge, edge, _SIDE - edge, _SIDE - edge)).quantize(6)
    palette = middle.getpalette() or [128, 128, 128]
    counts = middle.getcolors() or [(1, 0)]
    at = 3 * max((count, int(str(index))) for count, index in counts)[1]
    return "#{:02x}{:02x}{:02x}".format(*palette[at : at + 3])
