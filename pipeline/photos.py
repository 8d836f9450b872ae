"""Photos on their way to and from a model: turned upright, nameless, within its limits."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageOps

from pipeline.domain import AspectRatio
from pipeline.errors import BadOutput, StageFailed
from pipeline.imaging import PhotoLimits, Reference

_QUALITIES = (92, 85, 75, 60)
_SHRINK = 0.75
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


def prepared(photo: Reference, limits: PhotoLimits) -> Reference:
    """Return the photo upright, in sRGB, without metadata, within `limits`, as a JPEG.

    Raises `StageFailed` where it can't be read. Takes a good part of a second: keep it off the
    event loop.
    """
    try:
        with Image.open(BytesIO(photo.content), formats=tuple(_FORMATS.values())) as image:
            upright = _opaque(_in_srgb(ImageOps.exif_transpose(image)))
    except (OSError, SyntaxError, ValueError) as error:
        raise StageFailed("The photo can't be read any more", code="SOURCE_DAMAGED") from error
    upright.thumbnail((limits.max_side, limits.max_side), Image.Resampling.LANCZOS)
    return Reference(_within(upright, limits.max_bytes), "image/jpeg", photo.role)


def cropped(content: bytes, content_type: str, ratio: AspectRatio) -> bytes:
    """Return the middle of an image in the shape of `ratio`, in the same format.

    Raises `BadOutput` where it is no image.
    """
    try:
        with Image.open(BytesIO(content)) as image:
            cut = ImageOps.fit(image, _largest(image.size, ratio), centering=(0.5, 0.5))
            return _encoded(cut, _FORMATS[content_type], 95)
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        raise BadOutput("What the model made is no sound image", charged=True) from error


def preview(content: bytes, side: int) -> tuple[bytes, tuple[int, int]]:
    """Return the image as a WebP of `side` pixels at most, with its size; raise `BadOutput`."""
    try:
        with Image.open(BytesIO(content)) as image:
            small = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise BadOutput("What the model shows is no sound image") from error
    small.thumbnail((side, side))
    return _encoded(small, "WEBP", 70), small.size


def _largest(size: tuple[int, int], ratio: AspectRatio) -> tuple[int, int]:
    """Return the largest size of that shape that fits into `size`."""
    (width, height), (across, down) = size, ratio.terms
    if width * down > height * across:
        return max(1, round(height * across / down)), height
    return width, max(1, round(width * down / across))


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile or image.mode != "RGB":
        return image
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        turned = ImageCms.profileToProfile(image, given, _srgb())
    except ImageCms.PyCMSError:
        return image
    return turned or image


def _srgb() -> ImageCms.ImageCmsProfile:
    plain: Any = ImageCms
    return ImageCms.ImageCmsProfile(plain.createProfile("sRGB"))


def _opaque(image: Image.Image) -> Image.Image:
    """Put what is transparent on white: JPEG knows no transparency."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _within(image: Image.Image, most: int) -> bytes:
    """Encode, at less quality and then at less size, until it is small enough."""
    for quality in _QUALITIES:
        content = _encoded(image, "JPEG", quality)
        if len(content) <= most:
            return content
    smaller = [max(1, round(side * _SHRINK)) for side in image.size]
    return _within(image.resize(smaller), most)


def _encoded(image: Image.Image, kind: str, quality: int) -> bytes:
    # The encoders copy these along on their own account.
    image.info.clear()
    encoded = BytesIO()
    image.save(encoded, kind, **({} if kind == "PNG" else {"quality": quality}))
    return encoded.getvalue()
