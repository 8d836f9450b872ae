"""What encoded bytes are as an image, found out by decoding all of them."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from pipeline.domain import StoredImage, WorkspaceId
from pipeline.errors import InvalidInput
from pipeline.keys import object_key

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
MIN_SIDE: Final = 16

_TYPES = {
    "JPEG": ("image/jpeg", "jpg"),
    # What phones with two lenses write: a JPEG with more behind it.
    "MPO": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
}
_ACCEPTED = "send a JPEG, PNG or WebP"
_OURS = ((0, b"\xff\xd8\xff"), (0, b"\x89PNG\r\n\x1a\n"), (8, b"WEBP"))
_OTHERS = (
    (0, b"GIF8", "a GIF"),
    (0, b"II*\0", "a TIFF"),
    (0, b"MM\0*", "a TIFF"),
    (0, b"BM", "a BMP"),
    (0, b"\0\0\1\0", "an icon"),
    (0, b"\xff\x0a", "a JPEG XL"),
    (4, b"JXL ", "a JPEG XL"),
    (4, b"jP  ", "a JPEG 2000"),
    (4, b"ftypavi", "an AVIF"),
    (4, b"ftyphe", "a HEIC"),
    (4, b"ftypmif1", "a HEIC"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"%PDF", "a PDF"),
)
_PNG_END = b"IEND\xaeB`\x82"
# EXIF's numbers for an image that lies on its side.
_TURNED = frozenset({5, 6, 7, 8})


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """A sound image; `width` and `height` are in pixels as it is shown, its EXIF turn applied."""

    content_type: str
    extension: str
    width: int
    height: int


def inspect(content: bytes, *, field: str | None = None, limit: int = MAX_BYTES) -> ImageInfo:
    """Decode `content` (a JPEG, PNG or WebP of at most `limit` bytes) and say what it is.

    Raises `InvalidInput` about `field` with one of the codes NOT_AN_IMAGE, UNSUPPORTED_IMAGE,
    TRUNCATED_IMAGE, IMAGE_TOO_SMALL, IMAGE_TOO_LARGE. Takes up to a second: keep it off the
    event loop.
    """
    if len(content) > limit:
        raise too_many_bytes(field, limit)
    try:
        return _decoded(content, field)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(field) from error
    except UnidentifiedImageError as error:
        raise _unidentified(content, field) from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise _damaged(field) from error


def stored_image(workspace: WorkspaceId, content: bytes, info: ImageInfo) -> StoredImage:
    """Return what an image is as an object of the workspace."""
    return StoredImage(
        key=object_key(workspace, content, info.extension),
        content_type=info.content_type,
        byte_size=len(content),
        width=info.width,
        height=info.height,
    )


def too_many_bytes(field: str | None, limit: int) -> InvalidInput:
    """Return the error for an image of more than `limit` bytes."""
    return InvalidInput(
        f"The image is larger than {limit / 1_048_576:.3g} MB: send a smaller one.",
        field=field,
        code="IMAGE_TOO_LARGE",
    )


def fault_in(error: InvalidInput) -> str:
    """Return what is wrong with an image, without what whoever sent it could do about it."""
    said = error.message.partition(":")[0].removesuffix(", whatever its name says")
    return f"{said[0].lower()}{said[1:]}"


def _decoded(content: bytes, field: str | None) -> ImageInfo:
    with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise _too_many_pixels(field)
        if min(width, height) < MIN_SIDE:
            raise InvalidInput(
                f"The image is {width} x {height} pixels: each side needs at least {MIN_SIDE}.",
                field=field,
                code="IMAGE_TOO_SMALL",
            )
        content_type, extension = _TYPES[image.format or ""]
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            raise InvalidInput(
                f"The image is animated: {_ACCEPTED} that stands still.",
                field=field,
                code="UNSUPPORTED_IMAGE",
            )
        _load(image)
        # Pillow does not miss the last chunk of a PNG.
        if image.format == "PNG" and _PNG_END not in content:
            raise _damaged(field)
        turned = image.getexif().get(ExifTags.Base.Orientation) in _TURNED
    if turned:
        width, height = height, width
    return ImageInfo(content_type, extension, width, height)


def _load(image: ImageFile.ImageFile) -> None:
    # A JPEG's decoder reads every byte at an eighth of the size too, in a fraction of the memory.
    image.draft(None, (image.width // 8, image.height // 8))
    image.load()


def _unidentified(content: bytes, field: str | None) -> InvalidInput:
    if any(content.startswith(signature, at) for at, signature in _OURS):
        return _damaged(field)
    for at, signature, name in _OTHERS:
        if content.startswith(signature, at):
            return InvalidInput(
                f"This is {name}: {_ACCEPTED} instead.", field=field, code="UNSUPPORTED_IMAGE"
            )
    if b"<svg" in content[:4096].lower():
        return InvalidInput(
            f"This is an SVG: {_ACCEPTED} instead.", field=field, code="UNSUPPORTED_IMAGE"
        )
    return InvalidInput(
        f"The file is no image, whatever its name says: {_ACCEPTED}.",
        field=field,
        code="NOT_AN_IMAGE",
    )


def _damaged(field: str | None) -> InvalidInput:
    return InvalidInput(
        "The image is damaged or ends early: send the whole file.",
        field=field,
        code="TRUNCATED_IMAGE",
    )


def _too_many_pixels(field: str | None) -> InvalidInput:
    return InvalidInput(
        f"The image has more than {MAX_PIXELS // 1_000_000} megapixels: send a smaller one.",
        field=field,
        code="IMAGE_TOO_LARGE",
    )
