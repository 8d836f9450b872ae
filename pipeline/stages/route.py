"""ROUTING: which image model, why, and what of the request it can't do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.catalogue.model import EMBEDDED, Catalogue, CatalogueModel
from pipeline.domain import Brief, Quality
from pipeline.errors import ProviderUnavailable, Refused
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
    """Yield a sentence for each wish that the model can't fulfil."""
    settings, name = brief.settings, model.display_name
    if brief.negative_prompt and not model.supports_negative_prompt:
        yield f"{name} takes no negative prompt: yours was left out"
    if settings.style is not None and not model.supports_style:
        yield f"{name} has no rendering styles: {settings.style} was left out"
    if settings.seed is not None and not model.supports_seed:
        yield f"{name} takes no seed: the same image can't be made again"
    if settings.quality is Quality.HD and not model.supports_hd:
        yield f"{name} has one quality only: HD makes no difference"
    if brief.source and not model.max_reference_images and model.provider != EMBEDDED:
        yield f"{name} takes words only: the photo counts through its analysis"
