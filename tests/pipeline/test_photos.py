"""Photos as models get them, and images as requests want them."""

from io import BytesIO

import pytest
from PIL import ExifTags, Image

from pipeline.domain import AspectRatio
from pipeline.errors import BadOutput, StageFailed
from pipeline.imaging import PhotoLimits, Reference, ReferenceRole
from pipeline.photos import cropped, prepared


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def test_a_photo_is_turned_upright_and_loses_its_metadata() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "A camera"
    lying = Image.new("RGB", (60, 30), "red")
    lying.paste("blue", (0, 0, 10, 30))

    sent = prepared(Reference(encoded(lying, exif=exif), "image/jpeg"), PhotoLimits())

    upright = opened(sent.content)
    assert upright.size == (30, 60)
    top, bottom = upright.getpixel((15, 4)), upright.getpixel((15, 50))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[2] - top[0] > 150
    assert bottom[0] - bottom[2] > 150
    assert not upright.getexif()
    assert b"A camera" not in sent.content


def test_a_photo_is_made_to_fit() -> None:
    noise = Image.effect_noise((900, 600), 80).convert("RGB")
    photo = Reference(encoded(noise, "PNG"), "image/png", ReferenceRole.STYLE)

    sent = prepared(photo, PhotoLimits(max_side=300, max_bytes=20_000))

    assert (sent.content_type, sent.role) == ("image/jpeg", ReferenceRole.STYLE)
    assert len(sent.content) <= 20_000
    assert max(opened(sent.content).size) <= 300
    assert opened(sent.content).format == "JPEG"


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    sent = prepared(Reference(encoded(clear, "PNG"), "image/png"), PhotoLimits())
    assert opened(sent.content).getpixel((5, 5)) == (255, 255, 255)


def test_a_damaged_photo_is_no_reference() -> None:
    content = encoded(Image.new("RGB", (64, 64)))
    with pytest.raises(StageFailed):
        prepared(Reference(content[: len(content) // 2], "image/jpeg"), PhotoLimits())


@pytest.mark.parametrize("size", [(160, 90), (90, 160), (100, 100)])
@pytest.mark.parametrize("ratio", [AspectRatio.LANDSCAPE_21_9, AspectRatio.PORTRAIT_9_21])
def test_an_image_is_cut_to_its_ratio(size: tuple[int, int], ratio: AspectRatio) -> None:
    made = encoded(Image.new("RGB", size, "red"), "PNG")

    cut = opened(cropped(made, "image/png", ratio))

    across, down = ratio.terms
    assert cut.format == "PNG"
    assert abs(cut.width * down - cut.height * across) <= max(across, down)
    assert cut.width == size[0] or cut.height == size[1]


def test_what_is_no_image_can_not_be_cut() -> None:
    with pytest.raises(BadOutput) as caught:
        cropped(b"<html>", "image/png", AspectRatio.SQUARE)
    assert caught.value.charged
