"""Composing the prompt."""

import pytest

from pipeline.domain import Brief, FinalPrompt, GenerationMode, PartOrigin, PromptPart, Reward
from pipeline.fashion.reading import spec_from_text
from pipeline.prompting import as_written, compose, described, pictured
from pipeline.spec import GarmentSpec, SpecSource, SpecText


def part(text: str, origin: PartOrigin = PartOrigin.ENHANCEMENT) -> PromptPart:
    return PromptPart(text, origin)


def test_a_single_part_stays_as_it_is() -> None:
    text = "  Red dress!!  no commas,please \n"
    assert compose([part(text)], None).text == text


def test_parts_are_joined_in_order_and_kept() -> None:
    parts = [part("a red dress", PartOrigin.DESIGNER), part("soft light"), part("full length")]
    reward = Reward(0.6, 0.4, 0.8, 7)
    assert compose(parts, "blur", reward) == FinalPrompt(
        text="a red dress, soft light, full length",
        negative="blur",
        reward=reward,
        parts=tuple(parts),
    )


def test_a_sentence_is_not_followed_by_a_comma() -> None:
    assert compose([part("A red dress. "), part("soft light")], None).text == (
        "A red dress. soft light"
    )


def test_a_text_is_said_once_at_its_first_place() -> None:
    prompt = compose([part("a"), part("B"), part(" "), part("A"), part("b")], None)
    assert prompt.text == "a, B"
    assert len(prompt.parts) == 2


def test_nothing_makes_an_empty_prompt() -> None:
    assert compose([], None) == FinalPrompt(text="")


def test_text_is_sent_as_written() -> None:
    brief = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a RED dress  ")
    assert compose(as_written(brief, GarmentSpec()), None).text == "a RED dress  "


def test_without_text_the_garment_is_put_into_words() -> None:
    spec = spec_from_text("navy denim jacket with gold buttons and a peter pan collar")
    parts = as_written(Brief(mode=GenerationMode.FROM_IMAGE), spec)
    assert compose(parts, None).text == (
        "a navy denim jacket with gold buttons, peter pan collar, long sleeves"
    )
    assert {part.origin for part in parts} == {PartOrigin.ANALYSIS}


def test_without_anything_there_is_no_part() -> None:
    assert as_written(Brief(mode=GenerationMode.FROM_PROMPT), None) == ()
    assert as_written(Brief(mode=GenerationMode.FROM_IMAGE), GarmentSpec()) == ()


def test_what_the_designer_set_is_the_designers() -> None:
    spec = GarmentSpec(garment_type=SpecText("dress", 1, SpecSource.DESIGNER, locked=True))
    assert [p.origin for p in described(spec)] == [PartOrigin.DESIGNER]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("light blue jeans", "a pair of light blue denim jeans"),
        ("leopard print skirt", "a leopard print skirt"),
        ("plain white tee", "a plain white t-shirt, short sleeves"),
        ("orange windbreaker", "an orange windbreaker, long sleeves"),
        ("striped tee with long sleeves", "a striped long-sleeve t-shirt"),
        ("crew neck sweater", "a sweater, crew neckline, long sleeves"),
    ],
)
def test_garments_in_words(text: str, words: str) -> None:
    assert compose(described(spec_from_text(text)), None).text == words


def test_what_is_pictured_is_the_spec_where_the_words_win() -> None:
    spec = spec_from_text("navy cotton t-shirt with a crew neck")
    parts = [
        part("in emerald, with a v-neck", PartOrigin.DESIGNER),
        part("a cotton t-shirt", PartOrigin.ANALYSIS),
        part("plain white velvet backdrop, red carpet gown"),
    ]
    picture = pictured(compose(parts, None), spec)
    assert picture.garment_type.value == "t-shirt"
    assert [colour.name for colour in picture.colors] == ["emerald"]
    assert picture.fabric.value == "cotton"
    assert picture.detail("neckline") == "v-neck"


def test_without_a_spec_the_designers_words_alone_are_pictured() -> None:
    prompt = compose([part("a red coat", PartOrigin.DESIGNER), part("blue velvet dress")], None)
    assert pictured(prompt, None) == spec_from_text("a red coat")
