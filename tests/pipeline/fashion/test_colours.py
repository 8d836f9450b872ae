"""Colour names, numbers and differences."""

import re

import pytest

from pipeline.fashion.colours import (
    BY_NAME,
    delta_e,
    family_of,
    hex_from_lab,
    hex_of,
    lab_of,
    name_of,
)
from pipeline.fashion.difference import Lab, ciede2000
from pipeline.fashion.palette import FAMILIES, NAMING

# The published test data of Sharma, Wu and Dalal (2005).
PUBLISHED: list[tuple[Lab, Lab, float]] = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.02), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
    ((50, -1.1848, -84.8006), (50, 0, -82.7485), 1.0),
    ((50, -0.9009, -85.5211), (50, 0, -82.7485), 1.0),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, -1, 2), (50, 0, 0), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.001), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.49, -0.001), (50, -2.49, 0.0012), 7.2195),
    ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
    ((50, -0.001, 2.49), (50, 0.001, -2.49), 4.8045),
    ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((50, 2.5, 0), (50, 3.1736, 0.5854), 1.0),
    ((50, 2.5, 0), (50, 3.2972, 0), 1.0),
    ((50, 2.5, 0), (50, 1.8634, 0.5757), 1.0),
    ((50, 2.5, 0), (50, 3.2592, 0.335), 1.0),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((61.2901, 3.7196, -5.3901), (61.4292, 2.248, -4.962), 1.8731),
    ((35.0831, -44.1164, 3.7933), (35.0232, -40.0716, 1.5901), 1.8645),
    ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
    ((36.4612, 47.858, 18.3852), (36.2715, 50.5065, 21.2231), 1.4146),
    ((90.8027, -2.0831, 1.441), (91.1528, -1.6435, 0.0447), 1.4441),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "published"), PUBLISHED)
def test_the_difference_agrees_with_the_published_pairs(
    first: Lab, second: Lab, published: float
) -> None:
    assert ciede2000(first, second) == pytest.approx(published, abs=5e-5)
    assert ciede2000(second, first) == pytest.approx(published, abs=5e-5)


def test_lab_of_white_black_and_red() -> None:
    assert lab_of("#ffffff") == pytest.approx((100, 0, 0), abs=0.01)
    assert lab_of("#000000") == pytest.approx((0, 0, 0), abs=0.01)
    assert lab_of("#ff0000") == pytest.approx((53.24, 80.09, 67.20), abs=0.02)


@pytest.mark.parametrize("hex_", ["#000000", "#ffffff", "#7a2d58", "#12915f", "#0a0b0c"])
def test_lab_goes_there_and_back(hex_: str) -> None:
    assert hex_from_lab(lab_of(hex_)) == hex_


@pytest.mark.parametrize("wrong", ["red", "#12345", "#abc", ""])
def test_lab_wants_a_full_hex(wrong: str) -> None:
    with pytest.raises(ValueError, match="no hex"):
        lab_of(wrong)


def test_the_table_is_large_and_well_formed() -> None:
    assert len(BY_NAME) >= 120
    assert len(FAMILIES) == 19
    assert all(re.fullmatch("#[0-9a-f]{6}", hex_) for hex_, _ in BY_NAME.values())
    assert {family for _, family in BY_NAME.values()} == set(FAMILIES)


def test_every_naming_colour_is_found_again() -> None:
    assert [name_of(hex_) for _, hex_, _ in NAMING] == [name for name, _, _ in NAMING]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("  Navy ", "navy"),
        ("navy blue", "navy"),
        ("Light Gray", "light grey"),
        ("off white", "off-white"),
        ("OFF-WHITE", "off-white"),
        ("wine red", "wine"),
        ("olive green", "olive"),
    ],
)
def test_spelling_is_forgiven(written: str, plain: str) -> None:
    assert hex_of(written) == hex_of(plain) is not None


@pytest.mark.parametrize(
    ("given", "hex_"), [("#1A2b3C", "#1a2b3c"), ("#abc", "#aabbcc"), (" #ABCDEF ", "#abcdef")]
)
def test_a_hex_passes(given: str, hex_: str) -> None:
    assert hex_of(given) == hex_


@pytest.mark.parametrize("unknown", ["", "dream", "decade", "dark", "#12", "red hot chilli", "12"])
def test_an_unknown_name_is_not_guessed(unknown: str) -> None:
    assert hex_of(unknown) is None
    assert family_of(unknown) is None


def test_shades_move_the_way_they_say() -> None:
    def lightness(name: str) -> float:
        found = hex_of(name)
        assert found
        return lab_of(found)[0]

    assert lightness("dark navy") < lightness("navy")
    assert lightness("pale lilac") > lightness("lilac")
    assert lightness("deep teal") < lightness("teal") < lightness("light teal")


def test_two_hues_are_mixed() -> None:
    mixed = hex_of("blue-green")
    blue, green = hex_of("blue"), hex_of("green")
    assert mixed
    assert blue
    assert green
    assert max(delta_e(mixed, blue), delta_e(mixed, green)) < delta_e(blue, green)
    assert hex_of("greenish blue") == mixed


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("burgundy", "burgundy"),
        ("maroon", "burgundy"),
        ("dark navy", "navy"),
        ("charcoal", "grey"),
        ("#ffffff", "white"),
        ("#0c0c0c", "black"),
        ("#6b4529", "brown"),
        ("camel", "tan"),
        ("light denim", "light blue"),
        ("khaki", "tan"),
    ],
)
def test_families(given: str, family: str) -> None:
    assert family_of(given) == family
