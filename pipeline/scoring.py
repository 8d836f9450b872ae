"""How well a model suits a brief, as a number and in words."""

from dataclasses import replace
from typing import Final

from pipeline.catalogue.model import EMBEDDED, CatalogueModel
from pipeline.domain import Brief, Quality
from pipeline.mapping import Wishes, unmet
from pipeline.markets import Market, dollars, estimated_cost, image_cost, photos_of

# What quality counts against price, and what takes away from both.
_QUALITY: Final = {Quality.STANDARD: 0.7, Quality.HD: 0.85}
_UNRATED: Final = 0.5
_USUAL_PRICE: Final = 0.04
_USUAL_SECONDS: Final = 20.0
_SLOWNESS: Final = 0.1
_UNMET: Final = 0.03
_WORDS_ONLY: Final = 0.15
# A drawing never comes before a photograph: it is for when nothing else is left.
_DRAWING: Final = 0.1


def score(model: CatalogueModel, brief: Brief, market: Market) -> float:
    """Weigh quality against price in 0..1; slowness and what it can't do count against it."""
    quality = _UNRATED if model.quality_rating is None else model.quality_rating
    price = image_cost(model, brief, market.partials)
    cheapness = 0.0 if price is None else _USUAL_PRICE / (_USUAL_PRICE + float(price))
    weight = _QUALITY[brief.settings.quality]
    merit = weight * quality + (1 - weight) * cheapness
    seconds = market.paces.get(model.key, _USUAL_SECONDS)
    merit -= _SLOWNESS * seconds / (seconds + _USUAL_SECONDS)
    wishes = replace(Wishes.of_brief(brief), photos=photos_of(brief))
    merit -= _UNMET * sum(1 for _ in unmet(model, wishes))
    merit -= _WORDS_ONLY * _words_only(model, brief)
    if model.provider == EMBEDDED:
        return round(_DRAWING * max(merit, 0.0), 4)
    return round(min(max(merit, _DRAWING), 1.0), 4)


def strengths(model: CatalogueModel, brief: Brief, market: Market) -> str:
    """Say what speaks for the model and against it."""
    cost = estimated_cost(model, brief, market)
    seconds = market.paces.get(model.key)
    said = [
        "not rated" if model.quality_rating is None else f"rated {model.quality_rating:.2f}",
        "price not known" if cost is None else f"{dollars(cost)} for the request",
        f"usually {seconds:.0f} s an image" if seconds else "",
    ]
    if photos_of(brief):
        said.append("words only" if _words_only(model, brief) else "takes the photo")
    if brief.settings.aspect_ratio not in model.aspect_ratios:
        said.append("its image is cut to the ratio")
    return ", ".join(filter(None, said))


def _words_only(model: CatalogueModel, brief: Brief) -> bool:
    return bool(photos_of(brief)) and not model.max_reference_images
