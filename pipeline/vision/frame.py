"""From encoded bytes to upright pixels, and to the backbone's square input."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from pipeline.errors import StageFailed
from pipeline.images import MAX_PIXELS
from pipeline.vision.opencv import Pixels, resized

LONGEST = 320
"""The longest side that is looked at: that of the photos the heads were trained on."""

SIDE = 260
_TOO_LARGE = f"The photo has more than {MAX_PIXELS // 1_000_000} megapixels."


class UnreadablePhoto(StageFailed):
    """The bytes are no image that can be decoded: trying again is of no use."""

    code = "UNREADABLE_PHOTO"
    retryable = False


def decode(photo: bytes) -> Pixels:
    """Return the photo as its maker held it, at most 320 px long, on white where transparent.

    Raises UnreadablePhoto.
    """
    try:
        with Image.open(BytesIO(photo)) as image:
            return np.asarray(_flat(_upright(_bounded(image))))
    except UnidentifiedImageError as error:
        raise UnreadablePhoto("The file is no image in a format that we read.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePhoto(_TOO_LARGE) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadablePhoto("The image is damaged and cannot be decoded.") from error


def _bounded(image: ImageFile) -> ImageFile:
    if image.width * image.height > MAX_PIXELS:
        raise UnreadablePhoto(_TOO_LARGE)
    # A JPEG is decoded at a fraction of its size; twice what is looked at is left to average.
    image.draft("RGB", (2 * LONGEST, 2 * LONGEST))
    return image


def _upright(image: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(image)
    if turned.mode not in ("RGB", "RGBA", "L"):
        turned = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    turned.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS, reducing_gap=3)
    return turned


def _flat(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")


def border_colour(pixels: Pixels) -> NDArray[np.uint8]:
    """Return the median RGB of the outermost pixels."""
    depth = max(2, min(pixels.shape[:2]) // 40)
    rim = np.ones(pixels.shape[:2], dtype=bool)
    rim[depth:-depth, depth:-depth] = False
    return np.asarray(np.median(pixels[rim], axis=0), dtype=np.uint8)


def letterboxed(pixels: Pixels) -> Pixels:
    """Return the whole picture centred in a square of the border's median colour, 260 px a side."""
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    square = np.empty((SIDE, SIDE, 3), dtype=np.uint8)
    square[:] = border_colour(pixels)
    top, left = (SIDE - down) // 2, (SIDE - across) // 2
    square[top : top + down, left : left + across] = resized(pixels, across, down)
    return square


def cropped(pixels: Pixels, keep: float) -> Pixels:
    """Return the middle of the picture, `keep` of each side."""
    height, width = pixels.shape[:2]
    top, left = round(height * (1 - keep) / 2), round(width * (1 - keep) / 2)
    return pixels[top : height - top, left : width - left]


def mirrored(pixels: Pixels) -> Pixels:
    """Return it with left and right exchanged."""
    return np.ascontiguousarray(pixels[:, ::-1])
