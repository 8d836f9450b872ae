"""ROUTING: the stage's result, its warnings, and its failure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from pipeline.catalogue.model import Catalogue
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import (
    Brief,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    ImageStyle,
    Quality,
    Run,
    StoredImage,
    WorkspaceId,
)
from pipeline.errors import ProviderUnavailable
from pipeline.markets import Retired
from pipeline.stages.route import RouteModel, unmet

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def stage(*configured: str) -> RouteModel:
    return RouteModel(SHIPPED, frozenset(configured), lambda: NOW)


async def ill() -> frozenset[str]:
    return frozenset({"replicate"})


def run(wanted: Brief) -> Run:
    return Run(
        id=GenerationId(uuid4()),
        workspace=WorkspaceId(uuid4()),
        brief=wanted,
        attempt=1,
        claim=1,
        takeovers=0,
        seed=1,
    )


def brief(negative: str | None = None, **settings: Any) -> Brief:
    return Brief(
        mode=GenerationMode.FROM_PROMPT,
        prompt="a dress",
        negative_prompt=negative,
        settings=GenerationSettings(**settings),
    )


async def test_the_route_is_settled_with_a_sentence() -> None:
    routing = await stage()(run(brief()))
    assert routing.facts.route == routing.route
    assert routing.summary.startswith("sketch: it is the only model")
    assert routing.warnings == ()


async def test_what_the_sketch_can_not_do_is_said() -> None:
    routing = await stage()(
        run(brief("no buttons", style=ImageStyle.VIVID, quality=Quality.HD, seed=3))
    )
    assert len(routing.warnings) == 3
    assert "negative prompt" in routing.warnings[0]
    assert "VIVID" in routing.warnings[1]
    assert "HD" in routing.warnings[2]


async def test_what_can_be_done_needs_no_warning() -> None:
    routing = await stage("replicate")(run(brief("blur", model="sd3.5", seed=3)))
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
        await stage()(run(brief(model=model)))


async def test_an_empty_catalogue_fails_the_stage() -> None:
    empty = RouteModel(Catalogue((), {}), frozenset(), lambda: NOW)
    with pytest.raises(ProviderUnavailable):
        await empty(run(brief()))


async def test_a_drawing_that_stands_in_for_photographs_is_said() -> None:
    sick = replace(stage("replicate"), degraded=ill)
    routing = await sick(run(brief()))
    assert routing.route.model == "sketch"
    assert routing.warnings == (
        "sketch stands in for Nano Banana Pro: replicate is out of order at the moment",
    )
    (secret,) = (await stage("replicate")(run(brief(confidential=True)))).warnings
    assert "does not state that it trains on nothing" in secret
    assert (await sick(run(brief(model="sketch")))).warnings == ()


async def test_a_successor_is_said() -> None:
    lenient = replace(stage("replicate"), retired=Retired.SUCCESSOR)
    routing = await lenient(run(brief(model="imagen-4-ultra")))
    assert routing.route.model == "nano-banana-pro"
    assert routing.warnings[0] == (
        "Imagen 4 Ultra is retired: Nano Banana Pro, its successor, is used"
    )


async def test_how_closely_a_drawing_follows_a_photo_can_not_be_told() -> None:
    photo = StoredImage("w/a.jpg", "image/jpeg", 1, 1, 1)
    settings = GenerationSettings(source_influence=0.2)
    wanted = Brief(mode=GenerationMode.FROM_IMAGE, source=photo, settings=settings)
    assert ["sourceInfluence" in one for one in (await stage()(run(wanted))).warnings] == [True]


async def test_a_run_takes_no_model_beyond_what_was_set_aside_for_it() -> None:
    async def cents(_: Run) -> Decimal:
        return Decimal("0.01")

    routing = await replace(stage("replicate"), set_aside=cents)(run(brief()))
    assert routing.route.model == "flux-schnell"


async def test_the_pace_of_the_workspace_counts() -> None:
    async def paces(_: WorkspaceId) -> Mapping[str, float]:
        return {"nano-banana-pro": 21.0}

    routing = await replace(stage("replicate"), paces=paces)(run(brief()))
    reasons = {one.model: one.reason for one in routing.route.candidates}
    assert "usually 21 s an image" in reasons["nano-banana-pro"]
