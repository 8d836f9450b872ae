"""ROUTING: which image model, why, and what of the request it can't do."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from pipeline import mapping
from pipeline.catalogue.model import EMBEDDED, Catalogue, CatalogueModel, ModelAvailability
from pipeline.domain import Brief, GenerationSettings, Route, Run, WorkspaceId
from pipeline.errors import ProviderUnavailable, Refused
from pipeline.mapping import Wishes
from pipeline.markets import Market, Retired, estimated_cost, no_paces, none_degraded
from pipeline.results import Routing
from pipeline.routing import choose

_USUAL: Final = GenerationSettings().source_influence


async def no_limit(_: Run) -> Decimal | None:
    """Return that the run may cost anything."""
    return None


@dataclass(frozen=True, slots=True)
class RouteModel:
    """Routes over the catalogue; `configured` holds the providers that have a key.

    `paces` tells the usual seconds of each model's calls, `set_aside` what a run may cost.
    """

    catalogue: Catalogue
    configured: frozenset[str]
    clock: Callable[[], datetime]
    degraded: Callable[[], Awaitable[frozenset[str]]] = none_degraded
    paces: Callable[[WorkspaceId], Awaitable[Mapping[str, float]]] = no_paces
    set_aside: Callable[[Run], Awaitable[Decimal | None]] = no_limit
    retired: Retired = Retired.REFUSE
    partials: int = 0

    async def __call__(self, run: Run) -> Routing:
        """Raise `ProviderUnavailable` where no model is left since the request was accepted."""
        brief, market = run.brief, await self._market(run)
        try:
            route = choose(brief, market)
        except Refused as refused:
            raise ProviderUnavailable(refused.message, code=refused.code) from refused
        model = self.catalogue.find(route.model)
        return Routing(
            route=route,
            summary=f"{route.model}: {route.reason[0].lower()}{route.reason[1:]}",
            warnings=tuple(_warnings(model, route, brief, market)) if model else (),
        )

    async def _market(self, run: Run) -> Market:
        return Market(
            catalogue=self.catalogue,
            now=self.clock(),
            configured=self.configured,
            degraded=await self.degraded(),
            paces=await self.paces(run.workspace),
            retired=self.retired,
            partials=self.partials,
            left=await self.set_aside(run),
        )


def _warnings(model: CatalogueModel, route: Route, brief: Brief, market: Market) -> Iterator[str]:
    wished = brief.settings.model
    asked = market.catalogue.find(wished) if wished else None
    if asked and asked != model:
        yield f"{asked.display_name} is retired: {model.display_name}, its successor, is used"
    if model.provider == EMBEDDED and asked is None:
        yield from _missed(model, route, market)
    if model.provider == EMBEDDED and brief.source and brief.settings.source_influence != _USUAL:
        yield f"{model.display_name} draws what was read: sourceInfluence makes no difference"
    if estimated_cost(model, brief, market) is None:
        yield f"What {model.display_name} costs is not known: the cost is shown without it"
    yield from unmet(model, brief)


def _missed(model: CatalogueModel, route: Route, market: Market) -> Iterator[str]:
    """Yield why not even the best of the models that have a key makes a photograph."""
    reasons = {one.model: one.reason for one in route.candidates}
    keyed = [
        one
        for one in market.catalogue.models
        if one.provider in market.configured - {EMBEDDED}
        and market.standing(one) is not ModelAvailability.RETIRED
    ]
    if keyed:
        best = max(keyed, key=lambda one: one.quality_rating or 0.0)
        why = reasons[best.key]
        yield f"{model.key} stands in for {best.display_name}: {why[0].lower()}{why[1:]}"


def unmet(model: CatalogueModel, brief: Brief) -> Iterator[str]:
    """Yield a sentence for each wish that the model can't fulfil as it is."""
    return mapping.unmet(model, Wishes.of_brief(brief))
