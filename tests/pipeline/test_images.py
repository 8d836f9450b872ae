"""What passes as an image, and what the refusal says."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, features

from pipeline.errors import InvalidInput
from pipeline.images import ImageInfo, fault_in, inspect

FORMATS = ["JPEG", "PNG", "WEBP"]


def encoded(form: str = "PNG", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    image = Image.effect_noise(size, 80).convert("RGB")
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def refusal(content: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        inspect(content, field="image")
    assert caught.value.field == "image"
    return caught.value


@pytest.mark.parametrize(
    ("form", "content_type", "extension"),
    [
        ("JPEG", "image/jpeg", "jpg"),
        ("PNG", "image/png", "png"),
        ("WEBP", "image/webp", "webp"),
    ],
)
def test_a_sound_image_is_described(form: str, content_type: str, extension: str) -> None:
    assert inspect(encoded(form)) == ImageInfo(content_type, extension, 64, 48)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_any_pixel_mode_is_read(mode: str) -> None:
    file = BytesIO()
    Image.new(mode, (20, 30)).save(file, "PNG")
    assert inspect(file.getvalue()).height == 30


def test_a_photo_held_upright_is_measured_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    info = inspect(encoded("JPEG", exif=exif))
    assert (info.width, info.height) == (48, 64)


def test_a_phone_s_double_jpeg_is_a_jpeg() -> None:
    second = Image.new("RGB", (64, 48))
    content = encoded("MPO", save_all=True, append_images=[second])
    assert inspect(content).content_type == "image/jpeg"


def test_a_progressive_jpeg_is_read() -> None:
    assert inspect(encoded("JPEG", progressive=True)).width == 64


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kept", [0.03, 0.5, 0.98])
def test_a_truncated_image_is_refused(form: str, kept: float) -> None:
    content = encoded(form, (400, 300))
    assert refusal(content[: int(len(content) * kept)]).code == "TRUNCATED_IMAGE"


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_an_image_without_its_last_byte_is_refused(form: str) -> None:
    assert refusal(encoded(form)[:-1]).code == "TRUNCATED_IMAGE"


def test_a_flipped_bit_in_a_png_is_noticed() -> None:
    content = bytearray(encoded())
    content[len(content) // 2] ^= 1
    assert refusal(bytes(content)).code == "TRUNCATED_IMAGE"


@pytest.mark.parametrize("content", [b"", b"just words, named photo.jpg\n", b"\0" * 500])
def test_what_is_no_image_is_refused(content: bytes) -> None:
    assert refusal(content).code == "NOT_AN_IMAGE"


@pytest.mark.parametrize(("form", "name"), [("GIF", "GIF"), ("TIFF", "TIFF"), ("BMP", "BMP")])
def test_another_format_is_named(form: str, name: str) -> None:
    error = refusal(encoded(form))
    assert error.code == "UNSUPPORTED_IMAGE"
    assert name in error.message


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avif", "AVIF"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    ],
)
def test_formats_that_pillow_is_not_asked_about_are_named(content: bytes, name: str) -> None:
    error = refusal(content)
    assert error.code == "UNSUPPORTED_IMAGE"
    assert name in error.message


@pytest.mark.parametrize("form", ["WEBP", "PNG"])
def test_an_animation_is_refused(form: str) -> None:
    assert features.check("webp")
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue", "white")]
    file = BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:])
    error = refusal(file.getvalue())
    assert error.code == "UNSUPPORTED_IMAGE"
    assert "animated" in error.message


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15)])
def test_a_tiny_image_is_refused(size: tuple[int, int]) -> None:
    error = refusal(encoded(size=size))
    assert error.code == "IMAGE_TOO_SMALL"
    assert "16" in error.message


@pytest.mark.parametrize("side", [7_100, 10_000, 60_000])
def test_a_decompression_bomb_is_refused_unopened(side: int) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )
    error = refusal(bomb)
    assert error.code == "IMAGE_TOO_LARGE"
    assert "megapixels" in error.message


def test_more_bytes_than_the_limit_are_refused() -> None:
    content = encoded("JPEG")
    with pytest.raises(InvalidInput) as caught:
        inspect(content, limit=len(content) - 1)
    assert caught.value.code == "IMAGE_TOO_LARGE"
    assert inspect(content, limit=len(content)).width == 64


def test_what_is_wrong_with_a_models_image_asks_nobody_to_send_another() -> None:
    wrongs: list[str] = []
    for content in (b"<html>", b"GIF89a", b"\x89PNG\r\n\x1a\n"):
        with pytest.raises(InvalidInput) as refused:
            inspect(content, limit=100)
        wrongs.append(fault_in(refused.value))
    assert wrongs == ["the file is no image", "this is a GIF", "the image is damaged or ends early"]
