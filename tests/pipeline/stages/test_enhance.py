"""ENHANCEMENT: the prompt in fashion terms."""

from typing import Any

import pytest

from pipeline.domain import Brief, GenerationMode, PartOrigin
from pipeline.fashion.reading import spec_from_text
from pipeline.prompting import compose
from pipeline.records.reading import read_spec
from pipeline.results import Enhancement
from pipeline.spec import GarmentSpec, SpecDetail, SpecSource, SpecText
from pipeline.stages.enhance import Enhance

GOWN = {
    "garmentType": "evening gown",
    "fabric": {"type": "silk satin"},
    "colors": {"primary": "burgundy"},
    "style": {"aesthetic": "elegant"},
}


async def enhance(
    prompt: str | None = None,
    spec: GarmentSpec | None = None,
    *,
    seed: int = 1,
    negative: str | None = None,
) -> Enhancement:
    mode = GenerationMode.FROM_SPEC if spec else GenerationMode.FROM_PROMPT
    return await Enhance()(Brief(mode=mode, prompt=prompt, negative_prompt=negative), spec, seed)


def given(record: dict[str, Any]) -> GarmentSpec:
    return read_spec(record).spec


def text(enhancement: Enhancement, *origins: PartOrigin) -> str:
    parts = [part for part in enhancement.parts if not origins or part.origin in origins]
    return compose(parts, None).text


async def test_a_specification_becomes_words() -> None:
    enhancement = await enhance(spec=given(GOWN))
    assert text(enhancement).startswith("a burgundy silk satin evening gown, floor-length, ")
    assert "elegant aesthetic" in text(enhancement, PartOrigin.DESIGNER)
    assert all(part.reason for part in enhancement.parts)
    assert "burgundy silk satin evening gown" in enhancement.summary
    assert enhancement.warnings == ()


async def test_the_designers_words_come_first_and_unchanged() -> None:
    words = "  A dress like WATER;  no zips!\n"
    enhancement = await enhance(words, given(GOWN))
    assert enhancement.parts[0].text == words
    assert enhancement.parts[0].origin is PartOrigin.DESIGNER
    assert compose(enhancement.parts, None).text.startswith(words.rstrip())


async def test_the_same_seed_gives_the_same_prompt_and_another_one_another() -> None:
    first = await enhance("a red dress")
    assert first == await enhance("a red dress")
    others = {text(await enhance("a red dress", seed=seed)) for seed in range(8)}
    assert len(others) > 4


async def test_each_origin_is_told() -> None:
    photo = spec_from_text("navy denim jacket with a hood")
    enhancement = await enhance("for autumn", photo)
    assert text(enhancement, PartOrigin.DESIGNER) == "for autumn"
    assert text(enhancement, PartOrigin.ANALYSIS).startswith("a navy denim jacket, hood")
    assert 2 <= sum(p.origin is PartOrigin.ENHANCEMENT for p in enhancement.parts) <= 6


async def test_what_the_words_say_is_not_said_again() -> None:
    enhancement = await enhance("a navy denim jacket", spec_from_text("navy denim jacket"))
    assert text(enhancement, PartOrigin.ANALYSIS) == "long sleeves"


SEEN = spec_from_text("a burgundy silk satin evening gown")


async def test_where_words_and_photo_differ_the_words_win() -> None:
    enhancement = await enhance("in emerald velvet", SEEN)
    assert "burgundy" not in text(enhancement)
    assert "satin" not in text(enhancement)
    assert "evening gown" in text(enhancement)
    assert len(enhancement.warnings) == 2
    assert "your words say velvet, not silk satin" in enhancement.warnings[0]


@pytest.mark.parametrize("garment", ["coat", "jumpsuit"])
async def test_another_garment_in_words_takes_over_the_colours_alone(garment: str) -> None:
    enhancement = await enhance(f"make it a {garment}", SEEN)
    assert f"a burgundy {garment}" in text(enhancement)
    assert "gown" not in text(enhancement)
    assert "dress" not in text(enhancement)


async def test_another_garment_in_another_colour_takes_over_neither() -> None:
    assert "burgundy" not in text(await enhance("make it a navy coat", SEEN))


async def test_what_is_locked_is_followed_and_what_it_overrules_is_said() -> None:
    enhancement = await enhance("in emerald velvet", given(GOWN))
    assert "burgundy silk satin evening gown" in text(enhancement)
    assert "The fabric is locked as silk satin: velvet in your words was not followed" in (
        enhancement.warnings
    )


async def test_what_is_unsure_is_left_out_and_said_so() -> None:
    photo = GarmentSpec(
        garment_type=SpecText("dress", 0.9, SpecSource.ANALYSIS),
        fabric=SpecText("silk", 0.41, SpecSource.ANALYSIS),
        details=(SpecDetail("neckline", None, 0.0, SpecSource.NOT_VISIBLE),),
    )
    enhancement = await enhance(spec=photo)
    assert "silk" not in text(enhancement)
    assert "neckline" not in text(enhancement)
    assert "None" not in text(enhancement)
    assert "fabric (41% sure)" in enhancement.summary
    assert enhancement.warnings == ()


async def test_what_was_given_as_unsure_is_a_warning() -> None:
    record = {"garmentType": "dress", "fabric": {"value": "silk", "confidence": 0.2}}
    enhancement = await enhance(spec=given(record))
    (warning,) = enhancement.warnings
    assert "silk" in warning
    assert "20%" in warning


async def test_what_is_known_of_a_garment_that_is_not_named_is_said() -> None:
    record = {"colors": {"primary": "red"}, "fabric": "linen", "pattern": "striped"}
    enhancement = await enhance(spec=given(record))
    assert enhancement.parts[0].text == "a red striped linen garment"


async def test_words_that_a_locked_field_agrees_with_come_first_and_unchanged() -> None:
    spec = given({"garmentType": "dress", "colors": ["navy"]})
    enhancement = await enhance("a Navy dress, with pockets!", spec=spec)
    assert enhancement.parts[0].text == "a Navy dress, with pockets!"


async def test_without_anything_known_nothing_is_made_up() -> None:
    enhancement = await enhance(spec=GarmentSpec())
    assert enhancement.parts[0].text == "a fashion garment"


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        ("a red dress on a beach", "backdrop"),
        ("a red dress in neon light", "light,"),
        ("back view of a red dress", "view of the whole"),
        ("a technical flat drawing of a red dress", "photography"),
    ],
)
async def test_a_scene_in_words_is_left_alone(words: str, absent: str) -> None:
    for seed in range(12):
        added = text(await enhance(words, seed=seed), PartOrigin.ENHANCEMENT)
        assert absent not in f"{added},"


async def test_the_negative_prompt_keeps_the_designers_words_first() -> None:
    enhancement = await enhance("a coat, no belt", negative="Text, watermark, fur ")
    assert enhancement.negative
    assert enhancement.negative.startswith("Text, watermark, fur, belt, ")
    assert enhancement.negative.count("watermark") == 1


async def test_lettering_that_is_wanted_is_not_ruled_out() -> None:
    assert "text" in ((await enhance("a white tee")).negative or "")
    for words in ("a white tee with lettering", "a graphic tee", "a slogan tee"):
        assert "text" not in ((await enhance(words)).negative or "").replace("texture", "")


@pytest.mark.parametrize("words", ["", "   ", None])
async def test_empty_words_are_no_part(words: str | None) -> None:
    enhancement = await enhance(words, given(GOWN))
    assert enhancement.parts[0].text.startswith("a burgundy")
