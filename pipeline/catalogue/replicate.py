"""Models at Replicate; schemas and prices as of 2026-11-23."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from pipeline.catalogue.inputs import (
    Field,
    Influence,
    Inputs,
    Settings,
    aspect,
    by_quality,
    by_ratio,
    choice,
    flag,
    number,
    photo,
    photos,
    text,
    whole,
)
from pipeline.catalogue.model import CatalogueModel, DataPolicy, Ending, Price, Terms
from pipeline.domain import AspectRatio as Ratio

PROVIDER = "replicate"

TERMS = Terms(
    policy=DataPolicy(
        retention=timedelta(hours=1),
        trains=None,
        region=None,
        deletable=False,
        source="https://replicate.com/docs/topics/predictions/data-retention",
        checked=date(2026, 11, 23),
    ),
    requests_per_minute=600,
    # Official models are priced by output; of what ends without one, this alone is stated.
    bills=frozenset({Ending.CANCELLED_RUNNING}),
    bills_source="https://replicate.com/changelog/2025-10-16-prediction-deadlines",
    refusals="Replicate says what stopped predictions cost, and nothing of refused ones",
    unclear=frozenset({Ending.REFUSED, Ending.FAILED}),
)

_IMAGEN_END = datetime(2026, 8, 17, tzinfo=UTC)
_IMAGEN = (
    Ratio.SQUARE,
    Ratio.PORTRAIT_9_16,
    Ratio.LANDSCAPE_16_9,
    Ratio.PORTRAIT_3_4,
    Ratio.LANDSCAPE_4_3,
)
_ALL = tuple(Ratio)
_NO_TALL = tuple(ratio for ratio in Ratio if ratio is not Ratio.PORTRAIT_9_21)
_NO_ULTRAWIDE = tuple(ratio for ratio in _NO_TALL if ratio is not Ratio.LANDSCAPE_21_9)
_FOUR_TO_FIVE = ("4:5", "5:4")
_LONG = ("1280", "1365", "1434", "1536", "1707", "1820", "2048")
_RECRAFT_SIZES = (*map("{}x1024".format, _LONG), *map("1024x{}".format, _LONG))

_PROMPT = text("prompt", required=True)
_SEED = whole("seed", 0)
_SAFETY = choice(
    "safety_filter_level", "block_low_and_above", "block_medium_and_above", "block_only_high"
)
_PNG_OR_JPG = choice("output_format", "jpg", "png")
_ANY_FORMAT = choice("output_format", "webp", "jpg", "png")
_PNG: Settings = {"output_format": "png"}
_GUARDED: Settings = {**_PNG, "safety_filter_level": "block_only_high"}


def _imagen(suffix: str, title: str, rating: float, usd: str, successor: str) -> CatalogueModel:
    return CatalogueModel(
        key=f"imagen-4{suffix}",
        provider=PROVIDER,
        slug=f"google/imagen-4{suffix}",
        display_name=title,
        aspect_ratios=frozenset(_IMAGEN),
        max_prompt_length=1900,
        quality_rating=rating,
        inputs=Inputs(
            declared=(_PROMPT, aspect(_IMAGEN), _SAFETY, _PNG_OR_JPG),
            ratios=by_ratio(_IMAGEN),
            constants=_GUARDED,
        ),
        terms=TERMS,
        prices=(Price(Decimal(usd)),),
        retires_on=_IMAGEN_END,
        successor=successor,
    )


def _banana(
    suffix: str, title: str, rating: float, images: int, *fields: Field, constants: Settings
) -> CatalogueModel:
    """Return a model of that family; those with a field `resolution` know two qualities."""
    sized = any(field.name == "resolution" for field in fields)
    return CatalogueModel(
        key=f"nano-banana{suffix}",
        provider=PROVIDER,
        slug=f"google/nano-banana{suffix}",
        display_name=title,
        aspect_ratios=frozenset(_NO_TALL),
        supports_hd=sized,
        max_reference_images=images,
        quality_rating=rating,
        inputs=Inputs(
            declared=(_PROMPT, photos("image_input", images), _PNG_OR_JPG, *fields),
            ratios=by_ratio(_NO_TALL),
            qualities=by_quality("resolution", "1K", "2K") if sized else {},
            constants=constants,
            photos="image_input",
        ),
        terms=TERMS,
    )


_RATIOS = aspect(_NO_TALL, "match_input_image", *_FOUR_TO_FIVE)
_STRIPS = aspect(_NO_TALL, "match_input_image", *_FOUR_TO_FIVE, "1:4", "1:8", "4:1", "8:1")
_RESOLUTION = choice("resolution", "1K", "2K", "4K")
_SEARCH = flag("google_search"), flag("image_search")

GOOGLE = (
    replace(
        _banana(
            "-pro",
            "Nano Banana Pro",
            0.92,
            14,
            _RATIOS,
            _RESOLUTION,
            _SAFETY,
            flag("allow_fallback_model"),
            constants={**_GUARDED, "allow_fallback_model": False},
        ),
        prices=(Price(Decimal("0.15")),),
    ),
    _banana("-2", "Nano Banana 2", 0.86, 14, _STRIPS, _RESOLUTION, *_SEARCH, constants=_PNG),
    replace(
        _banana("", "Nano Banana", 0.75, 3, _RATIOS, constants=_PNG),
        retires_on=datetime(2026, 10, 2, tzinfo=UTC),
        successor="nano-banana-2",
    ),
    _imagen("-ultra", "Imagen 4 Ultra", 0.85, "0.06", "nano-banana-pro"),
    _imagen("", "Imagen 4", 0.8, "0.04", "nano-banana-2"),
    _imagen("-fast", "Imagen 4 Fast", 0.65, "0.02", "nano-banana-2"),
)

FLUX = (
    CatalogueModel(
        key="flux-2-pro",
        provider=PROVIDER,
        slug="black-forest-labs/flux-2-pro",
        display_name="FLUX.2 [pro]",
        aspect_ratios=frozenset(_NO_ULTRAWIDE),
        supports_seed=True,
        supports_hd=True,
        max_reference_images=8,
        quality_rating=0.87,
        inputs=Inputs(
            declared=(
                _PROMPT,
                photos("input_images", 8),
                aspect(_ALL, "match_input_image", "custom", *_FOUR_TO_FIVE),
                choice("resolution", "0.5 MP", "1 MP", "2 MP", "4 MP", "match_input_image"),
                whole("width", 256, 2048),
                whole("height", 256, 2048),
                whole("safety_tolerance", 1, 5),
                _SEED,
                _ANY_FORMAT,
                whole("output_quality", 0, 100),
            ),
            ratios=by_ratio(_NO_ULTRAWIDE),
            qualities=by_quality("resolution", "1 MP", "2 MP"),
            constants={**_PNG, "safety_tolerance": 2},
            seed="seed",
            photos="input_images",
        ),
        terms=TERMS,
    ),
    CatalogueModel(
        key="flux-1.1-pro-ultra",
        provider=PROVIDER,
        slug="black-forest-labs/flux-1.1-pro-ultra",
        display_name="FLUX1.1 [pro] ultra",
        aspect_ratios=frozenset(_ALL),
        supports_seed=True,
        supports_hd=True,
        max_reference_images=1,
        follows_influence=True,
        quality_rating=0.8,
        inputs=Inputs(
            declared=(
                _PROMPT,
                photo("image_prompt"),
                number("image_prompt_strength", 0, 1),
                aspect(_ALL, *_FOUR_TO_FIVE),
                flag("raw"),
                whole("safety_tolerance", 1, 6),
                _SEED,
                _PNG_OR_JPG,
            ),
            ratios=by_ratio(_ALL),
            constants={**_PNG, "safety_tolerance": 2, "raw": False},
            seed="seed",
            photos="image_prompt",
            influence=Influence("image_prompt_strength", 0.0, 1.0),
        ),
        terms=TERMS,
        prices=(Price(Decimal("0.06")),),
    ),
    CatalogueModel(
        key="flux-1.1-pro",
        provider=PROVIDER,
        slug="black-forest-labs/flux-1.1-pro",
        display_name="FLUX1.1 [pro]",
        aspect_ratios=frozenset(_NO_ULTRAWIDE),
        supports_seed=True,
        max_reference_images=1,
        quality_rating=0.75,
        inputs=Inputs(
            declared=(
                _PROMPT,
                photo("image_prompt"),
                aspect(_NO_ULTRAWIDE, "custom", *_FOUR_TO_FIVE),
                whole("width", 256, 1440),
                whole("height", 256, 1440),
                whole("safety_tolerance", 1, 6),
                _SEED,
                flag("prompt_upsampling"),
                _ANY_FORMAT,
                whole("output_quality", 0, 100),
            ),
            ratios=by_ratio(_NO_ULTRAWIDE),
            constants={**_PNG, "safety_tolerance": 2, "prompt_upsampling": False},
            seed="seed",
            photos="image_prompt",
        ),
        terms=TERMS,
        prices=(Price(Decimal("0.04")),),
    ),
    CatalogueModel(
        key="flux-schnell",
        provider=PROVIDER,
        slug="black-forest-labs/flux-schnell",
        display_name="FLUX.1 [schnell]",
        aspect_ratios=frozenset(_ALL),
        supports_seed=True,
        quality_rating=0.5,
        inputs=Inputs(
            declared=(
                _PROMPT,
                aspect(_ALL, *_FOUR_TO_FIVE),
                whole("num_outputs", 1, 4),
                whole("num_inference_steps", 1, 4),
                _SEED,
                _ANY_FORMAT,
                whole("output_quality", 0, 100),
                flag("disable_safety_checker"),
                flag("go_fast"),
                choice("megapixels", "1", "0.25"),
            ),
            ratios=by_ratio(_ALL),
            constants={**_PNG, "num_outputs": 1},
            seed="seed",
        ),
        terms=TERMS,
        prices=(Price(Decimal("0.003")),),
    ),
)


def _around_1024(ratio: Ratio) -> str:
    """Return the size of that ratio whose shorter side is 1024."""
    return "x".join(f"{1024 * side / min(ratio.terms):.0f}" for side in ratio.terms)


def _ideogram(tier: str, rating: float) -> CatalogueModel:
    other = ("1:3", "3:1", "1:2", "2:1", "10:16", "16:10", *_FOUR_TO_FIVE)
    return CatalogueModel(
        key=f"ideogram-v3-{tier}",
        provider=PROVIDER,
        slug=f"ideogram-ai/ideogram-v3-{tier}",
        display_name=f"Ideogram 3 {tier}",
        aspect_ratios=frozenset(_NO_ULTRAWIDE),
        supports_seed=True,
        quality_rating=rating,
        inputs=Inputs(
            declared=(
                _PROMPT,
                aspect(_NO_ULTRAWIDE, *other),
                choice("magic_prompt_option", "Auto", "On", "Off"),
                photo("image"),
                photo("mask"),
                choice("style_type", "None", "Auto", "General", "Realistic", "Design"),
                photos("style_reference_images", 3),
                *map(text, ("resolution", "style_preset")),
                whole("seed", 0, 2**31 - 1),
            ),
            ratios=by_ratio(_NO_ULTRAWIDE),
            # Its own rewriting would undo what the prompt was composed for.
            constants={"magic_prompt_option": "Off"},
            seed="seed",
        ),
        terms=TERMS,
    )


OTHERS = (
    CatalogueModel(
        key="stable-diffusion-3.5-large",
        provider=PROVIDER,
        slug="stability-ai/stable-diffusion-3.5-large",
        display_name="Stable Diffusion 3.5 Large",
        aspect_ratios=frozenset(_ALL),
        supports_negative_prompt=True,
        supports_seed=True,
        max_reference_images=1,
        follows_influence=True,
        quality_rating=0.62,
        inputs=Inputs(
            declared=(
                _PROMPT,
                text("negative_prompt"),
                aspect(_ALL, *_FOUR_TO_FIVE),
                number("cfg", 1, 10),
                photo("image"),
                number("prompt_strength", 0, 1),
                _SEED,
                _ANY_FORMAT,
            ),
            ratios=by_ratio(_ALL),
            constants=_PNG,
            negative="negative_prompt",
            seed="seed",
            photos="image",
            # Full influence still leaves room for the words.
            influence=Influence("prompt_strength", 1.0, 0.35),
        ),
        terms=TERMS,
        prices=(Price(Decimal("0.065")),),
    ),
    _ideogram("quality", 0.78),
    _ideogram("balanced", 0.74),
    _ideogram("turbo", 0.66),
    CatalogueModel(
        key="recraft-v3",
        provider=PROVIDER,
        slug="recraft-ai/recraft-v3",
        display_name="Recraft V3",
        aspect_ratios=frozenset(_NO_ULTRAWIDE),
        max_prompt_length=1000,
        quality_rating=0.72,
        format="image/webp",
        inputs=Inputs(
            declared=(
                _PROMPT,
                choice("size", "1024x1024", *_RECRAFT_SIZES),
                aspect(_NO_ULTRAWIDE, "Not set", *_FOUR_TO_FIVE),
                text("style"),
            ),
            ratios={ratio: {"size": _around_1024(ratio)} for ratio in _NO_ULTRAWIDE},
        ),
        terms=TERMS,
        prices=(Price(Decimal("0.04")),),
    ),
    CatalogueModel(
        key="seedream-4",
        provider=PROVIDER,
        slug="bytedance/seedream-4",
        display_name="Seedream 4",
        aspect_ratios=frozenset(_NO_TALL),
        supports_hd=True,
        max_reference_images=10,
        quality_rating=0.82,
        inputs=Inputs(
            declared=(
                text("prompt", required=True, most=4000),
                photos("image_input", 10),
                choice("size", "1K", "2K", "4K", "custom"),
                aspect(_NO_TALL, "match_input_image"),
                whole("width", 1024, 4096),
                whole("height", 1024, 4096),
                choice("sequential_image_generation", "disabled", "auto"),
                whole("max_images", 1, 15),
                flag("enhance_prompt"),
            ),
            ratios=by_ratio(_NO_TALL),
            qualities=by_quality("size", "2K", "4K"),
            constants={
                "sequential_image_generation": "disabled",
                "max_images": 1,
                "enhance_prompt": False,
            },
            photos="image_input",
        ),
        terms=TERMS,
    ),
)

MODELS = (*GOOGLE, *FLUX, *OTHERS)
