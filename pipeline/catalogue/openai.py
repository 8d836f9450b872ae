"""Models at OpenAI; lifecycle and prices as of 2026-11-23."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from pipeline.catalogue.model import CatalogueModel, Price
from pipeline.domain import AspectRatio as Ratio
from pipeline.domain import Quality

_PROVIDER = "openai"
_SQUARE = frozenset({Ratio.SQUARE})
_THIRDS = frozenset({Ratio.LANDSCAPE_3_2, Ratio.PORTRAIT_2_3})
_OLD_END = datetime(2026, 12, 1, tzinfo=UTC)

# Medium and high of the measured sizes; others are billed by tokens and not known beforehand.
_PRICES_2_5 = (
    Price(Decimal("0.0132"), Quality.STANDARD, _SQUARE),
    Price(Decimal("0.0103"), Quality.STANDARD, _THIRDS),
    Price(Decimal("0.0527"), Quality.HD, _SQUARE),
    Price(Decimal("0.0412"), Quality.HD, _THIRDS),
)


def _gpt_image(version: str, rating: float, prices: tuple[Price, ...] = ()) -> CatalogueModel:
    return CatalogueModel(
        key=f"gpt-image-{version}",
        provider=_PROVIDER,
        slug=f"gpt-image-{version}",
        display_name=f"GPT Image {version.replace('-', ' ')}",
        aspect_ratios=frozenset(Ratio),
        supports_hd=True,
        max_reference_images=16,
        max_prompt_length=32_000,
        quality_rating=rating,
        prices=prices,
    )


def _ended(model: CatalogueModel, on: datetime, successor: str) -> CatalogueModel:
    fixed = replace(model, aspect_ratios=_SQUARE | _THIRDS)
    return replace(fixed, retires_on=on, successor=successor)


MODELS = (
    _gpt_image("2.6-sunburst", 0.93),
    _gpt_image("2.6-flare", 0.89),
    _gpt_image("2.5-sunburst", 0.9, _PRICES_2_5),
    _gpt_image("2.5-flare", 0.85, _PRICES_2_5),
    _gpt_image(
        "2",
        0.83,
        (
            Price(Decimal("0.053"), Quality.STANDARD, _SQUARE),
            Price(Decimal("0.211"), Quality.HD, _SQUARE),
        ),
    ),
    _ended(_gpt_image("1.5", 0.78), _OLD_END, "gpt-image-2.6-sunburst"),
    _ended(_gpt_image("1-mini", 0.6), _OLD_END, "gpt-image-2.6-flare"),
    _ended(_gpt_image("1", 0.72), datetime(2026, 10, 23, tzinfo=UTC), "gpt-image-2.6-sunburst"),
    CatalogueModel(
        key="dall-e-3",
        provider=_PROVIDER,
        slug="dall-e-3",
        display_name="DALL·E 3",
        aspect_ratios=frozenset({Ratio.SQUARE}),
        supports_style=True,
        supports_hd=True,
        max_prompt_length=4000,
        quality_rating=0.6,
        retires_on=datetime(2026, 5, 12, tzinfo=UTC),
        successor="gpt-image-2.6-flare",
    ),
)
