"""ROUTING: the stage's result, its warnings, and its failure."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import (
    Brief,
    GenerationMode,
    GenerationSettings,
    ImageStyle,
    Quality,
    StoredImage,
)
from pipeline.errors import ProviderUnavailable
from pipeline.stages.route import RouteModel, unmet

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def stage(*configured: str) -> RouteModel:
    return RouteModel(SHIPPED, frozenset(configured), lambda: NOW)


def brief(negative: str | None = None, **settings: Any) -> Brief:
    return Brief(
        mode=GenerationMode.FROM_PROMPT,
        prompt="a dress",
        negative_prompt=negative,
        settings=GenerationSettings(**settings),
    )


async def test_the_route_is_settled_with_a_sentence() -> None:
    routing = await stage()(brief())
    assert routing.facts.route == routing.route
    assert routing.summary.startswith("sketch: it is the only model")
    assert routing.warnings == ()


async def test_what_the_sketch_can_not_do_is_said() -> None:
    routing = await stage()(brief("no buttons", style=ImageStyle.VIVID, quality=Quality.HD, seed=3))
    assert len(routing.warnings) == 3
    assert "negative prompt" in routing.warnings[0]
    assert "VIVID" in routing.warnings[1]
    assert "HD" in routing.warnings[2]


async def test_what_can_be_done_needs_no_warning() -> None:
    routing = await stage("replicate")(brief("blur", model="sd3.5", seed=3))
    assert routing.warnings == ()


def test_a_photo_that_a_model_does_not_take_is_said() -> None:
    photo = StoredImage("w/a.jpg", "image/jpeg", 1, 1, 1)
    with_photo = Brief(mode=GenerationMode.FROM_IMAGE, source=photo)
    schnell, sketch = SHIPPED.find("flux-schnell"), SHIPPED.find("sketch")
    assert schnell
    assert sketch
    assert [w for w in unmet(schnell, with_photo) if "photo" in w]
    assert not list(unmet(sketch, with_photo))


@pytest.mark.parametrize("model", ["flux-schnell", "google-imagen", "unheard-of"])
async def test_a_model_that_went_away_fails_the_stage(model: str) -> None:
    with pytest.raises(ProviderUnavailable):
        await stage()(brief(model=model))


async def test_an_empty_catalogue_fails_the_stage() -> None:
    empty = RouteModel(Catalogue((), {}), frozenset(), lambda: NOW)
    with pytest.raises(ProviderUnavailable):
        await empty(brief())
