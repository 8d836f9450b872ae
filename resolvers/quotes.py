"""What a generation would cost and take."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from pipeline import beside
from pipeline.catalogue.model import EMBEDDED, CatalogueModel, Ending
from pipeline.domain import Brief, Route
from pipeline.errors import BudgetExceeded
from pipeline.markets import Market, estimated_cost
from pipeline.records.reading import read_spec
from pipeline.routing import choose, choose_within_budget
from resolvers.markets import market_of
from resolvers.sources import stored
from resolvers.submissions import brief_of, wishes
from schema.context import Context, Info
from schema.model import recorded
from schema.quote import Quote
from schema.requests import QuoteInput
from schema.route import Route as RouteShown


async def quoted(info: Info, input: QuoteInput) -> Quote:
    """Raise what asking for the generation itself would, but for the day's budget."""
    library, viewer = info.context.library, info.context.viewer
    brief, market = await _brief(info.context, input), await market_of(info.context)
    route, affordable = _routed(brief, market)
    model = recorded(info, route.model)
    paid = await library.words(viewer.workspace)
    words = beside.likely(brief, library.helpers, paid)
    dear_words = beside.at_most(brief, library.helpers, paid)
    durations = await library.usage.durations(viewer, input.mode, model.key)
    return Quote(
        model=model,
        cost=_with(words, estimated_cost(model.entry, brief, market)),
        cost_max=_with(
            dear_words, _most(one.estimated_cost for one in route.candidates if one.eligible)
        ),
        words_cost=words,
        within_budget=affordable,
        refusal_charged=_refusal_charged(model.entry),
        refusal_note=_refusal_note(model.entry),
        route=RouteShown.from_domain(route),
        duration_seconds_p50=_to_the_millisecond(durations.p50),
        duration_seconds_p90=_to_the_millisecond(durations.p90),
        evidence=durations.evidence,
    )


async def _brief(context: Context, input: QuoteInput) -> Brief:
    brief = brief_of(input.mode, input)
    if input.spec is not None:
        brief = replace(brief, spec=read_spec(input.spec, input.record_index or 0).spec)
    if input.asset_id is not None:
        brief = replace(brief, source=(await stored(context, input.asset_id)).image)
    return replace(brief, settings=(await wishes(context, brief)).settings)


def _routed(brief: Brief, market: Market) -> tuple[Route, bool]:
    """Return the route, and whether the budget has room for it."""
    try:
        return choose_within_budget(brief, market), True
    except BudgetExceeded:
        return choose(brief, replace(market, left=None)), False


def _to_the_millisecond(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _with(words: Decimal, images: Decimal | None) -> Decimal | None:
    return None if images is None else images + words


def _most(costs: Iterable[Decimal | None]) -> Decimal | None:
    """Return the highest; None where one of them is not known."""
    listed = list(costs)
    known = [cost for cost in listed if cost is not None]
    return max(known) if len(known) == len(listed) else None


def _refusal_charged(model: CatalogueModel) -> bool | None:
    if model.provider == EMBEDDED:
        return False
    if model.terms is None or Ending.REFUSED in model.terms.unclear:
        return None
    return Ending.REFUSED in model.terms.bills


def _refusal_note(model: CatalogueModel) -> str:
    if model.provider == EMBEDDED:
        return f"{model.key} draws here, refuses nothing and costs nothing"
    if model.terms is None:
        return f"Nothing is known of what {model.provider} bills"
    terms = model.terms
    return f"{terms.refusals} ({terms.bills_source}, {terms.policy.checked})"
