"""Choosing a model of the catalogue, and refusing what no model can do."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import AspectRatio, Brief, GenerationMode, GenerationSettings, Quality
from pipeline.errors import BudgetExceeded, InvalidInput, ModelUnavailable
from pipeline.markets import Market
from pipeline.routing import choose
from tests.pipeline.market import BOTH, HOME, NOW, brief, candidate


def wish(settings: GenerationSettings, configured: frozenset[str]) -> None:
    brief = Brief(mode=GenerationMode.FROM_PROMPT, settings=settings)
    choose(brief, Market(catalogue=SHIPPED, now=NOW, configured=configured))


def test_without_keys_the_sketch_is_taken_and_every_loser_has_its_reason() -> None:
    route = choose(brief(), HOME)
    assert route.model == "sketch"
    assert "only model" in route.reason
    assert {one.model for one in route.candidates} == {model.key for model in SHIPPED.models}
    assert all(one.reason for one in route.candidates)
    assert [one.eligible for one in route.candidates].count(True) == 1
    assert route.candidates[0].estimated_cost == 0


def test_the_reasons_of_losers() -> None:
    assert "no key for replicate" in candidate(brief(), "flux-schnell").reason
    retired = candidate(brief(), "imagen-4-ultra", BOTH)
    assert retired.reason == "Retired on 2026-08-17; nano-banana-pro follows it"
    assert retired.score is None
    asked = candidate(brief(model="flux-schnell"), "sketch", BOTH)
    assert asked.reason == "You asked for FLUX.1 [schnell]"


def test_with_keys_the_better_models_win_and_are_ranked() -> None:
    route = choose(brief(), BOTH)
    assert route.model != "sketch"
    scores = [one.score for one in route.candidates if one.eligible and one.score is not None]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 5
    assert route.model == route.candidates[0].model
    assert "scored best of" in route.reason


def test_hd_weighs_quality_more() -> None:
    cheap, dear = "flux-schnell", "nano-banana-pro"

    def lead(quality: Quality) -> float:
        scores = [candidate(brief(quality=quality), key, BOTH).score for key in (dear, cheap)]
        assert scores[0]
        assert scores[1]
        return scores[0] - scores[1]

    assert lead(Quality.HD) > lead(Quality.STANDARD)


def test_cost_is_for_the_whole_request_and_null_where_unknown() -> None:
    assert candidate(brief(count=3), "flux-1.1-pro", BOTH).estimated_cost == Decimal("0.12")
    assert candidate(brief(count=3), "seedream-4", BOTH).estimated_cost is None


def test_a_wish_is_followed() -> None:
    route = choose(brief(model="sd3.5"), BOTH)
    assert route.model == "stable-diffusion-3.5-large"
    assert route.reason == "You asked for Stable Diffusion 3.5 Large"


def test_a_provider_is_followed() -> None:
    route = choose(brief(provider="openai"), BOTH)
    assert route.model.startswith("gpt-image")


def test_a_limit_leaves_out_what_is_dearer_or_unknown() -> None:
    limited = brief(max_cost=Decimal("0.01"))
    assert choose(limited, BOTH).model in ("gpt-image-1-mini", "flux-schnell", "sketch")
    assert "over the limit" in candidate(limited, "flux-1.1-pro", BOTH).reason
    assert "not known" in candidate(limited, "seedream-4", BOTH).reason
    assert choose(brief(max_cost=Decimal(0)), BOTH).model == "sketch"


def test_what_is_confidential_goes_only_where_nothing_is_trained_on_it() -> None:
    secret = brief(confidential=True)
    assert choose(secret, BOTH).model == "gpt-image-2.6-sunburst"
    assert not candidate(secret, "flux-schnell", BOTH).eligible


def test_a_ratio_that_has_to_be_cut_counts_a_little_against_a_model() -> None:
    tall = brief(aspect_ratio=AspectRatio.PORTRAIT_9_21)
    cut, square = (
        candidate(tall, "nano-banana-pro", BOTH),
        candidate(brief(), "nano-banana-pro", BOTH),
    )
    assert cut.eligible
    assert "its image is cut to the ratio" in cut.reason
    assert cut.score
    assert square.score
    assert 0 < square.score - cut.score < 0.1


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"model": "imagen-9"}, "settings.model"),
        ({"model": ""}, "settings.model"),
        ({"provider": "acme"}, "settings.provider"),
        ({"model": "sketch", "provider": "openai"}, "settings.provider"),
        ({"model": "nano-banana-pro", "confidential": True}, "settings.confidential"),
    ],
)
def test_impossible_wishes_name_their_field(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        wish(GenerationSettings(**settings), BOTH.configured)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("settings", "successor"),
    [
        ({"model": "google-imagen"}, "nano-banana-pro"),
        ({"model": "flux-schnell"}, None),
        ({"provider": "openai"}, None),
    ],
)
def test_what_can_not_be_used_is_refused(settings: dict[str, Any], successor: str | None) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        wish(GenerationSettings(**settings), frozenset())
    assert caught.value.successor == successor


@pytest.mark.parametrize(
    ("model", "needed"), [("flux-1.1-pro", Decimal("0.08")), ("seedream-4", None)]
)
def test_what_costs_too_much_or_who_knows_what_is_refused(
    model: str, needed: Decimal | None
) -> None:
    settings = GenerationSettings(model=model, count=2, max_cost=Decimal("0.05"))
    with pytest.raises(BudgetExceeded) as caught:
        wish(settings, BOTH.configured)
    assert caught.value.needed == needed
    assert caught.value.available == Decimal("0.05")


def test_a_limit_can_not_be_held_to_without_a_price() -> None:
    with pytest.raises(BudgetExceeded) as caught:
        wish(GenerationSettings(model="seedream-4", max_cost=Decimal("0.05")), BOTH.configured)
    reason = "has no known price, and the limit is $0.05: ask for another model."
    assert caught.value.message == f"Seedream 4 {reason}"


@pytest.mark.parametrize(
    ("given", "meant"), [("imagen-4-ultr", "imagen-4-ultra"), ("imagen 9 perfect", None)]
)
def test_a_misspelt_model_is_told_with_the_one_that_was_meant(
    given: str, meant: str | None
) -> None:
    with pytest.raises(InvalidInput) as caught:
        wish(GenerationSettings(model=given), BOTH.configured)
    assert (f'did you mean "{meant}"?' in caught.value.message) is (meant is not None)
    assert ("did you mean" in caught.value.message) is (meant is not None)


@pytest.mark.parametrize("model", [None, "sketch"])
def test_what_can_be_done_passes(model: str | None) -> None:
    wish(GenerationSettings(model=model), frozenset())


def test_a_prompt_that_is_too_long_for_a_model() -> None:
    long = replace(brief(model="flux-schnell"), prompt="x" * 3000)
    with pytest.raises(InvalidInput) as caught:
        choose(long, BOTH)
    assert caught.value.field == "prompt"
    assert choose(replace(long, settings=GenerationSettings()), BOTH).model.startswith("gpt-image")
