"""Where words and specification meet."""

from dataclasses import replace

import pytest

from pipeline.fashion.merging import contradictions, merged, unlocked
from pipeline.fashion.reading import spec_from_text
from pipeline.fashion.trust import trusted
from pipeline.records.reading import read_spec
from pipeline.spec import GarmentSpec, SpecColor, SpecDetail, SpecSource, SpecText

PHOTO = spec_from_text("navy and white striped cotton t-shirt with a crew neck")


def test_without_words_the_specification_stays() -> None:
    assert merged(PHOTO, GarmentSpec()) == PHOTO
    assert contradictions(PHOTO, GarmentSpec()) == ()


def test_without_a_specification_the_words_are_it() -> None:
    words = spec_from_text("red silk dress")
    assert merged(GarmentSpec(), words) == words
    assert contradictions(GarmentSpec(), words) == ()


def test_what_the_words_say_wins_and_is_named() -> None:
    words = spec_from_text("in emerald linen with a v-neck")
    look = merged(PHOTO, words)
    assert look.fabric.value == "linen"
    assert [colour.name for colour in look.colors] == ["emerald"]
    assert look.detail("neckline") == "v-neck"
    assert look.pattern.value == "striped"
    assert look.garment_type.value == "t-shirt"
    assert set(contradictions(PHOTO, words)) == {
        ("fabric", "cotton", "linen"),
        ("colour", "navy", "emerald"),
        ("neckline", "crew neck", "v-neck"),
    }


def test_the_finer_word_is_no_contradiction() -> None:
    given = read_spec({"fabric": "silk satin", "colors": ["burgundy"]}).spec
    words = spec_from_text("a silk gown in burgundy")
    assert contradictions(given, words) == ()
    assert merged(given, words).fabric.value == "silk satin"
    assert merged(given, words).colors == given.colors


def test_another_garment_takes_its_details_along() -> None:
    look = merged(PHOTO, spec_from_text("make it a gown"))
    assert look.garment_type.value == "dress"
    assert look.detail("neckline") is None
    assert look.detail("length") == "floor-length"


def test_a_garment_beyond_the_ten_types_is_another_garment() -> None:
    look = merged(PHOTO, spec_from_text("make it a jumpsuit"))
    assert look.garment_type.value is None
    assert look.detail("subtype") == "jumpsuit"
    assert look.detail("neckline") is None


@pytest.mark.parametrize("words", ["", "lovely", "a t-shirt", "striped", "navy"])
def test_agreement_changes_nothing(words: str) -> None:
    assert contradictions(PHOTO, spec_from_text(words)) == ()
    assert merged(PHOTO, spec_from_text(words)).colors == PHOTO.colors


def test_what_is_too_unsure_is_left_out_and_told() -> None:
    unsure = SpecText("silk", 0.3, SpecSource.ANALYSIS)
    spec = GarmentSpec(
        garment_type=SpecText("dress", 0.9, SpecSource.ANALYSIS),
        fabric=unsure,
        colors=(SpecColor("navy", "#1f2a4d", PHOTO.colors[0].role, 1, 0.2, SpecSource.DESIGNER),),
        details=(SpecDetail("neckline", "v-neck", 0.4, SpecSource.ANALYSIS),),
    )
    sure, doubts = trusted(spec)
    assert sure == GarmentSpec(garment_type=spec.garment_type)
    assert [(d.field, d.value, d.given) for d in doubts] == [
        ("fabric", "silk", False),
        ("colour", "navy", True),
        ("neckline", "v-neck", False),
    ]
    assert trusted(sure) == (sure, ())


def test_a_locked_field_stays_whatever_the_words_say() -> None:
    given = replace(
        PHOTO,
        garment_type=SpecText("skirt", 1.0, SpecSource.DESIGNER, locked=True),
        fabric=SpecText("wool", 1.0, SpecSource.DESIGNER, locked=True),
    )

    look = merged(given, unlocked(given, spec_from_text("a silk dress with a floral print")))

    assert (look.garment_type.value, look.fabric.value) == ("skirt", "wool")
    assert look.pattern.value == "floral"


def test_a_colour_of_trims_leaves_the_cloth_as_it_is() -> None:
    words = spec_from_text("with red buttons")
    assert [colour.name for colour in merged(PHOTO, words).colors] == ["navy", "white", "red"]
    assert contradictions(PHOTO, words) == ()
