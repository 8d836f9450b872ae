"""What is known about an image model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from pipeline.catalogue.inputs import Inputs, Kind
from pipeline.domain import AspectRatio, Quality
from pipeline.imaging import PhotoLimits, ReferenceRole
from pipeline.ratios import nearest

EMBEDDED = "embedded"
"""The provider of the models that run here, without a key."""

CAUTIOUS = 2000
"""Characters of prompt for a model that declares no limit."""

USUAL_TILES = 2
"""Tiles of a photo whose shape is not known."""

EDITORIAL = "our own estimate of 2026-11-23, from published comparisons"
"""Where a quality rating comes from unless it is said."""


class ModelAvailability(StrEnum):
    """Whether a model can be used now: DEGRADED may fail, UNCONFIGURED lacks a key."""

    AVAILABLE = "AVAILABLE"
    UNCONFIGURED = "UNCONFIGURED"
    DEGRADED = "DEGRADED"
    RETIRED = "RETIRED"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars an image, for the quality and the ratios it holds for; None means any."""

    usd: Decimal
    quality: Quality | None = None
    ratios: frozenset[AspectRatio] | None = None


class Ending(StrEnum):
    """How a call may end without an image."""

    REFUSED = "REFUSED"
    FAILED = "FAILED"
    CANCELLED_WAITING = "CANCELLED_WAITING"
    CANCELLED_RUNNING = "CANCELLED_RUNNING"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPolicy:
    """What a provider states that it does with what it is sent; None where it states nothing.

    `retention` is how long inputs and outputs are kept, `deletable` whether they can be deleted
    on request.
    """

    retention: timedelta | None
    trains: bool | None
    region: str | None
    deletable: bool
    source: str
    checked: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for all models of a provider.

    `bills` are the endings that cost money, `unclear` those of which the provider says nothing.
    `refusals` is a sentence on what is known of the cost of a refused content.
    """

    policy: DataPolicy
    requests_per_minute: int
    bills: frozenset[Ending]
    bills_source: str
    refusals: str
    unclear: frozenset[Ending] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueModel:
    """An image model, alive or retired.

    `quality_rating` in 0..1 is an estimate of `quality_source`, None where there is none; `slug`
    is the provider's own name for it; `format` is the content type of what it makes, unless that
    can be asked for; `inputs` are for models that are asked by fields of their own. `photo_usd`
    and `character_usd` are what each photo and each character of the prompt add to the price of
    an image; `photo_usd` is for a photo of two square tiles of its shorter side, `tile_usd` for a
    tile more or less. `partial_usd` is the price of a partial image, None for a model that shows
    none.
    """

    key: str
    provider: str
    slug: str
    display_name: str
    aspect_ratios: frozenset[AspectRatio]
    supports_negative_prompt: bool = False
    supports_seed: bool = False
    supports_style: bool = False
    supports_hd: bool = False
    max_reference_images: int = 0
    max_prompt_length: int = CAUTIOUS
    quality_rating: float | None = None
    quality_source: str = EDITORIAL
    format: str = "image/png"
    photo_limits: PhotoLimits = field(default_factory=PhotoLimits)
    follows_influence: bool = False
    inputs: Inputs | None = None
    terms: Terms | None = None
    prices: tuple[Price, ...] = ()
    photo_usd: Decimal | None = Decimal(0)
    tile_usd: Decimal = Decimal(0)
    character_usd: Decimal = Decimal(0)
    partial_usd: Decimal | None = None
    retires_on: datetime | None = None
    successor: str | None = None

    @property
    def reference_roles(self) -> frozenset[ReferenceRole]:
        """What photos may be there for: who takes one starts from it, whatever it is meant for."""
        field = self.inputs and self.inputs.named(self.inputs.photos or "")
        if not field:
            return frozenset()
        several = field.kind is Kind.PHOTOS
        return frozenset(ReferenceRole) if several else frozenset({ReferenceRole.SOURCE})

    @property
    def formats(self) -> tuple[str, ...]:
        """The content types that it can make."""
        asked = self.inputs and self.inputs.named("output_format")
        if not asked:
            return (self.format,)
        return tuple(f"image/{one.replace('jpg', 'jpeg')}" for one in asked.options)

    def price(
        self,
        quality: Quality,
        ratio: AspectRatio,
        *,
        photos: int = 0,
        tiles: int = USUAL_TILES,
        characters: int = 0,
        partials: int = 0,
    ) -> Decimal | None:
        """Return US dollars an image, None where it is not known; each photo has so many tiles.

        A ratio that it does not make costs what the one does that it is cut from.
        """
        made = nearest(ratio, self.aspect_ratios) if self.aspect_ratios else ratio
        for price in self.prices:
            if price.quality in (None, quality) and (price.ratios is None or made in price.ratios):
                photo = self._photo(tiles) if photos else Decimal(0)
                if photo is None:
                    return None
                shown = partials * (self.partial_usd or 0)
                return price.usd + photos * photo + characters * self.character_usd + shown
        return None

    def _photo(self, tiles: int) -> Decimal | None:
        if self.photo_usd is None:
            return None
        return self.photo_usd + (tiles - USUAL_TILES) * self.tile_usd


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Models in the order they are shown, and other names they are known by.

    Those `beside` make no images, but their calls cost money and are on record.
    """

    models: tuple[CatalogueModel, ...]
    aliases: Mapping[str, str]
    beside: tuple[CatalogueModel, ...] = ()

    def find(self, name: str) -> CatalogueModel | None:
        """Return the model with that key, slug or alias, whatever the case."""
        plain = name.strip().lower().replace(" ", "-")
        key = self.aliases.get(plain, plain)
        return next((m for m in self.models if key in (m.key, m.slug)), None)

    def recorded(self, key: str) -> CatalogueModel | None:
        """Return the model with that key, also one that makes no images."""
        return self.find(key) or next((m for m in self.beside if m.key == key), None)

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers' names, each once."""
        return tuple(dict.fromkeys(model.provider for model in self.models))


def availability(
    model: CatalogueModel,
    configured: frozenset[str],
    now: datetime,
    degraded: frozenset[str] = frozenset(),
) -> ModelAvailability:
    """Say whether a model can be used at `now`; the sets hold names of providers."""
    if model.retires_on is not None and now >= model.retires_on:
        return ModelAvailability.RETIRED
    if model.provider != EMBEDDED and model.provider not in configured:
        return ModelAvailability.UNCONFIGURED
    if model.provider in degraded:
        return ModelAvailability.DEGRADED
    return ModelAvailability.AVAILABLE
