"""What a request becomes for a model that can't do all of it."""

from dataclasses import replace

import pytest

from pipeline.catalogue.model import CatalogueModel
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import (
    AspectRatio,
    Brief,
    FinalPrompt,
    GenerationMode,
    GenerationSettings,
    StoredImage,
)
from pipeline.imaging import Reference, ReferenceRole
from pipeline.mapping import Wishes, fitting, unmet, worded
from pipeline.ratios import nearest


def model(key: str) -> CatalogueModel:
    found = SHIPPED.find(key)
    assert found
    return found


@pytest.mark.parametrize(
    ("key", "taken"),
    [
        ("nano-banana-pro", ["a", "b", "c"]),
        ("gpt-image-2", ["a", "b", "c"]),
        ("flux-1.1-pro", ["b"]),
        ("recraft-v3", []),
    ],
)
def test_a_photo_goes_only_where_its_role_is_understood(key: str, taken: list[str]) -> None:
    photos = (
        Reference(b"a", "image/png", ReferenceRole.STYLE),
        Reference(b"b", "image/png"),
        Reference(b"c", "image/png"),
    )
    assert [one.content.decode() for one in fitting(model(key), photos)] == taken


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        (AspectRatio.LANDSCAPE_21_9, AspectRatio.LANDSCAPE_16_9),
        (AspectRatio.PORTRAIT_9_21, AspectRatio.PORTRAIT_9_16),
        (AspectRatio.PORTRAIT_2_3, AspectRatio.PORTRAIT_3_4),
        (AspectRatio.SQUARE, AspectRatio.SQUARE),
    ],
)
def test_the_nearest_ratio_is_the_one_that_loses_least(
    wanted: AspectRatio, made: AspectRatio
) -> None:
    assert nearest(wanted, model("imagen-4-ultra").aspect_ratios) is made


def test_a_negative_prompt_without_a_field_stands_in_the_text() -> None:
    prompt = FinalPrompt(text="a red dress", negative="buttons, blur.")
    assert worded(model("imagen-4-ultra"), prompt).text == "a red dress\n\nAvoid: buttons, blur."
    assert worded(model("sd3.5"), prompt).text == "a red dress"


def test_a_long_prompt_loses_its_last_clauses_and_that_is_said() -> None:
    short = replace(model("imagen-4-ultra"), max_prompt_length=40)
    wording = worded(
        short, FinalPrompt(text="a red dress, silk, with a very long train", negative="x")
    )
    assert wording.text == "a red dress, silk\n\nAvoid: x."
    assert "24 are left out" in wording.warnings[0]


def test_words_are_not_cut_in_two() -> None:
    short = replace(model("imagen-4-ultra"), max_prompt_length=10)
    assert worded(short, FinalPrompt(text="crimson taffeta")).text == "crimson"
    assert worded(short, FinalPrompt(text="x" * 20)).text == "x" * 10


def test_a_negative_prompt_that_takes_too_much_room_is_left_out() -> None:
    short = replace(model("imagen-4-ultra"), max_prompt_length=30)
    wording = worded(short, FinalPrompt(text="a dress", negative="y" * 30))
    assert wording.text == "a dress"
    assert "left out" in wording.warnings[0]


@pytest.mark.parametrize("ratio", AspectRatio)
def test_a_ratio_that_is_not_made_is_said(ratio: AspectRatio) -> None:
    settings = GenerationSettings(aspect_ratio=ratio)
    brief = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a dress", settings=settings)
    for one in SHIPPED.models:
        said = list(unmet(one, Wishes.of_brief(brief)))
        assert bool(said) is (ratio not in one.aspect_ratios)


def test_a_photo_that_is_followed_in_another_way_is_said() -> None:
    source = StoredImage("w/a.jpg", "image/jpeg", 1, 1, 1)
    settings = GenerationSettings(source_influence=0.3)
    brief = Brief(mode=GenerationMode.FROM_IMAGE, source=source, settings=settings)

    def said(key: str) -> str:
        return " ".join(unmet(model(key), Wishes.of_brief(brief)))

    assert "words only" in said("recraft-v3")
    assert "how closely" in said("nano-banana-pro")
    assert not said("flux-1.1-pro-ultra")
    assert not said("sketch")
