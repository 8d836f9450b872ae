"""The models that the twin of Replicate knows; inputs and prices as of 2026-11-23."""

from collections.abc import Iterable

from twin.inputs import Field, choice, flag, number, picture, pictures, text, whole
from twin.replicate.models import Model, by, flat, per_megapixel

_SAFETY = ("block_low_and_above", "block_medium_and_above", "block_only_high")
_IMAGEN = ("1:1", "9:16", "16:9", "3:4", "4:3")
_BANANA = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_WIDE = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
_FLUX = ("1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3")
_SEEDREAM = ("match_input_image", "1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9")
_IDEOGRAM = ("1:3", "3:1", "1:2", "2:1", "9:16", "16:9", "10:16", "16:10", "2:3", "3:2")
_LONG_SIDES = (1280, 1365, 1434, 1536, 1707, 1820, 2048)
_RECRAFT = (
    "1024x1024",
    *(size for long in _LONG_SIDES for size in (f"{long}x1024", f"1024x{long}")),
)
_SEED_MAX = 2**31 - 1
_PROMPT = text("prompt", required=True)


def _ratio(options: Iterable[str], default: str = "1:1") -> Field:
    return choice("aspect_ratio", default, options)


def _format(default: str, *others: str) -> Field:
    return choice("output_format", default, (default, *others))


def _imagen(name: str, usd: str, *more: Field) -> Model:
    return Model(
        slug=f"google/{name}",
        inputs=(
            _PROMPT,
            _ratio(_IMAGEN),
            choice("safety_filter_level", "block_only_high", _SAFETY),
            _format("jpg", "png"),
            *more,
        ),
        pricing=flat(usd),
        retired=True,
    )


_SIZES = choice("image_size", "1K", ("1K", "2K"))

GOOGLE = (
    _imagen("imagen-4-ultra", "0.06"),
    _imagen("imagen-4", "0.04", _SIZES),
    _imagen("imagen-4-fast", "0.02"),
    Model(
        slug="google/nano-banana-pro",
        inputs=(
            _PROMPT,
            pictures("image_input", 14),
            _ratio(("match_input_image", *_BANANA), "match_input_image"),
            choice("resolution", "2K", ("1K", "2K", "4K")),
            _format("jpg", "png"),
            choice("safety_filter_level", "block_only_high", _SAFETY),
            flag("allow_fallback_model"),
        ),
        pricing=by("resolution", {"1K": "0.15", "2K": "0.15", "4K": "0.30"}),
    ),
    Model(
        slug="google/nano-banana-2",
        inputs=(
            _PROMPT,
            pictures("image_input", 14),
            _ratio(("match_input_image", *_BANANA, "1:4", "1:8", "4:1", "8:1")),
            choice("resolution", "1K", ("1K", "2K", "4K")),
            _format("jpg", "png"),
            flag("google_search"),
            flag("image_search"),
        ),
        pricing=by("resolution", {"1K": "0.067", "2K": "0.101", "4K": "0.151"}),
    ),
    Model(
        slug="google/nano-banana",
        inputs=(
            _PROMPT,
            pictures("image_input", 3),
            _ratio(("match_input_image", *_BANANA), "match_input_image"),
            _format("jpg", "png"),
        ),
        pricing=flat("0.039"),
        retired=True,
    ),
)

_SAFETY_TOLERANCE = whole("safety_tolerance", 2, 1, 6)
_QUALITY = whole("output_quality", 80, 0, 100)
_SEED = whole("seed")


def _flux_2(name: str, images: int, *more: Field, usd: str, start: str = "0") -> Model:
    megapixels = ("0.5 MP", "1 MP", "2 MP", "4 MP", "match_input_image")
    return Model(
        slug=f"black-forest-labs/{name}",
        inputs=(
            _PROMPT,
            pictures("input_images", images),
            _ratio(("match_input_image", "custom", *_WIDE)),
            choice("resolution", "1 MP", megapixels),
            whole("width", None, 256, 2048),
            whole("height", None, 256, 2048),
            whole("safety_tolerance", 2, 1, 5),
            _SEED,
            _format("webp", "jpg", "png"),
            _QUALITY,
            *more,
        ),
        pricing=per_megapixel(usd, start),
    )


FLUX = (
    Model(
        slug="black-forest-labs/flux-1.1-pro",
        inputs=(
            _PROMPT,
            picture("image_prompt"),
            _ratio(("custom", *_FLUX)),
            whole("width", None, 256, 1440),
            whole("height", None, 256, 1440),
            _SAFETY_TOLERANCE,
            _SEED,
            flag("prompt_upsampling"),
            _format("webp", "jpg", "png"),
            _QUALITY,
        ),
        pricing=flat("0.04"),
    ),
    Model(
        slug="black-forest-labs/flux-1.1-pro-ultra",
        inputs=(
            _PROMPT,
            picture("image_prompt"),
            number("image_prompt_strength", 0.1, 0, 1),
            _ratio(_WIDE),
            flag("raw"),
            _SAFETY_TOLERANCE,
            _SEED,
            _format("jpg", "png"),
        ),
        pricing=flat("0.06"),
    ),
    _flux_2("flux-2-pro", 8, usd="0.015", start="0.015"),
    _flux_2(
        "flux-2-flex",
        10,
        whole("steps", 30, 1, 50),
        number("guidance", 4.5, 1.5, 10),
        flag("prompt_upsampling", default=True),
        usd="0.06",
    ),
    Model(
        slug="black-forest-labs/flux-schnell",
        inputs=(
            _PROMPT,
            _ratio(_WIDE),
            whole("num_outputs", 1, 1, 4),
            whole("num_inference_steps", 4, 1, 4),
            _SEED,
            _format("webp", "jpg", "png"),
            _QUALITY,
            flag("disable_safety_checker"),
            flag("go_fast", default=True),
            choice("megapixels", "1", ("1", "0.25")),
        ),
        pricing=flat("0.003"),
        listed=True,
    ),
)


def _ideogram(speed: str, usd: str) -> Model:
    return Model(
        slug=f"ideogram-ai/ideogram-v3-{speed}",
        inputs=(
            _PROMPT,
            _ratio((*_IDEOGRAM, "3:4", "4:3", "4:5", "5:4", "1:1")),
            text("resolution"),
            choice("magic_prompt_option", "Auto", ("Auto", "On", "Off")),
            picture("image"),
            picture("mask"),
            choice("style_type", None, ("None", "Auto", "General", "Realistic", "Design")),
            pictures("style_reference_images", 3),
            text("style_preset"),
            whole("seed", None, 0, _SEED_MAX),
        ),
        pricing=flat(usd),
    )


def _seedream(name: str, usd: str, sizes: tuple[str, ...], images: int, *more: Field) -> Model:
    return Model(
        slug=f"bytedance/{name}",
        inputs=(
            text("prompt", required=True, most=4000),
            pictures("image_input", images),
            choice("size", "2K", sizes),
            _ratio(_SEEDREAM, "match_input_image"),
            whole("width", 2048, 1024, 4096),
            whole("height", 2048, 1024, 4096),
            choice("sequential_image_generation", "disabled", ("disabled", "auto")),
            whole("max_images", 1, 1, 15),
            *more,
        ),
        pricing=flat(usd),
        listed=True,
    )


OTHERS = (
    Model(
        slug="stability-ai/stable-diffusion-3.5-large",
        inputs=(
            _PROMPT,
            text("negative_prompt"),
            _ratio(_WIDE),
            number("cfg", 5, 1, 10),
            picture("image"),
            number("prompt_strength", 0.85, 0, 1),
            _SEED,
            _format("webp", "jpg", "png"),
        ),
        pricing=flat("0.065"),
    ),
    _ideogram("quality", "0.09"),
    _ideogram("balanced", "0.06"),
    _ideogram("turbo", "0.03"),
    Model(
        slug="recraft-ai/recraft-v3",
        inputs=(
            _PROMPT,
            choice("size", "1024x1024", _RECRAFT),
            _ratio(("Not set", *_FLUX), "Not set"),
            text("style"),
        ),
        pricing=flat("0.04"),
    ),
    Model(
        slug="recraft-ai/recraft-v4",
        inputs=(
            text("prompt", required=True, most=10_000),
            choice("size", "1024x1024", _RECRAFT),
            _ratio(("Not set", *_FLUX), "Not set"),
        ),
        pricing=flat("0.04"),
    ),
    _seedream("seedream-4", "0.03", ("1K", "2K", "4K", "custom"), 10, flag("enhance_prompt")),
    _seedream("seedream-4.5", "0.04", ("2K", "4K", "custom"), 14, flag("disable_safety_checker")),
)

MODELS = {model.slug: model for model in (*GOOGLE, *FLUX, *OTHERS)}
VERSIONS = {model.version: model for model in MODELS.values()}
