"""From bytes to pixels."""

from io import BytesIO

import pytest
from PIL import Image

from pipeline.vision.frame import LONGEST, SIDE, UnreadablePhoto, decode, letterboxed


def png(picture: Image.Image) -> bytes:
    stream = BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def test_large_photo_is_shrunk_in_proportion() -> None:
    assert decode(png(Image.new("RGB", (1600, 800), "red"))).shape == (LONGEST // 2, LONGEST, 3)


def test_transparent_picture_lies_on_white() -> None:
    pixels = decode(png(Image.new("RGBA", (20, 30), (255, 0, 0, 0))))
    assert (pixels == 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    stream = BytesIO()
    Image.new(mode, (20, 30)).save(stream, kind)
    assert decode(stream.getvalue()).shape == (30, 20, 3)


@pytest.mark.parametrize("content", [b"", b"no image at all", png(Image.new("RGB", (64, 64)))[:60]])
def test_damaged_photo_is_refused_for_good(content: bytes) -> None:
    with pytest.raises(UnreadablePhoto) as refused:
        decode(content)
    assert not refused.value.retryable


def test_letterbox_is_filled_with_the_border_colour() -> None:
    wide = decode(png(Image.new("RGB", (300, 100), (10, 200, 30))))
    square = letterboxed(wide)
    assert square.shape == (SIDE, SIDE, 3)
    assert (square == (10, 200, 30)).all()
