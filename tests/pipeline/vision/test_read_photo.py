"""What the analyser says of real photos, and of pictures that show no garment."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pipeline.fashion.colours import family_of
from pipeline.spec import NOT_VISIBLE, GarmentSpec, SpecSource
from pipeline.vision.read import Reader

Photo = Callable[[str], bytes]

SHOWN = {
    "striped-tshirt": ("t-shirt", "striped", {"navy"}),
    "graphic-tshirt": ("t-shirt", "graphic", {"purple", "blue"}),
    "checked-shirt": ("shirt", "checked", {"green", "olive"}),
    "orange-dress": ("dress", "solid", {"orange", "red"}),
    "floral-dress": ("dress", "floral", {"black", "navy"}),
    "denim-pants": ("pants", "solid", {"blue"}),
    "red-turtleneck": ("longsleeve", "solid", {"red"}),
    "blue-jacket": ("outwear", "solid", {"blue", "navy"}),
    "pink-slides": ("shoes", "solid", {"pink", "red"}),
    "blue-cap": ("hat", "solid", {"blue", "light blue", "teal"}),
}


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("name", SHOWN)
def test_photo_is_read_as_what_it_shows(name: str, reader: Reader, photo: Photo) -> None:
    kind, pattern, families = SHOWN[name]
    spec = reader.read(photo(name))
    assert spec.garment_type.value == kind
    assert spec.pattern.value == pattern
    assert family_of(spec.colors[0].hex) in families


def test_everything_that_was_seen_has_a_confidence(reader: Reader, photo: Photo) -> None:
    spec = reader.read(photo("striped-tshirt"))
    for field in (spec.garment_type, spec.pattern):
        assert field.source is SpecSource.ANALYSIS
        assert 0.5 < field.confidence <= 1
    assert all(c.source is SpecSource.ANALYSIS and 0.5 < c.confidence < 1 for c in spec.colors)
    assert [detail.value for detail in spec.details if detail.name == "sleeve"] == ["short"]
    assert {detail.source for detail in spec.details} <= {SpecSource.ANALYSIS, SpecSource.INFERRED}


def test_colours_share_the_garment(reader: Reader, photo: Photo) -> None:
    colours = reader.read(photo("checked-shirt")).colors
    assert sum(colour.share for colour in colours) == pytest.approx(1, abs=0.01)
    assert [colour.share for colour in colours] == sorted((c.share for c in colours), reverse=True)
    assert [colour.role for colour in colours].count(colours[0].role) == 1


def test_what_cannot_be_known_is_not_guessed(reader: Reader, photo: Photo) -> None:
    assert reader.read(photo("orange-dress")).fabric == NOT_VISIBLE
    assert reader.read(photo("orange-dress")).silhouette == NOT_VISIBLE


def test_denim_is_seen(reader: Reader, photo: Photo) -> None:
    assert reader.read(photo("denim-pants")).fabric.value == "denim"


def test_same_bytes_give_the_same_spec(reader: Reader, photo: Photo) -> None:
    assert reader.read(photo("checked-shirt")) == reader.read(photo("checked-shirt"))


@pytest.mark.parametrize(("orientation", "turn"), [(3, 180), (6, 90), (8, 270)])
def test_photo_is_turned_as_it_was_held(
    orientation: int, turn: int, reader: Reader, photo: Photo
) -> None:
    with Image.open(BytesIO(photo("denim-pants"))) as upright:
        exif = upright.getexif()
        exif[0x0112] = orientation
        turned = encoded(upright.rotate(turn, expand=True), exif=exif)
        plain = encoded(upright)
    assert reader.read(turned) == reader.read(plain)


@pytest.mark.parametrize("name", ["blank", "graded", "noise", "grain", "specks"])
def test_picture_without_a_garment_says_nothing(name: str, reader: Reader) -> None:
    assert reader.read(encoded(nothing(name))) == GarmentSpec()


def nothing(name: str) -> Image.Image:
    chance = np.random.default_rng(11)
    across = np.linspace(40, 220, 240).astype(np.uint8)
    grains = chance.integers(0, 256, (40, 30, 3), dtype=np.uint8)
    specks = (chance.random((320, 240, 1)) < 0.1).astype(np.uint8)
    pictures = {
        "blank": np.full((320, 240, 3), 255, dtype=np.uint8),
        "graded": np.tile(across[None, :, None], (320, 1, 3)),
        "noise": chance.integers(0, 256, (320, 240, 3), dtype=np.uint8),
        "grain": grains.repeat(8, 0).repeat(8, 1),
        "specks": np.tile(250 - 250 * specks, (1, 1, 3)),
    }
    return Image.fromarray(pictures[name])


@pytest.mark.parametrize("background", [(240, 240, 235), (60, 110, 60), (30, 30, 34)])
def test_background_leaves_the_palette_alone(
    background: tuple[int, int, int], reader: Reader, photo: Photo
) -> None:
    with Image.open(BytesIO(photo("orange-dress"))) as picture:
        pixels = np.asarray(picture.convert("RGB")).copy()
    red, green, blue = (pixels[..., i].astype(int) for i in range(3))
    dress = (red - green > 60) & (red - blue > 90)
    pixels[~dress] = background
    colours = reader.read(encoded(Image.fromarray(pixels))).colors
    assert {family_of(colour.hex) for colour in colours} <= {"orange", "red", "brown"}


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (900, 3), (16, 16), (40, 17)])
def test_odd_picture_is_read_without_trouble(size: tuple[int, int], reader: Reader) -> None:
    halves = Image.new("RGB", size, "red")
    halves.paste("white", (0, 0, size[0] // 2, size[1]))
    assert reader.read(encoded(halves)) == GarmentSpec()


def test_a_shadow_on_plain_jeans_is_no_colour_of_theirs(reader: Reader, photo: Photo) -> None:
    assert {family_of(c.hex) for c in reader.read(photo("denim-pants")).colors} == {"blue"}
