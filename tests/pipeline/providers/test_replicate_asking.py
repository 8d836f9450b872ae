"""Requests in each model's own fields."""

import pytest

from pipeline.catalogue.inputs import (
    Inputs,
    Value,
    choice,
    flag,
    number,
    photo,
    photos,
    text,
    whole,
)
from pipeline.catalogue.model import CatalogueModel
from pipeline.catalogue.replicate import MODELS
from pipeline.domain import AspectRatio, FinalPrompt, Quality
from pipeline.errors import StageFailed
from pipeline.imaging import ImageRequest, Reference
from pipeline.providers.replicate.asking import asking, illustrated, links_in

LINKS = [f"https://api.replicate.com/v1/files/{number}" for number in range(20)]


def request(quality: Quality, ratio: AspectRatio, length: int = 10) -> ImageRequest:
    return ImageRequest(
        prompt=FinalPrompt(text="a" * length, negative="blur"),
        aspect_ratio=ratio,
        quality=quality,
        style=None,
        seed=2**31 - 1,
        slot=0,
        references=(Reference(b"", "image/jpeg"),) * 20,
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
@pytest.mark.parametrize("quality", Quality)
def test_every_request_fits_what_the_model_declares(
    model: CatalogueModel, quality: Quality
) -> None:
    for ratio in AspectRatio:
        asked = asking(model, request(quality, ratio, length=20_000))
        given = illustrated(model, asked.words, LINKS[: asked.photos])
        assert len(links_in(model, given)) == asked.photos == model.max_reference_images
        assert (asked.ratio is ratio) is (ratio in model.aspect_ratios)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
def test_the_fields_agree_with_what_is_said_of_the_model(model: CatalogueModel) -> None:
    inputs = model.inputs
    assert inputs
    assert frozenset(inputs.ratios) == model.aspect_ratios
    assert bool(inputs.negative) is model.supports_negative_prompt
    assert bool(inputs.seed) is model.supports_seed
    assert bool(inputs.photos) is bool(model.max_reference_images)
    assert bool(inputs.influence) is model.follows_influence
    assert len(inputs.declared) == len({one.name for one in inputs.declared})
    assert model.terms
    assert model.terms.policy.source.startswith("https://")


FIELDS = Inputs(
    declared=(
        text("prompt", required=True, most=5),
        choice("size", "1K", "2K"),
        whole("seed", 0, 9),
        number("strength", 0, 1),
        flag("raw"),
        photo("image"),
        photos("images", 2),
    ),
    ratios={},
)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"prompt": "a", "steps": 3},
        {"prompt": "too long"},
        {"prompt": 5},
        {"prompt": "a", "size": "4K"},
        {"prompt": "a", "seed": 10},
        {"prompt": "a", "seed": True},
        {"prompt": "a", "seed": 1.5},
        {"prompt": "a", "strength": 1.01},
        {"prompt": "a", "strength": "half"},
        {"prompt": "a", "raw": 1},
        {"prompt": "a", "image": ["b"]},
        {"prompt": "a", "images": "b"},
        {"prompt": "a", "images": ["b", "c", "d"]},
    ],
)
def test_what_a_model_would_refuse_is_found(given: dict[str, object]) -> None:
    assert len(FIELDS.problems(given)) == 1  # type: ignore[arg-type]


def test_what_a_model_takes_is_no_problem() -> None:
    words: dict[str, Value] = {"prompt": "a", "size": "2K", "seed": 9, "strength": 1, "raw": False}
    assert FIELDS.problems({**words, "image": "b", "images": ["b", "c"]}) == ()


def test_a_wrong_input_is_our_own_error() -> None:
    with pytest.raises(StageFailed, match="prompt is missing") as caught:
        illustrated(MODELS[0], {}, ())
    assert not caught.value.elsewhere
