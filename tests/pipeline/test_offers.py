"""Weighing models against each other: price, pace, terms, trouble, retirement, budget."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipeline.catalogue.model import Catalogue, CatalogueModel, DataPolicy, Ending, Price, Terms
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import (
    AspectRatio,
    Brief,
    GenerationMode,
    GenerationSettings,
    ImageStyle,
    Quality,
)
from pipeline.errors import BudgetExceeded, ModelUnavailable
from pipeline.markets import Market, Retired
from pipeline.routing import choices, choose, choose_within_budget
from tests.pipeline.market import BOTH, HOME, NOW, brief, candidate

PHOTO = Brief(mode=GenerationMode.FROM_IMAGE)


def discreet(retention: timedelta | None, *, trains: bool | None) -> Terms:
    return Terms(
        policy=DataPolicy(
            retention=retention,
            trains=trains,
            region=None,
            deletable=True,
            source="a contract",
            checked=date(2026, 11, 1),
        ),
        requests_per_minute=60,
        bills=frozenset({Ending.REFUSED}),
        bills_source="a contract",
        refusals="They are free",
    )


def offer(key: str, **facts: Any) -> CatalogueModel:
    """Return a model of a provider of its own."""
    given: dict[str, Any] = {
        "provider": key,
        "slug": key,
        "display_name": key.capitalize(),
        "aspect_ratios": frozenset(AspectRatio),
        "quality_rating": 0.8,
        "prices": (Price(Decimal("0.04")),),
        **facts,
    }
    return CatalogueModel(key=key, **given)


def fair(*offers: CatalogueModel, **facts: Any) -> Market:
    """Return a market of these models and the sketch, all with keys."""
    sketch = SHIPPED.find("sketch")
    assert sketch
    return Market(
        catalogue=Catalogue((sketch, *offers), {}),
        now=NOW,
        configured=frozenset(one.provider for one in offers),
        **facts,
    )


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("style", [None, *ImageStyle])
@pytest.mark.parametrize("mode", GenerationMode)
def test_a_drawing_stands_in_only_after_every_photograph(
    quality: Quality, style: ImageStyle | None, mode: GenerationMode
) -> None:
    hard = Brief(
        mode=mode,
        negative_prompt="blur",
        settings=GenerationSettings(
            quality=quality, style=style, seed=1, aspect_ratio=AspectRatio.PORTRAIT_9_21
        ),
    )
    route = choose(hard, BOTH)
    usable = [one.model for one in route.candidates if one.eligible]
    assert len(usable) > 5
    assert usable[-1] == "sketch"
    assert [one.model for one in choices(route, 1)] == usable


def test_with_a_photo_models_that_take_it_are_preferred_and_others_marked() -> None:
    seeing, reading = offer("seeing", max_reference_images=1), offer("reading", quality_rating=0.9)
    market = fair(seeing, reading)
    assert choose(brief(), market).model == "reading"
    route = choose(PHOTO, market)
    assert route.model == "seeing"
    assert "takes the photo" in route.reason
    assert "words only" in candidate(PHOTO, "reading", market).reason


def test_photos_and_words_are_in_the_price_where_they_cost() -> None:
    market = fair(
        offer(
            "metered",
            max_reference_images=2,
            photo_usd=Decimal("0.01"),
            character_usd=Decimal("0.00001"),
        ),
        offer("unclear", max_reference_images=1, photo_usd=None),
    )
    plain = replace(PHOTO, settings=GenerationSettings(enhance=False, count=2))
    words = replace(plain, prompt="x" * 100)
    cost, longer = (candidate(one, "metered", market).estimated_cost for one in (plain, words))
    assert cost
    assert longer
    assert cost > Decimal("0.10")
    assert longer - cost == Decimal("0.002")
    assert candidate(plain, "unclear", market).estimated_cost is None
    assert candidate(brief(), "unclear", market).estimated_cost == Decimal("0.04")


def test_what_is_shown_of_an_image_is_in_the_price_unless_the_cost_is_limited() -> None:
    models = offer("shows", partial_usd=Decimal("0.003")), offer("hides")
    market = fair(*models, partials=2)
    costs = [candidate(brief(count=2), one.key, market).estimated_cost for one in models]
    assert costs == [Decimal("0.092"), Decimal("0.08")]
    limited = candidate(brief(count=2, max_cost=Decimal("0.08")), "shows", market)
    assert (limited.estimated_cost, limited.eligible) == (Decimal("0.08"), True)


def test_a_provider_that_is_out_of_order_is_left_alone() -> None:
    market = fair(offer("well"), offer("ill", quality_rating=0.95), degraded=frozenset({"ill"}))
    assert choose(brief(), market).model == "well"
    assert candidate(brief(), "ill", market).reason == "ill is out of order at the moment"


@pytest.mark.parametrize("wish", [{"model": "ill"}, {"provider": "ill"}])
def test_what_is_out_of_order_is_waited_for_where_nobody_else_may_stand_in(
    wish: dict[str, str],
) -> None:
    market = fair(offer("well"), offer("ill"), degraded=frozenset({"ill"}))
    route = choose(brief(**wish), market)
    assert route.model == "ill"
    assert route.reason.endswith("ill is out of order at the moment and waited for")
    well = replace(market, degraded=frozenset())
    assert "out of order" not in choose(brief(**wish), well).reason


def test_of_equals_the_usually_faster_wins() -> None:
    market = fair(offer("slow"), offer("fast"), paces={"slow": 40.0, "fast": 4.0})
    route = choose(brief(), market)
    assert route.model == "fast"
    assert "usually 4 s an image" in route.reason


def test_a_model_of_unknown_price_runs_only_where_it_is_asked_for() -> None:
    market = fair(offer("unknown", prices=()), offer("known", prices=(Price(Decimal("0.15")),)))
    assert choose(brief(), market).model == "known"
    assert "asked for by name" in candidate(brief(), "unknown", market).reason
    assert choose(brief(model="unknown"), market).model == "unknown"


def test_confidential_work_goes_where_nothing_is_learnt_from_it_or_kept_for_ever() -> None:
    hour = timedelta(hours=1)
    market = fair(
        offer("discreet", terms=discreet(hour, trains=False)),
        offer("keeping", terms=discreet(None, trains=False)),
        offer("silent", terms=discreet(hour, trains=None)),
        offer("learning", terms=discreet(hour, trains=True)),
        offer("obscure"),
    )
    secret = brief(confidential=True)
    route = choose(secret, market)
    assert [one.model for one in route.candidates if one.eligible] == ["discreet", "sketch"]
    reasons = {one.model: one.reason for one in route.candidates}
    assert "keeps what it is sent" in reasons["keeping"]
    assert "does not state that it trains on nothing" in reasons["silent"]
    assert "trains on what it is sent" in reasons["learning"]
    assert "not established" in reasons["obscure"]
    with pytest.raises(ModelUnavailable, match="trains on what it is sent"):
        choose(brief(confidential=True, provider="learning"), market)


def test_a_retired_model_is_followed_where_the_operator_allows() -> None:
    market = replace(BOTH, retired=Retired.SUCCESSOR)
    route = choose(brief(model="google-imagen"), market)
    assert route.model == "nano-banana-pro"
    assert route.reason == "You asked for Imagen 4 Ultra, which retired: Nano Banana Pro follows"
    assert [one.model for one in choices(route, 1)] == ["nano-banana-pro"]


def test_a_chain_of_retired_models_is_followed_to_its_end_and_no_further() -> None:
    gone: dict[str, Any] = {"retires_on": NOW - timedelta(days=1)}
    chain = (
        offer("first", successor="second", **gone),
        offer("second", successor="third", **gone),
        offer("third", successor="fourth"),
        offer("fourth"),
        offer("round", successor="about", **gone),
        offer("about", successor="round", **gone),
    )
    market = fair(*chain, retired=Retired.SUCCESSOR)
    assert choose(brief(model="first"), market).model == "third"
    with pytest.raises(ModelUnavailable):
        choose(brief(model="round"), market)


def test_a_retired_model_is_asked_all_the_same_only_where_that_is_wanted_by_both() -> None:
    market = replace(BOTH, retired=Retired.USE)
    assert choose(brief(model="imagen-4-ultra"), market).model == "imagen-4-ultra"
    assert not candidate(brief(), "imagen-4-ultra", market).eligible
    with pytest.raises(ModelUnavailable):
        choose(brief(model="imagen-4-ultra"), replace(HOME, retired=Retired.USE))


def test_a_budget_refuses_rather_than_taking_a_worse_model() -> None:
    market = fair(
        offer("good", quality_rating=0.95),
        offer("cheap", quality_rating=0.3, prices=(Price(Decimal("0.003")),)),
    )
    poor = replace(market, left=Decimal("0.07"))
    assert choose_within_budget(brief(), market).model == "good"
    with pytest.raises(BudgetExceeded) as caught:
        choose_within_budget(brief(count=2), poor)
    with pytest.raises(BudgetExceeded, match=r"today\. Work under way has \$1\.50 set aside\.$"):
        choose_within_budget(brief(count=2), replace(poor, set_aside=Decimal("1.5")))
    assert (caught.value.needed, caught.value.available) == (Decimal("0.08"), Decimal("0.07"))
    assert choose_within_budget(brief(count=2, model="cheap"), poor).model == "cheap"


def test_a_budget_leaves_out_what_could_break_it() -> None:
    market = fair(
        offer("good", quality_rating=0.95),
        offer("dear", prices=(Price(Decimal(1)),)),
        offer("unknown", quality_rating=0.99, prices=()),
        left=Decimal("0.10"),
    )
    route = choose_within_budget(brief(), market)
    assert [one.model for one in route.candidates if one.eligible] == ["good", "sketch"]
    assert "the budget has $0.10 left" in candidate(brief(), "dear", market).reason
    with pytest.raises(BudgetExceeded) as caught:
        choose_within_budget(brief(model="unknown"), market)
    assert caught.value.needed is None
