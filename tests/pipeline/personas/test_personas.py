"""The built-in personas and what is read of a persona's attributes."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from pipeline.domain import Persona, PersonaId
from pipeline.fashion.colours import hex_of
from pipeline.fashion.scanning import scan
from pipeline.personas.built_in import BUILT_IN
from pipeline.personas.traits import Traits, traits_of
from pipeline.spec import PATTERNS


def persona(attributes: dict[str, Any]) -> Persona:
    return Persona(
        id=PersonaId(uuid4()),
        name="Mine",
        description="",
        attributes=attributes,
        built_in=False,
        created_at=datetime.now(UTC),
    )


def test_there_are_at_least_ten_and_their_names_and_ids_differ() -> None:
    assert len(BUILT_IN) >= 10
    assert len({one.id for one in BUILT_IN}) == len({one.name for one in BUILT_IN}) == len(BUILT_IN)
    assert all(one.built_in for one in BUILT_IN)


def test_ids_stay_the_same_for_ever() -> None:
    assert BUILT_IN[0].name == "Minimalist"
    assert BUILT_IN[0].id == UUID("fcd81c13-177d-5693-b23c-b3b86681ca99")


@pytest.mark.parametrize("one", BUILT_IN, ids=lambda one: one.name)
def test_every_word_of_an_archetype_means_something(one: Persona) -> None:
    traits = traits_of(one)
    assert set(traits.hexes) == set(traits.palette)
    assert set(traits.patterns) <= set(PATTERNS)
    for slot, values in (("fabric", traits.fabrics), ("aesthetic", traits.aesthetic)):
        assert values
        for value in values:
            slots = {getattr(t, "slot", "") for found in scan(value).found for t in found.terms}
            assert slot in slots, value


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, Traits()),
        ({"palette": "navy, White ,"}, Traits(palette=("navy", "White"))),
        ({"Colors": [{"name": "red"}, {"hex": "#fff"}, 3]}, Traits(palette=("red", "#fff"))),
        ({"style": "boho", "mood": ["calm"]}, Traits(aesthetic=("boho", "calm"))),
        ({"keywords": None, "tags": ["a", ["b"], {"x": 1}]}, Traits(keywords=("a",))),
        ({"keywords": "x" * 100, "age": 3}, Traits()),
    ],
)
def test_attributes_of_any_shape_are_read(attributes: dict[str, Any], expected: Traits) -> None:
    assert traits_of(persona(attributes)) == expected


def test_unknown_colours_of_a_palette_have_no_hex() -> None:
    assert traits_of(persona({"palette": "red, dream"})).hexes == {"red": hex_of("red")}
