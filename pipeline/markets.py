"""What is on offer: the models, which can be used now, and what stands against one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pipeline.catalogue.model import (
    EMBEDDED,
    USUAL_TILES,
    Catalogue,
    CatalogueModel,
    ModelAvailability,
    availability,
)
from pipeline.domain import Brief, GenerationMode, WorkspaceId
from pipeline.previews import partials_of

# Characters that the embedded enhancement adds to the words, and a description of the garment.
_ENHANCED = 240
_GARMENT = 80
_MICRO = Decimal("0.000001")


class Retired(StrEnum):
    """What becomes of a wish for a retired model; USE asks its provider all the same."""

    REFUSE = "refuse"
    SUCCESSOR = "successor"
    USE = "use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The models, which providers have a key or trouble, and when it is.

    `paces` are seconds that a model's calls usually took; `left` in US dollars is what the
    budget has for the request, None where there is no budget, and without what is `set_aside`
    for work under way. `partials` is how many partial
    images are asked of a model that shows some.
    """

    catalogue: Catalogue
    now: datetime
    configured: frozenset[str] = frozenset()
    degraded: frozenset[str] = frozenset()
    paces: Mapping[str, float] = field(default_factory=dict[str, float])
    retired: Retired = Retired.REFUSE
    left: Decimal | None = None
    set_aside: Decimal = Decimal(0)
    partials: int = 0

    def standing(self, model: CatalogueModel) -> ModelAvailability:
        """Say whether the model can be used now."""
        return availability(model, self.configured, self.now, self.degraded)


async def none_degraded() -> frozenset[str]:
    """Return that every provider is well."""
    return frozenset()


async def no_paces(_: WorkspaceId) -> Mapping[str, float]:
    """Return that nothing is known of how long calls take."""
    return {}


def photos_of(brief: Brief) -> int:
    """Return how many photos go along with the words."""
    return int(brief.source is not None or brief.mode is GenerationMode.FROM_IMAGE)


def characters_of(brief: Brief) -> int:
    """Return about how many characters the model will be sent."""
    said = len(brief.prompt or "") + len(brief.negative_prompt or "")
    garment = 0 if brief.mode is GenerationMode.FROM_PROMPT else _GARMENT
    return said + garment + (_ENHANCED if brief.settings.enhance else 0)


def _tiles_of(brief: Brief) -> int:
    """Return how many squares of its shorter side cover the photo."""
    photo = brief.source
    if photo is None:
        return USUAL_TILES
    shorter, longer = sorted((photo.width, photo.height))
    return -(-longer // max(shorter, 1))


def image_cost(model: CatalogueModel, brief: Brief, partials: int = 0) -> Decimal | None:
    """Return US dollars for one image to the millionth, None where the price is not known.

    `partials` is how many partial images are asked of models that show some.
    """
    settings = brief.settings
    price = model.price(
        settings.quality,
        settings.aspect_ratio,
        photos=min(photos_of(brief), model.max_reference_images),
        tiles=_tiles_of(brief),
        characters=characters_of(brief),
        partials=partials_of(model, brief, partials),
    )
    return None if price is None else price.quantize(_MICRO)


def estimated_cost(model: CatalogueModel, brief: Brief, market: Market) -> Decimal | None:
    """Return US dollars for the whole request, None where the price is not known."""
    price = image_cost(model, brief, market.partials)
    return None if price is None else price * brief.settings.count


def unusable(model: CatalogueModel, market: Market, wished: CatalogueModel | None) -> Iterator[str]:
    """Yield why the model can't be used now, whatever the request."""
    if market.retired is Retired.USE and model == wished:
        model = replace(model, retires_on=None)
    standing = market.standing(model)
    if standing is ModelAvailability.RETIRED and model.retires_on:
        follows = f"; {model.successor} follows it" if model.successor else ""
        yield f"Retired on {model.retires_on:%Y-%m-%d}{follows}"
    if standing is ModelAvailability.UNCONFIGURED:
        yield f"This server has no key for {model.provider}"
    if standing is ModelAvailability.DEGRADED:
        yield f"{model.provider} is out of order at the moment"


def unfit(model: CatalogueModel, brief: Brief) -> Iterator[tuple[str, str]]:
    """Yield what of the request the model can't do in any way: the field, and why."""
    if brief.settings.confidential:
        for why in _indiscreet(model):
            yield "settings.confidential", why
    if brief.prompt and len(brief.prompt) > model.max_prompt_length:
        yield "prompt", f"It takes {model.max_prompt_length} characters of prompt at most"


def unaffordable(model: CatalogueModel, brief: Brief, market: Market) -> Iterator[str]:
    """Yield why the request can't pay for the model."""
    cost, most = estimated_cost(model, brief, market), brief.settings.max_cost
    if cost is None:
        if most is not None:
            yield "Its price is not known, and there is a limit to the cost"
        if market.left is not None:
            yield "Its price is not known, and there is a budget"
        if brief.settings.model is None:
            yield "Its price is not known, so it runs only where it is asked for by name"
        return
    if most is not None and cost > most:
        yield f"It would cost {dollars(cost)}, over the limit of {dollars(most)}"
    if market.left is not None and cost > market.left:
        yield f"It would cost {dollars(cost)}, and the budget has {dollars(market.left)} left"


def dollars(amount: Decimal) -> str:
    """Return the amount as people read it: "$0", or to the cent at least."""
    places = -int(amount.normalize().as_tuple().exponent)
    return f"${amount:.{max(2, places)}f}" if amount else "$0"


def others_have(set_aside: Decimal) -> str:
    """Return what is to be said of it after what is left of a budget."""
    return f" Work under way has {dollars(set_aside)} set aside." if set_aside else ""


def _indiscreet(model: CatalogueModel) -> Iterator[str]:
    if model.provider == EMBEDDED:
        return
    policy = None if model.terms is None else model.terms.policy
    if policy is None:
        yield f"What {model.provider} does with a confidential design is not established"
    elif policy.trains is None:
        yield f"{model.provider} does not state that it trains on nothing it is sent"
    elif policy.trains:
        yield f"{model.provider} trains on what it is sent"
    elif policy.retention is None:
        yield f"{model.provider} states no end to how long it keeps what it is sent"
