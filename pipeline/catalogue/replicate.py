"""Models at Replicate; schemas and prices as of 2026-11-23."""

from datetime import UTC, datetime
from decimal import Decimal

from pipeline.catalogue.model import CatalogueModel, Price
from pipeline.domain import AspectRatio as Ratio

_PROVIDER = "replicate"
_IMAGEN_END = datetime(2026, 8, 17, tzinfo=UTC)
_IMAGEN = frozenset(
    {
        Ratio.SQUARE,
        Ratio.PORTRAIT_9_16,
        Ratio.LANDSCAPE_16_9,
        Ratio.PORTRAIT_3_4,
        Ratio.LANDSCAPE_4_3,
    }
)
_NO_TALL = frozenset(Ratio) - {Ratio.PORTRAIT_9_21}
_NO_ULTRAWIDE = _NO_TALL - {Ratio.LANDSCAPE_21_9}

GOOGLE = (
    CatalogueModel(
        key="nano-banana-pro",
        provider=_PROVIDER,
        slug="google/nano-banana-pro",
        display_name="Nano Banana Pro",
        aspect_ratios=_NO_TALL,
        supports_hd=True,
        max_reference_images=14,
        quality_rating=0.92,
        prices=(Price(Decimal("0.15")),),
    ),
    CatalogueModel(
        key="nano-banana-2",
        provider=_PROVIDER,
        slug="google/nano-banana-2",
        display_name="Nano Banana 2",
        aspect_ratios=_NO_TALL,
        supports_hd=True,
        max_reference_images=14,
        quality_rating=0.86,
    ),
    CatalogueModel(
        key="nano-banana",
        provider=_PROVIDER,
        slug="google/nano-banana",
        display_name="Nano Banana",
        aspect_ratios=_NO_TALL,
        quality_rating=0.75,
        retires_on=datetime(2026, 10, 2, tzinfo=UTC),
        successor="nano-banana-2",
    ),
    CatalogueModel(
        key="imagen-4-ultra",
        provider=_PROVIDER,
        slug="google/imagen-4-ultra",
        display_name="Imagen 4 Ultra",
        aspect_ratios=_IMAGEN,
        max_prompt_length=1900,
        quality_rating=0.85,
        prices=(Price(Decimal("0.06")),),
        retires_on=_IMAGEN_END,
        successor="nano-banana-pro",
    ),
    CatalogueModel(
        key="imagen-4",
        provider=_PROVIDER,
        slug="google/imagen-4",
        display_name="Imagen 4",
        aspect_ratios=_IMAGEN,
        max_prompt_length=1900,
        quality_rating=0.8,
        prices=(Price(Decimal("0.04")),),
        retires_on=_IMAGEN_END,
        successor="nano-banana-2",
    ),
    CatalogueModel(
        key="imagen-4-fast",
        provider=_PROVIDER,
        slug="google/imagen-4-fast",
        display_name="Imagen 4 Fast",
        aspect_ratios=_IMAGEN,
        max_prompt_length=1900,
        quality_rating=0.65,
        prices=(Price(Decimal("0.02")),),
        retires_on=_IMAGEN_END,
        successor="nano-banana-2",
    ),
)

FLUX = (
    CatalogueModel(
        key="flux-2-pro",
        provider=_PROVIDER,
        slug="black-forest-labs/flux-2-pro",
        display_name="FLUX.2 [pro]",
        aspect_ratios=_NO_ULTRAWIDE,
        supports_seed=True,
        supports_hd=True,
        max_reference_images=8,
        quality_rating=0.87,
    ),
    CatalogueModel(
        key="flux-1.1-pro-ultra",
        provider=_PROVIDER,
        slug="black-forest-labs/flux-1.1-pro-ultra",
        display_name="FLUX1.1 [pro] ultra",
        aspect_ratios=frozenset(Ratio),
        supports_seed=True,
        supports_hd=True,
        max_reference_images=1,
        follows_influence=True,
        quality_rating=0.8,
        prices=(Price(Decimal("0.06")),),
    ),
    CatalogueModel(
        key="flux-1.1-pro",
        provider=_PROVIDER,
        slug="black-forest-labs/flux-1.1-pro",
        display_name="FLUX1.1 [pro]",
        aspect_ratios=_NO_ULTRAWIDE,
        supports_seed=True,
        max_reference_images=1,
        quality_rating=0.75,
        prices=(Price(Decimal("0.04")),),
    ),
    CatalogueModel(
        key="flux-schnell",
        provider=_PROVIDER,
        slug="black-forest-labs/flux-schnell",
        display_name="FLUX.1 [schnell]",
        aspect_ratios=frozenset(Ratio),
        supports_seed=True,
        quality_rating=0.5,
        prices=(Price(Decimal("0.003")),),
    ),
)

OTHERS = (
    CatalogueModel(
        key="stable-diffusion-3.5-large",
        provider=_PROVIDER,
        slug="stability-ai/stable-diffusion-3.5-large",
        display_name="Stable Diffusion 3.5 Large",
        aspect_ratios=frozenset(Ratio),
        supports_negative_prompt=True,
        supports_seed=True,
        max_reference_images=1,
        follows_influence=True,
        quality_rating=0.62,
        prices=(Price(Decimal("0.065")),),
    ),
    *(
        CatalogueModel(
            key=f"ideogram-v3-{tier}",
            provider=_PROVIDER,
            slug=f"ideogram-ai/ideogram-v3-{tier}",
            display_name=f"Ideogram 3 {tier}",
            aspect_ratios=_NO_ULTRAWIDE,
            supports_seed=True,
            quality_rating=rating,
        )
        for tier, rating in (("quality", 0.78), ("balanced", 0.74), ("turbo", 0.66))
    ),
    CatalogueModel(
        key="recraft-v3",
        provider=_PROVIDER,
        slug="recraft-ai/recraft-v3",
        display_name="Recraft V3",
        aspect_ratios=_NO_ULTRAWIDE,
        quality_rating=0.72,
        prices=(Price(Decimal("0.04")),),
    ),
    CatalogueModel(
        key="seedream-4",
        provider=_PROVIDER,
        slug="bytedance/seedream-4",
        display_name="Seedream 4",
        aspect_ratios=_NO_TALL,
        supports_hd=True,
        max_reference_images=10,
        quality_rating=0.82,
    ),
)

MODELS = (*GOOGLE, *FLUX, *OTHERS)
