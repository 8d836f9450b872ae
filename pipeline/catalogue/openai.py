"""Models at OpenAI; lifecycle, schemas and prices as of 2026-11-23."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from pipeline.catalogue.inputs import (
    Field,
    Inputs,
    Settings,
    by_quality,
    choice,
    flag,
    photos,
    text,
    whole,
)
from pipeline.catalogue.model import (
    USUAL_TILES,
    CatalogueModel,
    DataPolicy,
    Ending,
    Price,
    Terms,
)
from pipeline.domain import AspectRatio as Ratio
from pipeline.domain import Quality
from pipeline.imaging import PhotoLimits

PROVIDER: Final = "openai"


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars for a million tokens of words in, pictures in, and pictures out."""

    text_in: Decimal
    image_in: Decimal
    out: Decimal

    def usd(self, text_in: int, image_in: int, out: int) -> Decimal:
        """Return what so many tokens cost."""
        whole = text_in * self.text_in + image_in * self.image_in + out * self.out
        return whole / _MILLION


TERMS: Final = Terms(
    policy=DataPolicy(
        retention=timedelta(days=30),
        trains=False,
        region=None,
        deletable=False,
        source="https://developers.openai.com/docs/guides/your-data",
        checked=date(2026, 11, 23),
    ),
    requests_per_minute=50,
    # An error carries no usage, and no statement says that one is billed; whoever hangs up pays.
    bills=frozenset({Ending.CANCELLED_RUNNING}),
    bills_source="https://developers.openai.com/api/docs/guides/image-generation",
    refusals="OpenAI bills tokens and reports none for a refusal, but does not say that it is free",
    unclear=frozenset({Ending.REFUSED, Ending.FAILED}),
)

_MILLION: Final = 1_000_000
_OLD_END: Final = datetime(2026, 12, 1, tzinfo=UTC)

# All of them are multiples of 16 and of legal area.
_FREE: Final = {
    Ratio.SQUARE: "1024x1024",
    Ratio.LANDSCAPE_16_9: "1536x864",
    Ratio.PORTRAIT_9_16: "864x1536",
    Ratio.LANDSCAPE_4_3: "1152x864",
    Ratio.PORTRAIT_3_4: "864x1152",
    Ratio.LANDSCAPE_21_9: "1680x720",
    Ratio.PORTRAIT_9_21: "720x1680",
    Ratio.LANDSCAPE_3_2: "1536x1024",
    Ratio.PORTRAIT_2_3: "1024x1536",
}
_FIXED: Final = {
    ratio: _FREE[ratio] for ratio in (Ratio.SQUARE, Ratio.LANDSCAPE_3_2, Ratio.PORTRAIT_2_3)
}
_WIDE: Final = {
    Ratio.SQUARE: "1024x1024",
    Ratio.LANDSCAPE_16_9: "1792x1024",
    Ratio.PORTRAIT_9_16: "1024x1792",
}

# Tokens of a picture of medium quality. The square and 3:2 are published; the others lie between
# published sizes: proportional to area for a shape, and fewer the longer the shape.
_MEDIUM: Final = {
    Ratio.SQUARE: 439,
    Ratio.LANDSCAPE_16_9: 281,
    Ratio.PORTRAIT_9_16: 281,
    Ratio.LANDSCAPE_4_3: 336,
    Ratio.PORTRAIT_3_4: 336,
    Ratio.LANDSCAPE_21_9: 271,
    Ratio.PORTRAIT_9_21: 271,
    Ratio.LANDSCAPE_3_2: 343,
    Ratio.PORTRAIT_2_3: 343,
}
# How many times as many: the qualities of gpt-image-2 are named differently from its successors'.
_NEW: Final = {Quality.STANDARD: 1, Quality.HD: 4}
_SECOND: Final = {Quality.STANDARD: 4, Quality.HD: 16}
_OLD_TOKENS: Final = {
    Quality.STANDARD: {
        Ratio.SQUARE: 1056,
        Ratio.PORTRAIT_2_3: 1584,
        Ratio.LANDSCAPE_3_2: 1568,
    },
    Quality.HD: {Ratio.SQUARE: 4160, Ratio.PORTRAIT_2_3: 6240, Ratio.LANDSCAPE_3_2: 6208},
}
# By square tiles of the shorter side, and about as many characters as a token of English has.
_TILE_TOKENS: Final = 129
_PHOTO_TOKENS: Final = 65 + USUAL_TILES * _TILE_TOKENS
_TOKEN_CHARACTERS: Final = 4
_PARTIAL_TOKENS: Final = 100


def _rates(text_in: str, image_in: str, out: str) -> Rates:
    return Rates(Decimal(text_in), Decimal(image_in), Decimal(out))


_USUAL: Final = _rates("5", "8", "30")

RATES: Final[Mapping[str, Rates]] = {
    "gpt-image-2.6-sunburst": _USUAL,
    "gpt-image-2.6-flare": _USUAL,
    "gpt-image-2.5-sunburst": _USUAL,
    "gpt-image-2.5-flare": _USUAL,
    "gpt-image-2": _USUAL,
    "gpt-image-1.5": _rates("5", "8", "32"),
    "gpt-image-1-mini": _rates("2", "2.5", "8"),
    "gpt-image-1": _rates("5", "10", "40"),
}
"""What is billed by tokens, by catalogue key; the others have a price an image."""

Tokens = Mapping[Quality, Mapping[Ratio, int]]


def _times(factors: Mapping[Quality, int]) -> Tokens:
    return {
        quality: {ratio: factor * count for ratio, count in _MEDIUM.items()}
        for quality, factor in factors.items()
    }


def _sized(sizes: Mapping[Ratio, str]) -> dict[Ratio, Settings]:
    return {ratio: {"size": size} for ratio, size in sizes.items()}


def _inputs(sizes: Mapping[Ratio, str], *more: Field) -> Inputs:
    return Inputs(
        declared=(
            text("prompt", required=True, most=32_000),
            whole("n", 1, 10),
            choice("size", *sizes.values()),
            choice("quality", "low", "medium", "high", "auto"),
            choice("output_format", "png", "jpeg", "webp"),
            flag("stream"),
            whole("partial_images", 0, 3),
            photos("image", 16),
            *more,
        ),
        ratios=_sized(sizes),
        qualities=by_quality("quality", "medium", "high"),
        constants={"n": 1, "output_format": "png"},
        photos="image",
    )


def _gpt_image(
    version: str, rating: float, tokens: Tokens, sizes: Mapping[Ratio, str] = _FREE
) -> CatalogueModel:
    key = f"gpt-image-{version}"
    rates = RATES[key]
    return CatalogueModel(
        key=key,
        provider=PROVIDER,
        slug=key,
        display_name=f"GPT Image {version.replace('-', ' ')}",
        aspect_ratios=frozenset(sizes),
        supports_hd=True,
        max_reference_images=16,
        max_prompt_length=32_000,
        quality_rating=rating,
        photo_limits=PhotoLimits(max_side=2048, max_bytes=20_000_000),
        inputs=_inputs(sizes),
        terms=TERMS,
        prices=tuple(
            Price(rates.usd(0, 0, count), quality, frozenset({ratio}))
            for quality, counts in tokens.items()
            for ratio, count in counts.items()
        ),
        photo_usd=rates.usd(0, _PHOTO_TOKENS, 0),
        tile_usd=rates.usd(0, _TILE_TOKENS, 0),
        character_usd=rates.usd(1, 0, 0) / _TOKEN_CHARACTERS,
        partial_usd=rates.usd(0, 0, _PARTIAL_TOKENS),
    )


def _first(version: str, rating: float, *fidelities: str) -> CatalogueModel:
    """Return a model of the first generation, which can be told how closely to follow a photo."""
    model = _gpt_image(version, rating, _OLD_TOKENS, _FIXED)
    inputs = _inputs(_FIXED, choice("input_fidelity", *fidelities))
    return replace(model, inputs=inputs, follows_influence=len(fidelities) > 1)


def _ended(model: CatalogueModel, on: datetime, successor: str) -> CatalogueModel:
    return replace(model, retires_on=on, successor=successor)


def _dall_e() -> CatalogueModel:
    square, long = frozenset({Ratio.SQUARE}), frozenset(_WIDE) - {Ratio.SQUARE}
    return CatalogueModel(
        key="dall-e-3",
        provider=PROVIDER,
        slug="dall-e-3",
        display_name="DALL·E 3",
        aspect_ratios=frozenset(_WIDE),
        supports_style=True,
        supports_hd=True,
        max_prompt_length=4000,
        quality_rating=0.6,
        inputs=Inputs(
            declared=(
                text("prompt", required=True, most=4000),
                whole("n", 1, 1),
                choice("size", *_WIDE.values()),
                choice("quality", "standard", "hd"),
                choice("style", "vivid", "natural"),
                choice("response_format", "url", "b64_json"),
            ),
            ratios=_sized(_WIDE),
            qualities=by_quality("quality", "standard", "hd"),
            constants={"n": 1, "response_format": "b64_json"},
        ),
        terms=TERMS,
        prices=(
            Price(Decimal("0.04"), Quality.STANDARD, square),
            Price(Decimal("0.08"), Quality.STANDARD, long),
            Price(Decimal("0.08"), Quality.HD, square),
            Price(Decimal("0.12"), Quality.HD, long),
        ),
    )


MODELS: Final = (
    _gpt_image("2.6-sunburst", 0.93, _times(_NEW)),
    _gpt_image("2.6-flare", 0.89, _times(_NEW)),
    _gpt_image("2.5-sunburst", 0.9, _times(_NEW)),
    _gpt_image("2.5-flare", 0.85, _times(_NEW)),
    _gpt_image("2", 0.83, _times(_SECOND)),
    _ended(_first("1.5", 0.78, "low", "high"), _OLD_END, "gpt-image-2.6-sunburst"),
    _ended(_first("1-mini", 0.6, "low"), _OLD_END, "gpt-image-2.6-flare"),
    _ended(
        _first("1", 0.72, "low", "high"),
        datetime(2026, 10, 23, tzinfo=UTC),
        "gpt-image-2.6-sunburst",
    ),
    _ended(_dall_e(), datetime(2026, 5, 12, tzinfo=UTC), "gpt-image-2.6-flare"),
)
