"""Choosing an image model for a brief, with the reasons."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.catalogue.model import CatalogueModel, ModelAvailability
from pipeline.domain import Brief, GenerationSettings, Route, RouteCandidate
from pipeline.errors import BudgetExceeded, InvalidInput, ModelUnavailable
from pipeline.markets import (
    Market,
    Retired,
    dollars,
    estimated_cost,
    others_have,
    unaffordable,
    unfit,
    unusable,
)
from pipeline.scoring import score, strengths
from pipeline.suggesting import meant

# Models that a refusal names; a server with all keys has dozens.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """A model that may make an image, and what one image of it should cost in US dollars.

    The price is None where it is not known.
    """

    model: str
    price: Decimal | None


def choose(brief: Brief, market: Market) -> Route:
    """Return the best model for the brief, with every model's reason, best first.

    Raises `InvalidInput` for unknown names and for what the wished-for model can't do,
    `ModelUnavailable` where it can't be used, `BudgetExceeded` where it would cost too much.
    """
    asked = _asked(brief.settings, market)
    wished = stand_in(asked, market) if asked else None
    ill = market.degraded
    if insisted(brief.settings):
        # There is nobody else to ask: what is out of order is waited for.
        market = replace(market, degraded=frozenset())
    looked = [_candidate(model, brief, market, wished) for model in market.catalogue.models]
    ranked = sorted(looked, key=lambda one: (not one.eligible, -(one.score or 0.0)))
    if not ranked or not ranked[0].eligible:
        raise _refusal(brief, market, wished)
    reason = _reason(ranked, asked, wished)
    chosen = market.catalogue.find(ranked[0].model)
    if chosen and chosen.provider in ill:
        reason += f"; {chosen.provider} is out of order at the moment and waited for"
    return Route(ranked[0].model, reason, tuple(ranked))


def insisted(settings: GenerationSettings) -> bool:
    """Whether no other provider may stand in for the one that was asked for."""
    return settings.model is not None or settings.provider is not None


def choose_within_budget(brief: Brief, market: Market) -> Route:
    """Choose as `choose` does, but refuse rather than take a worse model for want of money.

    Raises `BudgetExceeded` where what is left does not do for the best model of known price.
    """
    if market.left is not None:
        free = choose(brief, replace(market, left=None))
        costs = (one.estimated_cost for one in free.candidates if one.eligible)
        needed = next((cost for cost in costs if cost is not None), Decimal(0))
        if needed > market.left:
            left = dollars(market.left)
            message = f"It would cost {dollars(needed)}, and {left} of the budget are left today."
            message += others_have(market.set_aside)
            raise BudgetExceeded(message, needed=needed, available=market.left)
    return choose(brief, market)


def choices(route: Route, count: int) -> tuple[Choice, ...]:
    """Return the routed model, then what else was eligible, best first."""
    usable = [one for one in route.candidates if one.eligible]
    usable.sort(key=lambda one: (one.model != route.model, -(one.score or 0)))
    return tuple(
        Choice(one.model, None if one.estimated_cost is None else one.estimated_cost / count)
        for one in usable
    )


def stand_in(asked: CatalogueModel, market: Market) -> CatalogueModel:
    """Return the model asked for, or what follows it where it retired and the operator allows."""
    seen = {asked.key}
    model = asked
    while market.retired is Retired.SUCCESSOR and model.successor:
        if market.standing(model) is not ModelAvailability.RETIRED or model.successor in seen:
            break
        following = market.catalogue.find(model.successor)
        if following is None:
            break
        model = following
        seen.add(model.key)
    return model


def _asked(settings: GenerationSettings, market: Market) -> CatalogueModel | None:
    providers = market.catalogue.providers
    if settings.provider is not None and settings.provider not in providers:
        message = f'There is no provider "{settings.provider}"; there are {", ".join(providers)}.'
        raise InvalidInput(message, field="settings.provider")
    if settings.model is None:
        return None
    model = market.catalogue.find(settings.model)
    if model is None:
        known = meant(settings.model, (one.key for one in market.catalogue.models))
        hint = f'; did you mean "{known}"? The' if known else ": the"
        offered = f"{hint} query models lists all. Available here: {_usable(market)}"
        message = f'There is no model "{settings.model}"{offered}.'
        raise InvalidInput(message, field="settings.model")
    if settings.provider not in (None, model.provider):
        message = f"{model.display_name} is not offered by {settings.provider}."
        raise InvalidInput(message, field="settings.provider")
    return model


def _candidate(
    model: CatalogueModel, brief: Brief, market: Market, wished: CatalogueModel | None
) -> RouteCandidate:
    obstacle = next(_obstacles(model, brief, market, wished), None)
    return RouteCandidate(
        model=model.key,
        eligible=obstacle is None,
        reason=obstacle or _capital(strengths(model, brief, market)),
        score=score(model, brief, market) if obstacle is None else None,
        estimated_cost=estimated_cost(model, brief, market),
    )


def _obstacles(
    model: CatalogueModel, brief: Brief, market: Market, wished: CatalogueModel | None
) -> Iterator[str]:
    """Yield why the model can't be taken, the most telling reason first."""
    settings = brief.settings
    yield from unusable(model, market, wished)
    if wished and wished != model:
        yield f"You asked for {wished.display_name}"
    if settings.provider not in (None, model.provider):
        yield f"You asked for the provider {settings.provider}"
    yield from (why for _, why in unfit(model, brief))
    yield from unaffordable(model, brief, market)


def _reason(
    ranked: list[RouteCandidate],
    asked: CatalogueModel | None,
    wished: CatalogueModel | None,
) -> str:
    if asked and wished and asked != wished:
        return f"You asked for {asked.display_name}, which retired: {wished.display_name} follows"
    if wished:
        return f"You asked for {wished.display_name}"
    usable = sum(one.eligible for one in ranked)
    if usable == 1:
        return "It is the only model that can be used here for this request"
    why = ranked[0].reason
    return f"It scored best of {usable}: {why[0].lower()}{why[1:]}"


def _refusal(
    brief: Brief, market: Market, wished: CatalogueModel | None
) -> InvalidInput | ModelUnavailable | BudgetExceeded:
    """Return the error that says why no model is left."""
    if wished and (why := next(unusable(wished, market, wished), None)):
        message = f"{wished.display_name} can't be used: {_small(why)}.{_instead(wished, market)}"
        return ModelUnavailable(message, successor=wished.successor)
    if wished and (misfit := next(unfit(wished, brief), None)):
        field, why = misfit
        message = f"{wished.display_name} can't do this: {_small(why)}."
        return InvalidInput(message, field=field)
    offered = list(_offered(brief, market, wished))
    able = [m for m in offered if not any(unusable(m, market, wished)) and not any(unfit(m, brief))]
    limits = [one for one in (brief.settings.max_cost, market.left) if one is not None]
    if able and limits:
        costs = [estimated_cost(model, brief, market) for model in able]
        return _too_dear(costs, min(limits), wished)
    obstacles = (_obstacles(model, brief, market, wished) for model in offered)
    why = next((why for each in obstacles for why in each), "the catalogue has none")
    return ModelUnavailable(f"No model that can be used here can do this: {_small(why)}.")


def _instead(model: CatalogueModel, market: Market) -> str:
    """Return what can be used here in place of the model, unless that is its successor."""
    follows = market.catalogue.find(model.successor) if model.successor else None
    if follows is not None and market.standing(follows) is ModelAvailability.AVAILABLE:
        return ""
    return f" Available here: {_usable(market)}."


def _usable(market: Market) -> str:
    """Return the keys of a few models that can be used now."""
    here = ModelAvailability.AVAILABLE
    keys = [one.key for one in market.catalogue.models if market.standing(one) is here]
    return ", ".join(keys[:_NAMED] + ["…"] * (len(keys) > _NAMED)) or "none"


def _too_dear(
    costs: list[Decimal | None], limit: Decimal, wished: CatalogueModel | None
) -> BudgetExceeded:
    needed = min((cost for cost in costs if cost is not None), default=None)
    if needed is None:
        who = f"{wished.display_name} has no" if wished else "Nothing that can do this has a"
        message = f"{who} known price, and the limit is {dollars(limit)}: ask for another model."
    else:
        least = f"What can do this costs {dollars(needed)} at least"
        message = f"{least}; the limit is {dollars(limit)}."
    return BudgetExceeded(message, needed=needed, available=limit)


def _offered(
    brief: Brief, market: Market, wished: CatalogueModel | None
) -> Iterator[CatalogueModel]:
    for model in market.catalogue.models:
        if wished in (None, model) and brief.settings.provider in (None, model.provider):
            yield model


def _small(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}"


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
