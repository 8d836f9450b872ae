"""Reading a specification out of a sentence."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.fashion.colours import hex_of
from pipeline.fashion.reading import spec_from_text
from pipeline.fashion.terms import words
from pipeline.spec import GARMENT_TYPES, NOT_VISIBLE, PATTERNS, GarmentSpec, SpecSource


def colours(text: str) -> list[tuple[str, str]]:
    return [(colour.name, colour.role.value) for colour in spec_from_text(text).colors]


def test_a_gown_is_read_whole() -> None:
    spec = spec_from_text("burgundy silk evening gown with a V neckline")
    assert spec.garment_type.value == "dress"
    assert spec.garment_type.source is SpecSource.INFERRED
    assert not spec.garment_type.locked
    assert spec.detail("subtype") == "evening gown"
    assert spec.fabric.value == "silk"
    assert [(c.name, c.hex, c.share) for c in spec.colors] == [
        ("burgundy", hex_of("burgundy"), 1.0)
    ]
    assert spec.detail("neckline") == "v-neck"
    assert spec.detail("length") == "floor-length"
    assert spec.pattern == NOT_VISIBLE


def test_what_is_implied_is_less_sure_than_what_is_said() -> None:
    spec = spec_from_text("evening gown with a V neckline")
    confidence = {detail.name: detail.confidence for detail in spec.details}
    assert confidence["length"] < confidence["neckline"] < 1


@pytest.mark.parametrize("text", ["", "a dream of summer", "!!!", "1234", "décor", "no", "not red"])
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert spec_from_text(text) == GarmentSpec()


@pytest.mark.parametrize(
    ("text", "kind", "subtype"),
    [
        ("two navy striped t-shirts", "t-shirt", None),
        ("a dress shirt", "shirt", "dress shirt"),
        ("a shirt dress", "dress", "shirt dress"),
        ("T-shirt dress", "dress", "t-shirt dress"),
        ("a hoodie dress", "dress", "hoodie dress"),
        ("denim jacket", "outwear", "denim jacket"),
        ("light denim jeans", "pants", "jeans"),
        ("jean shorts", "shorts", "denim shorts"),
        ("short shorts", "shorts", None),
        ("baseball cap", "hat", "baseball cap"),
        ("long-sleeved striped tee", "longsleeve", "long-sleeve t-shirt"),
        ("long sleeve top", "longsleeve", None),
        ("jumper with a polo neck", "longsleeve", "sweater"),
        ("polo shirt", "t-shirt", "polo shirt"),
        ("a pair of high tops", "shoes", "high-tops"),
        ("top hat", "hat", "top hat"),
        ("wool top coat", "outwear", "overcoat"),
        ("trousers", "pants", None),
        ("chelsea boots", "shoes", "chelsea boots"),
        ("kilt", "skirt", "kilt"),
        ("emerald jumpsuit", None, "jumpsuit"),
        ("Ein Kleid, please: Dress", "dress", None),
    ],
)
def test_garments(text: str, kind: str | None, subtype: str | None) -> None:
    spec = spec_from_text(text)
    assert spec.garment_type.value == kind
    assert spec.detail("subtype") == subtype


@pytest.mark.parametrize("kind", GARMENT_TYPES)
def test_each_type_is_read_by_its_own_name(kind: str) -> None:
    assert spec_from_text(f"a {kind}").garment_type.value == kind


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_pattern_is_read_by_its_own_name(pattern: str) -> None:
    assert spec_from_text(f"a {pattern} dress").pattern.value == pattern


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("distressed light blue jeans", [("light blue", "primary")]),
        ("orange dress", [("orange", "primary")]),
        ("a pale pink blouse", [("pale pink", "primary")]),
        ("Gray off white tee", [("grey", "primary"), ("off-white", "secondary")]),
        ("cap in #FF0000", [("red", "primary")]),
        ("black and white striped tee", [("black", "primary"), ("white", "secondary")]),
        ("white stripes on a navy tee", [("navy", "primary"), ("white", "secondary")]),
        (
            "red and green dots on a navy tee",
            [("navy", "primary"), ("red", "secondary"), ("green", "secondary")],
        ),
        ("navy argyle on cream sweater", [("cream", "primary"), ("navy", "secondary")]),
        ("a red coat on white ground", [("red", "primary"), ("white", "secondary")]),
        ("coat with gold metal buttons in camel", [("camel", "primary"), ("gold", "accent")]),
        ("navy zip hoodie", [("navy", "primary")]),
        ("white button-down shirt", [("white", "primary")]),
        ("linen trousers, not black, in ecru", [("ecru", "primary")]),
        ("lemon print dress in white", [("white", "primary")]),
        ("black tie dress", []),
        ("red red red dress", [("red", "primary")]),
    ],
)
def test_colours_and_their_roles(text: str, expected: list[tuple[str, str]]) -> None:
    assert colours(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "black and white striped tee",
        "a red, green, blue, yellow and pink dress with gold buttons and silver zips",
        "navy coat with gold buttons",
    ],
)
def test_shares_add_up(text: str) -> None:
    assert sum(c.share for c in spec_from_text(text).colors) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "text",
    [
        "black blazer over a white dress, red shoes",
        "black blazer on a plain white background",
        "a model with a red handbag, wearing a black blazer",
        "black blazer worn with striped cream trousers",
    ],
)
def test_other_things_in_the_picture_do_not_count(text: str) -> None:
    spec = spec_from_text(text)
    assert spec.detail("subtype") == "blazer"
    assert [colour.name for colour in spec.colors] == ["black"]
    assert spec.pattern == NOT_VISIBLE


@pytest.mark.parametrize(
    ("text", "detail", "value"),
    [
        ("black jacket, no buttons", "closure", None),
        ("jacket without a zip or buttons", "closure", None),
        ("dress with no sleeves", "sleeve", "sleeveless"),
        ("shirt without a collar", "collar", "collarless"),
        ("no belt but a side slit on this dress", "hem", "slit"),
        ("a not too short pleated skirt", "subtype", "pleated skirt"),
    ],
)
def test_negation(text: str, detail: str, value: str | None) -> None:
    assert spec_from_text(text).detail(detail) == value


@pytest.mark.parametrize(
    ("text", "pattern", "finer"),
    [
        ("rose print dress", "floral", "rose"),
        ("lemon print dress", "print", "lemon"),
        ("polka-dot skirt", "dotted", "polka dot"),
        ("gingham shirt", "checked", "gingham"),
        ("a plain tee", "solid", None),
        ("tee with no print", "solid", None),
        ("pinstriped trousers", "striped", "pinstripe"),
        ("leopard print coat", "print", "leopard"),
    ],
)
def test_patterns(text: str, pattern: str, finer: str | None) -> None:
    spec = spec_from_text(text)
    assert (spec.pattern.value, spec.detail("print")) == (pattern, finer)


def test_a_denim_colour_says_the_cloth_too() -> None:
    spec = spec_from_text("light denim jacket, dark wash cuffs")
    assert spec.fabric.value == "denim"
    assert spec.colors[0].name == "light denim"


def test_details_of_cut() -> None:
    spec = spec_from_text(
        "oversized, ruffled and tiered a-line midi dress with puffed sleeves, "
        "peter pan collar, a keyhole neckline and double-breasted front, boho style"
    )
    assert {detail.name: detail.value for detail in spec.details} == {
        "subtype": "midi dress",
        "fit": "oversized",
        "finish": "ruffled, tiered",
        "sleeve": "puff",
        "collar": "peter pan collar",
        "neckline": "keyhole",
        "closure": "double-breasted",
        "length": "midi",
    }
    assert spec.silhouette.value == "a-line"
    assert spec.aesthetic.value == "bohemian"


def test_long_and_short_are_lengths_of_some_garments_only() -> None:
    assert spec_from_text("a long red skirt").detail("length") == "maxi"
    assert spec_from_text("a short dress").detail("length") == "mini"
    assert spec_from_text("a long shirt").detail("length") is None


def test_a_long_text_is_read_in_good_time() -> None:
    begin = time.perf_counter()
    spec = spec_from_text("a burgundy silk gown with no dark light deep blue " * 200)
    assert time.perf_counter() - begin < 2
    assert spec.fabric.value == "silk"


VOCABULARY = st.sampled_from(
    sorted(
        words(
            "a no red dark light dress shirt jeans with and on white background zip "
            "buttons , . striped lemon print collar #ff0000 t-shirt navy "
            "blue greenish sleeves short long coat over"
        )
    )
)


@settings(max_examples=150, deadline=None)
@given(st.lists(VOCABULARY, max_size=14).map(" ".join) | st.text(max_size=60))
def test_any_text_is_read_to_a_sound_specification(text: str) -> None:
    spec = spec_from_text(text)
    assert spec.garment_type.value in (None, *GARMENT_TYPES)
    assert spec.pattern.value in (None, *PATTERNS)
    assert all(re.fullmatch("#[0-9a-f]{6}", colour.hex) for colour in spec.colors)
    assert sum(colour.share for colour in spec.colors) <= 1.001
    assert len({detail.name for detail in spec.details}) == len(spec.details)
    assert spec == spec_from_text(text)


def test_trims_are_told_with_their_colours() -> None:
    spec = spec_from_text("white shirt with a navy collar and gold metal buttons")
    assert spec.detail("accents") == "navy collar, gold buttons"
    assert spec_from_text("white shirt").detail("accents") is None
    assert spec_from_text("blouse with black pearl buttons").detail("accents") == "black buttons"


def test_what_a_trim_is_made_of_is_not_what_the_garment_is_made_of() -> None:
    coat = spec_from_text("camel cotton coat with a black leather belt and a fur collar")
    assert coat.fabric.value == "cotton"
    assert spec_from_text("coat with a leather belt").fabric.value is None


def test_a_suit_keeps_what_is_said_of_it() -> None:
    suit = spec_from_text("charcoal wool suit with tapered trousers")
    assert (suit.garment_type.value, suit.fabric.value) == ("outwear", "wool")
    assert [colour.name for colour in suit.colors] == ["charcoal"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a balck drses", ("dress", ["black"])),
        ("wihte jakcet", ("outwear", ["white"])),
        ("navy swaeter with long sleves", ("longsleeve", ["navy"])),
        ("burgudny trousres", ("pants", ["burgundy"])),
    ],
)
def test_slips_of_the_keyboard_are_forgiven(text: str, expected: tuple[str, list[str]]) -> None:
    spec = spec_from_text(text)
    assert (spec.garment_type.value, [colour.name for colour in spec.colors]) == expected


def test_words_that_only_look_alike_are_left_alone() -> None:
    assert spec_from_text("a dress to wear while you rest").colors == ()


@pytest.mark.parametrize("joint", [" or ", " and ", ", "])
def test_an_endless_list_is_read_without_harm(joint: str) -> None:
    spec = spec_from_text("a tee, not " + joint.join(["red", "x", "with hearts"] * 900))
    assert spec.garment_type.value == "t-shirt"
