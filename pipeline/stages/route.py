"""ROUTING: which image model, why, and what of the request it can't do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline import mapping
from pipeline.catalogue.model import Catalogue, CatalogueModel
from pipeline.domain import Brief
from pipeline.errors import ProviderUnavailable, Refused
from pipeline.mapping import Wishes
from pipeline.results import Routing
from pipeline.routing import Market, choose


@dataclass(frozen=True, slots=True)
class RouteModel:
    """Routes over the catalogue; `configured` holds the providers that have a key."""

    catalogue: Catalogue
    configured: frozenset[str]
    clock: Callable[[], datetime]

    async def __call__(self, brief: Brief) -> Routing:
        """Raise `ProviderUnavailable` where no model is left since the request was accepted."""
        market = Market(catalogue=self.catalogue, now=self.clock(), configured=self.configured)
        try:
            route = choose(brief, market)
        except Refused as refused:
            raise ProviderUnavailable(refused.message, code=refused.code) from refused
        model = self.catalogue.find(route.model)
        return Routing(
            route=route,
            summary=f"{route.model}: {route.reason[0].lower()}{route.reason[1:]}",
            warnings=tuple(unmet(model, brief)) if model else (),
        )


def unmet(model: CatalogueModel, brief: Brief) -> Iterator[str]:
    """Yield a sentence for each wish that the model can't fulfil as it is."""
    return mapping.unmet(model, Wishes.of_brief(brief))
