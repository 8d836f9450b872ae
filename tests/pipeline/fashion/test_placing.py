"""What is said of one part only."""

import pytest

from pipeline.fashion.parts import Part
from pipeline.fashion.placing import read_placements
from pipeline.fashion.reading import spec_from_text


@pytest.mark.parametrize(
    ("text", "accents"),
    [
        ("white tee with stripes on the sleeves only", "striped sleeves"),
        ("white shirt with a contrast collar", "contrast collar"),
        ("black slip dress with lace at the hem", "lace hem"),
        ("navy striped body with plain sleeves", "solid sleeves"),
        ("brown waxed jacket with a corduroy collar", "corduroy collar"),
        ("a corduroy collar jacket", "corduroy collar"),
        ("white shirt with navy collar and cuffs", "navy collar, navy cuffs"),
        ("jumper with navy and white striped cuffs", "navy and white striped cuffs"),
        ("white shirt with the collar in navy velvet", "navy velvet collar"),
        ("grey jacket, the sleeves are black leather", "black leather sleeves"),
        ("dress with lace trim at the hem and cuffs", "lace hem, lace cuffs"),
        ("striped tee, no stripes on the sleeves", "solid sleeves"),
        ("camel coat with brown leather patch pockets", "brown leather pockets"),
        ("navy joggers with a white side stripe", "white side stripe"),
        ("parka with a fur trimmed hood", "fur hood"),
        ("red dress with long sleeves", None),
        ("red puff sleeve cotton dress", None),
        ("velvet puff sleeve dress", None),
        ("navy zip hoodie", None),
        ("black and white striped tee", None),
    ],
)
def test_a_part_and_what_is_said_of_it_are_found(text: str, accents: str | None) -> None:
    assert spec_from_text(text).detail("accents") == accents


@pytest.mark.parametrize(
    ("text", "kind", "fabric", "pattern", "colours"),
    [
        ("brown waxed jacket with a corduroy collar", "outwear", None, None, ["brown"]),
        ("white tee with stripes on the sleeves only", "t-shirt", None, "solid", ["white"]),
        ("navy striped tee with plain sleeves", "t-shirt", None, "striped", ["navy"]),
        ("cotton dress with black lace hem", "dress", "cotton", None, ["black"]),
        ("red wool coat with leather sleeves", "outwear", "wool", None, ["red"]),
        ("tee with navy sleeves and a white body", "t-shirt", None, None, ["white", "navy"]),
        ("red puff sleeve cotton dress", "dress", "cotton", None, ["red"]),
    ],
)
def test_what_is_said_of_a_part_is_not_said_of_the_whole(
    text: str, kind: str, fabric: str | None, pattern: str | None, colours: list[str]
) -> None:
    spec = spec_from_text(text)
    assert spec.garment_type.value == kind
    assert spec.fabric.value == fabric
    assert spec.pattern.value == pattern
    assert [colour.name for colour in spec.colors] == colours


@pytest.mark.parametrize(
    "phrase",
    [
        "navy corduroy collar",
        "navy and white striped cuffs",
        "contrast lapels",
        "blue gingham pockets",
        "solid sleeves, lace hem",
        "white side stripe",
    ],
)
def test_what_was_written_is_read_again(phrase: str) -> None:
    assert ", ".join(one.phrase for one in read_placements(phrase)) == phrase


def test_a_placement_says_all_of_its_part() -> None:
    (collar,) = read_placements("navy and white striped velvet collar")
    assert collar.part is Part.COLLAR
    assert collar.colours == ("navy", "white")
    assert collar.said == {"pattern": "striped", "fabric": "velvet"}


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("black parka without pockets or hood", "pockets, hood"),
        ("trench coat, no belt", "belt"),
        ("striped tee, no stripes on the sleeves", None),
        ("parka with pockets", None),
    ],
)
def test_parts_that_are_not_there_are_said(text: str, without: str | None) -> None:
    spec = spec_from_text(text)
    assert spec.detail("without") == without
    assert spec.detail("collar") != "hood" or "hood" not in (without or "")
