"""The catalogue as lines for a terminal and as tables for the documentation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from pipeline.catalogue.model import EMBEDDED, CatalogueModel, Ending, Terms, availability
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import AspectRatio, Quality
from pipeline.imaging import ReferenceRole
from pipeline.markets import dollars

_MODELS: Final = (
    "| model | at | square, standard, HD | photos | takes | characters | rating | until |\n"
    "|---|---|---|---|---|---|---|---|\n"
)
_TERMS: Final = (
    "| provider | keeps what it is sent | trains on it | bills without an image | unstated |\n"
    "|---|---|---|---|---|\n"
)
_TRAINS: Final = {True: "yes", False: "no", None: "unstated"}


def lines(configured: frozenset[str], now: datetime) -> Iterator[str]:
    """Yield a line for each model; `configured` are the providers that have a key."""
    for model in SHIPPED.models:
        standing = availability(model, configured, now)
        yield f"{model.key:28} {model.provider:10} {standing:13} {', '.join(_facts(model))}"


def markdown() -> str:
    """Return the models and the providers' terms as Markdown tables."""
    models = "".join(f"| {' | '.join(_cells(model))} |\n" for model in SHIPPED.models)
    known = {model.provider: model.terms for model in SHIPPED.models if model.terms}
    terms = "".join(f"| {' | '.join(_terms(name, of))} |\n" for name, of in known.items())
    return f"{_MODELS}{models}\n{_TERMS}{terms}"


def _facts(model: CatalogueModel) -> Iterator[str]:
    """Yield price, photos, policy and dates."""
    yield f"{' or '.join(dict.fromkeys(_prices(model)))} an image"
    photos = model.max_reference_images
    yield f"{photos} photo{'s' * (photos > 1)}{_roles(model)}" if photos else "words only"
    if model.provider == EMBEDDED:
        yield "nothing leaves this machine"
    elif model.terms is not None:
        policy = model.terms.policy
        trains = {True: "trains on it", False: "no training", None: "training unstated"}
        yield f"keeps for {_span(policy.retention)}, {trains[policy.trains]}"
    if model.retires_on is not None:
        yield f"until {_end(model)}"


def _cells(model: CatalogueModel) -> Iterator[str]:
    yield f"`{model.key}`"
    yield model.provider
    prices = ", ".join(_prices(model))
    photo = model.photo_usd
    yield f"{prices}; {dollars(photo)} a photo" if photo else prices
    photos = model.max_reference_images
    yield f"{photos}{_roles(model)}" if photos else "words only"
    abilities = {
        "negative prompt": model.supports_negative_prompt,
        "seed": model.supports_seed,
        "style": model.supports_style,
        "influence": model.follows_influence,
        f"{len(model.aspect_ratios)} of {len(AspectRatio)} ratios": True,
    }
    yield ", ".join(name for name, has in abilities.items() if has)
    yield f"{model.max_prompt_length:,}"
    yield "" if model.quality_rating is None else f"{model.quality_rating:.2f}"
    yield _end(model) if model.retires_on else ""


def _roles(model: CatalogueModel) -> str:
    """Say where a photo may show the garment only, and no more than a style nowhere."""
    return "" if model.reference_roles == frozenset(ReferenceRole) else " of the garment"


def _terms(provider: str, terms: Terms) -> Iterator[str]:
    policy = terms.policy
    yield provider
    yield f"{_span(policy.retention)} ([source]({policy.source}), {policy.checked})"
    yield _TRAINS[policy.trains]
    yield f"{_endings(terms.bills)} ([source]({terms.bills_source}))"
    yield _endings(terms.unclear)


def _prices(model: CatalogueModel) -> list[str]:
    found = [model.price(quality, AspectRatio.SQUARE) for quality in Quality]
    return ["?" if price is None else dollars(price) for price in found]


def _end(model: CatalogueModel) -> str:
    follows = f", then {model.successor}" if model.successor else ""
    return f"{model.retires_on:%Y-%m-%d}{follows}"


def _endings(endings: frozenset[Ending]) -> str:
    told = [one.lower().replace("_", " ") for one in Ending if one in endings]
    return ", ".join(told) or "nothing"


def _span(time: timedelta | None) -> str:
    if time is None:
        return "an unstated time"
    hours = time // timedelta(hours=1)
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
