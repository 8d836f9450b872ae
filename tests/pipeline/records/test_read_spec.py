"""Reading given specifications."""

import json
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from pipeline.errors import InvalidInput
from pipeline.fashion.colours import hex_of
from pipeline.records.reading import as_record, read_spec
from pipeline.spec import NOT_VISIBLE, GarmentSpec, SpecSource, SpecText

VLT = {
    "records": [
        {
            "garmentType": "evening gown",
            "fabric": {"type": "silk satin"},
            "colors": {"primary": "burgundy"},
            "style": {"aesthetic": "elegant"},
        }
    ]
}


def read(record: Any) -> GarmentSpec:
    return read_spec(record).spec


def said(value: str) -> SpecText:
    return SpecText(value, 1.0, SpecSource.DESIGNER, locked=True)


def test_a_record_of_the_vlt_tool() -> None:
    reading = read_spec(VLT)
    spec = reading.spec
    assert reading.warnings == ()
    assert spec.garment_type == said("dress")
    assert spec.fabric == said("silk satin")
    assert spec.aesthetic == said("elegant")
    assert spec.pattern == NOT_VISIBLE
    assert [(c.name, c.hex, c.role, c.share, c.locked) for c in spec.colors] == [
        ("burgundy", hex_of("burgundy"), "primary", 1.0, True)
    ]
    details = {detail.name: detail for detail in spec.details}
    assert details["subtype"].value == "evening gown"
    assert details["subtype"].source is SpecSource.DESIGNER
    assert details["length"].source is SpecSource.INFERRED
    assert not details["length"].locked
    assert spec.raw == VLT


@pytest.mark.parametrize(
    "fabric",
    [
        "linen",
        " Linen ",
        ["linen"],
        {"type": "linen"},
        {"value": "linen"},
        {"name": "linen"},
        {"primary": "linen"},
        {"value": "linen", "confidence": 1},
        {"type": {"name": "linen"}, "weight": "heavy"},
    ],
)
def test_the_shapes_of_a_text(fabric: Any) -> None:
    assert read({"fabric": fabric}).fabric == said("linen")


@pytest.mark.parametrize(
    ("colors", "expected"),
    [
        ("navy", [("navy", "primary", 1.0)]),
        ("navy and white", [("navy", "primary", 0.6667), ("white", "secondary", 0.3333)]),
        (["navy", "Off White"], [("navy", "primary", 0.6667), ("off-white", "secondary", 0.3333)]),
        (
            {"primary": "navy", "accent": "gold"},
            [("navy", "primary", 0.95), ("gold", "accent", 0.05)],
        ),
        (
            {"primary": "red", "secondary": ["white", {"name": "navy"}]},
            [
                ("red", "primary", 0.5556),
                ("white", "secondary", 0.2778),
                ("navy", "secondary", 0.1667),
            ],
        ),
        ({"name": "dawn", "hex": "#fa8072"}, [("dawn", "primary", 1.0)]),
        ("#1f2a4d", [("navy", "primary", 1.0)]),
        (
            [{"hex": "FFF", "share": 0.8}, "black"],
            [("white", "primary", 0.8), ("black", "secondary", 0.2)],
        ),
        (
            [
                {"name": "red", "role": "secondary", "share": 0.9},
                {"name": "blue", "role": "primary", "share": 0.6},
            ],
            [("red", "secondary", 0.6), ("blue", "primary", 0.4)],
        ),
        ([], []),
        (None, []),
    ],
)
def test_the_shapes_of_colours(colors: Any, expected: list[tuple[str, str, float]]) -> None:
    spec = read({"garmentType": "dress", "colors": colors})
    assert [(c.name, c.role.value, c.share) for c in spec.colors] == expected


def test_a_colour_that_is_not_known_is_kept_in_words_and_named() -> None:
    reading = read_spec({"garmentType": "dress", "colors": ["galaxy", "white"]})
    assert [colour.name for colour in reading.spec.colors] == ["white"]
    assert reading.spec.detail("colour") == "galaxy"
    (warning,) = reading.warnings
    assert "galaxy" in warning
    assert "spec.colors[0]" in warning


def test_a_colour_that_is_half_known_says_how_it_was_read() -> None:
    reading = read_spec({"garmentType": "dress", "colors": "burgundy dream"})
    (colour,) = reading.spec.colors
    assert (colour.name, colour.hex) == ("burgundy dream", hex_of("burgundy"))
    assert reading.warnings == ('spec.colors: "burgundy dream" was read as burgundy',)


@pytest.mark.parametrize(
    ("word", "kind", "subtype"),
    [
        ("dress", "dress", None),
        ("T-Shirt", "t-shirt", None),
        ("tshirt", "t-shirt", None),
        ("Long Sleeve", "longsleeve", None),
        ("outerwear", "outwear", None),
        ("trousers", "pants", None),
        ("trench coat", "outwear", "trench coat"),
        ("Shirt Dress", "dress", "shirt dress"),
    ],
)
def test_garment_types_are_mapped(word: str, kind: str, subtype: str | None) -> None:
    reading = read_spec({"garmentType": word})
    assert reading.spec.garment_type == said(kind)
    assert reading.spec.detail("subtype") == subtype
    assert reading.warnings == ()


def test_an_unknown_garment_is_kept_as_the_subtype_with_a_warning() -> None:
    reading = read_spec({"garmentType": "space suitlet"})
    assert reading.spec.garment_type == NOT_VISIBLE
    assert reading.spec.detail("subtype") == "space suitlet"
    (warning,) = reading.warnings
    assert warning.startswith('spec.garmentType: "space suitlet" is none of the ten types')


@pytest.mark.parametrize("word", ["jumpsuit", "handbag"])
def test_a_garment_of_the_lexicon_that_is_none_of_the_ten_needs_no_warning(word: str) -> None:
    reading = read_spec({"garmentType": word})
    assert reading.spec.garment_type == NOT_VISIBLE
    assert reading.spec.detail("subtype") == word
    assert reading.warnings == ()


def test_patterns_are_mapped_and_the_finer_word_kept() -> None:
    assert read({"pattern": "Stripes"}).pattern == said("striped")
    pinstripe = read({"pattern": "pinstripe"})
    assert (pinstripe.pattern, pinstripe.detail("print")) == (said("striped"), "pinstripe")
    odd = read_spec({"pattern": "moiré"})
    assert odd.spec.pattern == said("moiré")
    assert len(odd.warnings) == 1


@pytest.mark.parametrize(
    "details",
    [
        {"neckline": "V neck", "sleeves": "long"},
        [{"name": "neckline", "value": "V neck"}, {"name": "sleeve", "value": "long"}],
        ["V neck", "long sleeves"],
        {"Neck": {"type": "V neck"}, "sleeve_length": {"value": "Long sleeve"}},
    ],
)
def test_the_shapes_of_details(details: Any) -> None:
    spec = read({"garmentType": "dress", "details": details})
    assert (spec.detail("neckline"), spec.detail("sleeve")) == ("v-neck", "long")


def test_details_may_stand_at_the_top_and_have_names_of_their_own() -> None:
    spec = read(
        {"neckline": "boat neck", "details": {"buttons": "horn", "lined": True, "x": False}}
    )
    assert [(d.name, d.value) for d in spec.details] == [
        ("neckline", "boat neck"),
        ("buttons", "horn"),
        ("lined", "lined"),
    ]


def test_a_given_confidence_and_lock_are_kept() -> None:
    spec = read({"fabric": {"value": "silk", "confidence": 0.4, "locked": False}})
    assert spec.fabric == SpecText("silk", 0.4, SpecSource.DESIGNER, locked=False)


def test_unknown_keys_are_kept_and_named() -> None:
    reading = read_spec({"garmentType": "dress", "season": "SS27", "style": {"price": 3}})
    assert reading.spec.raw["season"] == "SS27"
    assert reading.warnings == (
        "spec.season was kept but means nothing to the pipeline",
        "spec.style.price was kept but means nothing to the pipeline",
    )


def test_a_key_that_is_misspelt_is_named_with_the_one_that_was_meant() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_spec({"garmentTyp": "dress"})
    assert caught.value.field == "spec"
    hint = 'spec.garmentTyp; did you mean "garmentType"?'
    assert caught.value.message.endswith(f"Not understood: {hint}")
    assert read_spec({"garmentType": "dress", "fabrik": "silk"}).warnings == (
        'spec.fabrik was kept but means nothing to the pipeline; did you mean "fabric"?',
    )


def test_other_records_are_named() -> None:
    records = [{"garmentType": t} for t in ("hat", "skirt", "dress")]
    reading = read_spec({"records": records, "tool": "vlt"}, 1)
    assert reading.spec.garment_type.value == "skirt"
    assert reading.warnings == (
        "spec.tool was kept but means nothing to the pipeline",
        "Records 1 and 3 were not used",
    )


def test_what_is_written_can_be_read_again() -> None:
    spec = read({**VLT["records"][0], "details": {"collar": "shawl collar"}, "pattern": "solid"})
    again = read_spec(json.loads(json.dumps(as_record(spec))))
    assert as_record(again.spec)["colors"] == as_record(spec)["colors"]
    assert again.spec.garment_type == spec.garment_type
    assert {(d.name, d.value) for d in again.spec.details} == {
        (d.name, d.value) for d in spec.details
    }
    assert again.warnings == ()


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = {"value": value}
    return value


@pytest.mark.parametrize(
    ("spec", "index", "field"),
    [
        (None, 0, "spec"),
        ({"colors": {"primary": "#zzz"}}, 0, "spec.colors.primary"),
        ({"colors": [{"name": "#12"}]}, 0, "spec.colors[0].name"),
        ("a dress", 0, "spec"),
        ([], 0, "spec"),
        ([{"garmentType": "dress"}], 0, "spec"),
        (3, 0, "spec"),
        ({}, 0, "spec"),
        ({"season": "SS27"}, 0, "spec"),
        ({"garmentType": ""}, 0, "spec"),
        ({"garmentType": None, "colors": []}, 0, "spec"),
        ({1: 2}, 0, "spec"),
        ({"fabric": float("nan")}, 0, "spec"),
        ({"fabric": object()}, 0, "spec"),
        ({"fabric": "x" * 70_000}, 0, "spec"),
        ({"fabric": nested(40_000)}, 0, "spec"),
        ({"fabric": nested(20)}, 0, "spec"),
        ({"fabric": "x" * 201}, 0, "spec.fabric"),
        ({"fabric": 3}, 0, "spec.fabric"),
        ({"fabric": {"weave": "twill"}}, 0, "spec.fabric"),
        ({"fabric": {"value": "silk", "confidence": 2}}, 0, "spec.fabric.confidence"),
        ({"fabric": {"value": "silk", "confidence": "high"}}, 0, "spec.fabric.confidence"),
        ({"garmentType": {"type": 7}}, 0, "spec.garmentType.type"),
        ({"colors": 3}, 0, "spec.colors"),
        ({"colors": [""]}, 0, "spec.colors[0]"),
        ({"colors": [{"share": 1}]}, 0, "spec.colors[0]"),
        ({"colors": {"primary": 3}}, 0, "spec.colors.primary"),
        ({"colors": {"loudest": "red"}}, 0, "spec.colors.loudest"),
        ({"colors": {"name": "red", "hex": "zz"}}, 0, "spec.colors.hex"),
        ({"colors": [{"name": "red", "share": 40}]}, 0, "spec.colors[0].share"),
        ({"colors": [{"name": "red", "role": "loud"}]}, 0, "spec.colors[0].role"),
        ({"colors": ["red"] * 13}, 0, "spec.colors"),
        ({"details": 3}, 0, "spec.details"),
        ({"details": [{"value": "x"}]}, 0, "spec.details[0]"),
        ({"details": {str(i): "x" for i in range(41)}}, 0, "spec.details"),
        ({"details": {"neckline": 4}}, 0, "spec.details.neckline"),
        ({"records": []}, 0, "spec.records"),
        ({"records": {}}, 0, "spec.records"),
        ({"records": ["dress"]}, 0, "spec.records[0]"),
        ({"records": [{"garmentType": "hat"}, 3]}, 1, "spec.records[1]"),
        ({"records": [{"garmentType": "hat"}, {}]}, 1, "spec.records[1]"),
        ({"records": [{"garmentType": "hat"}]}, 1, "recordIndex"),
        ({"records": [{"garmentType": "hat"}]}, -1, "recordIndex"),
        ({"garmentType": "hat"}, 1, "recordIndex"),
        ({"records": [{"fabric": 3}]}, 0, "spec.records[0].fabric"),
    ],
)
def test_what_can_not_be_read_names_its_field(spec: Any, index: int, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_spec(spec, index)
    assert caught.value.field == field


KEYS = st.sampled_from(
    ["garmentType", "fabric", "colors", "pattern", "style", "details", "name", "value", "hex", "x"]
)
WORDS = st.sampled_from(["dress", "navy", "#fff", "v-neck", "", "stripes", "silk and wool", "?"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@for_all(ANYTHING)
def test_anything_is_read_or_refused(value: Any) -> None:
    try:
        spec = read_spec(value).spec
    except InvalidInput as refused:
        named, spec = refused.field, None
    else:
        named = "spec"
    assert named is not None
    assert named.startswith("spec")
    if spec:
        assert sum(colour.share for colour in spec.colors) <= 1.01
        assert json.loads(json.dumps(as_record(spec), allow_nan=False))
