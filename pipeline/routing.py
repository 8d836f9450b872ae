"""Choosing an image model for a brief, with the reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pipeline.catalogue.model import (
    EMBEDDED,
    Catalogue,
    CatalogueModel,
    ModelAvailability,
    availability,
)
from pipeline.domain import (
    Brief,
    GenerationSettings,
    Quality,
    Route,
    RouteCandidate,
)
from pipeline.errors import BudgetExceeded, InvalidInput, ModelUnavailable

# What quality counts against price, and what a wish that is met adds.
_QUALITY = {Quality.STANDARD: 0.7, Quality.HD: 0.85}
_WISH = 0.05
_UNKNOWN = 0.5
_USUAL_PRICE = 0.04


@dataclass(frozen=True, slots=True)
class Choice:
    """A model that may make an image, and what one image of it should cost in US dollars."""

    model: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The models, which providers have a key or trouble, and when it is."""

    catalogue: Catalogue
    now: datetime
    configured: frozenset[str] = frozenset()
    degraded: frozenset[str] = frozenset()

    def standing(self, model: CatalogueModel) -> ModelAvailability:
        """Say whether the model can be used now."""
        return availability(model, self.configured, self.now, self.degraded)


def choose(brief: Brief, market: Market) -> Route:
    """Return the best model for the brief, with every model's reason, best first.

    Raises `InvalidInput` for unknown names and for what the wished-for model can't do,
    `ModelUnavailable` where it can't be used, `BudgetExceeded` where it would cost too much.
    """
    settings = brief.settings
    wished = _wished(settings, market)
    looked = [_candidate(model, brief, market, wished) for model in market.catalogue.models]
    ranked = sorted(looked, key=lambda one: (not one.eligible, -(one.score or 0.0)))
    if not ranked or not ranked[0].eligible:
        raise _refusal(brief, market, wished)
    best = ranked[0]
    others = sum(one.eligible for one in ranked) - 1
    if wished:
        reason = f"You asked for {wished.display_name}"
    elif others:
        reason = f"It scored best of {others + 1}: {best.reason[0].lower()}{best.reason[1:]}"
    else:
        reason = "It is the only model that can be used here for this request"
    return Route(best.model, reason, tuple(ranked))


def choices(route: Route, count: int) -> tuple[Choice, ...]:
    """Return the routed model, then what else was eligible, best first."""
    usable = [one for one in route.candidates if one.eligible]
    usable.sort(key=lambda one: (one.model != route.model, -(one.score or 0)))
    return tuple(Choice(one.model, (one.estimated_cost or Decimal(0)) / count) for one in usable)


def estimated_cost(model: CatalogueModel, settings: GenerationSettings) -> Decimal | None:
    """Return US dollars for the whole request, None where the price is not known."""
    price = model.price(settings.quality, settings.aspect_ratio)
    return None if price is None else price * settings.count


def _wished(settings: GenerationSettings, market: Market) -> CatalogueModel | None:
    providers = market.catalogue.providers
    if settings.provider is not None and settings.provider not in providers:
        message = f'There is no provider "{settings.provider}"; there are {", ".join(providers)}'
        raise InvalidInput(message, field="settings.provider")
    if settings.model is None:
        return None
    model = market.catalogue.find(settings.model)
    if model is None:
        message = f'There is no model "{settings.model}" in the catalogue'
        raise InvalidInput(message, field="settings.model")
    if settings.provider not in (None, model.provider):
        message = f"{model.display_name} is not offered by {settings.provider}"
        raise InvalidInput(message, field="settings.provider")
    return model


def _candidate(
    model: CatalogueModel, brief: Brief, market: Market, wished: CatalogueModel | None
) -> RouteCandidate:
    cost = estimated_cost(model, brief.settings)
    obstacle = next(_obstacles(model, brief, market, wished), None)
    priced = "price not known" if cost is None else f"${cost.normalize():f} for the request"
    rated = "not rated" if model.quality_rating is None else f"rated {model.quality_rating:.2f}"
    return RouteCandidate(
        model=model.key,
        eligible=obstacle is None,
        reason=obstacle or f"{rated.capitalize()}, {priced}",
        score=_score(model, brief) if obstacle is None else None,
        estimated_cost=cost,
    )


def _obstacles(
    model: CatalogueModel, brief: Brief, market: Market, wished: CatalogueModel | None
) -> Iterator[str]:
    """Yield why the model can't be taken, the most telling reason first."""
    settings = brief.settings
    yield from _unusable(model, market)
    if wished and wished != model:
        yield f"You asked for {wished.display_name}"
    if settings.provider not in (None, model.provider):
        yield f"You asked for the provider {settings.provider}"
    yield from _unfit(model, brief)
    if settings.max_cost is not None:
        cost = estimated_cost(model, settings)
        if cost is None:
            yield "Its price is not known, and there is a limit to the cost"
        elif cost > settings.max_cost:
            yield f"It would cost ${cost.normalize():f}, over the limit of ${settings.max_cost}"


def _unusable(model: CatalogueModel, market: Market) -> Iterator[str]:
    standing = market.standing(model)
    if standing is ModelAvailability.RETIRED and model.retires_on:
        follows = f"; {model.successor} follows it" if model.successor else ""
        yield f"Retired on {model.retires_on:%Y-%m-%d}{follows}"
    if standing is ModelAvailability.UNCONFIGURED:
        yield f"This server has no key for {model.provider}"
    if standing is ModelAvailability.DEGRADED:
        yield f"{model.provider} is out of order at the moment"


def _unfit(model: CatalogueModel, brief: Brief) -> Iterator[str]:
    settings = brief.settings
    if settings.aspect_ratio not in model.aspect_ratios:
        width, height = settings.aspect_ratio.terms
        yield f"It makes no {width}:{height} images"
    if settings.confidential and model.provider != EMBEDDED:
        yield "What happens to a confidential design there is not established"
    if brief.prompt and len(brief.prompt) > model.max_prompt_length:
        yield f"It takes {model.max_prompt_length} characters of prompt at most"


def _score(model: CatalogueModel, brief: Brief) -> float:
    """Weigh quality against price; each met wish (seed, negative prompt, style) adds a little."""
    settings = brief.settings
    quality = _UNKNOWN if model.quality_rating is None else model.quality_rating
    price = model.price(settings.quality, settings.aspect_ratio)
    cheapness = _UNKNOWN if price is None else _USUAL_PRICE / (_USUAL_PRICE + float(price))
    weight = _QUALITY[settings.quality]
    met = (
        settings.seed is not None and model.supports_seed,
        bool(brief.negative_prompt) and model.supports_negative_prompt,
        settings.style is not None and model.supports_style,
    )
    score = weight * quality + (1 - weight) * cheapness + _WISH * sum(met)
    return round(min(score, 1.0), 4)


def _refusal(
    brief: Brief, market: Market, wished: CatalogueModel | None
) -> InvalidInput | ModelUnavailable | BudgetExceeded:
    """Return the error that says why no model is left."""
    settings = brief.settings
    if wished and (why := next(_unusable(wished, market), None)):
        message = f"{wished.display_name} can't be used: {why[0].lower()}{why[1:]}"
        return ModelUnavailable(message, successor=wished.successor)
    if wished and (why := next(_unfit(wished, brief), None)):
        message = f"{wished.display_name} can't do this: {why[0].lower()}{why[1:]}"
        return InvalidInput(message, field=_unfit_field(wished, settings))
    costs = [estimated_cost(m, settings) for m in _able(brief, market, wished)]
    if costs and settings.max_cost is not None:
        needed = min((cost for cost in costs if cost is not None), default=None)
        least = "costs an unknown amount" if needed is None else f"costs ${needed.normalize():f}"
        message = f"What can do this {least} at least; the limit is ${settings.max_cost}"
        return BudgetExceeded(message, needed=needed, available=settings.max_cost)
    return ModelUnavailable("No model that can be used here can do this")


def _unfit_field(model: CatalogueModel, settings: GenerationSettings) -> str:
    if settings.aspect_ratio not in model.aspect_ratios:
        return "settings.aspectRatio"
    return "settings.confidential" if settings.confidential else "prompt"


def _able(brief: Brief, market: Market, wished: CatalogueModel | None) -> Iterator[CatalogueModel]:
    for model in market.catalogue.models:
        if wished not in (None, model) or brief.settings.provider not in (None, model.provider):
            continue
        if not any(_unusable(model, market)) and not any(_unfit(model, brief)):
            yield model
