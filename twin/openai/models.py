"""The models that the twin of OpenAI knows; lifecycle and prices as of 2026-11-23."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from twin.inputs import Field, choice, flag, text, whole

MILLION = 1_000_000
_SIZES = ("1024x1024", "1536x1024", "1024x1536", "auto")
_QUALITIES = ("low", "medium", "high", "auto")
_SHARED = (
    text("model", required=True),
    flag("stream"),
    whole("partial_images", 0, 0, 3),
    text("user"),
    text("safety_identifier"),
)
_GPT = (
    *_SHARED,
    text("prompt", required=True, most=32_000),
    whole("n", 1, 1, 10),
    choice("background", "auto", ("transparent", "opaque", "auto")),
    choice("output_format", "png", ("png", "jpeg", "webp")),
    whole("output_compression", 100, 0, 100),
)
_MODERATION = choice("moderation", "auto", ("auto", "low"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """US dollars for a million tokens."""

    text_in: Decimal
    image_in: Decimal
    out: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageModel:
    """A model of the Images API, billed by tokens, or by picture where `usd` says so.

    `usd` is keyed by "size" or "quality size"; `free_sizes` takes any size within the bounds.
    """

    name: str
    generates: tuple[Field, ...]
    edits: tuple[Field, ...] = ()
    rates: Rates | None = None
    usd: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    free_sizes: bool = False
    old_tokens: bool = False
    shutdown: date | None = None


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A model of the Responses API, which sees pictures and answers by a schema."""

    name: str
    usd_in: Decimal
    usd_out: Decimal
    shutdown: date | None = None


def gone(model: ImageModel | LanguageModel, today: date) -> bool:
    """Say whether a model is shut down."""
    return model.shutdown is not None and today >= model.shutdown


def _rates(text_in: str, image_in: str, out: str) -> Rates:
    return Rates(text_in=Decimal(text_in), image_in=Decimal(image_in), out=Decimal(out))


def _fixed(name: str, rates: Rates, shutdown: date, *edit: Field) -> ImageModel:
    fields = (*_GPT, choice("size", "auto", _SIZES), choice("quality", "auto", _QUALITIES))
    return ImageModel(
        name=name,
        generates=(*fields, _MODERATION),
        edits=(*fields, *edit),
        rates=rates,
        old_tokens=True,
        shutdown=shutdown,
    )


def _free(name: str, *more: Field, finer: bool = True) -> ImageModel:
    qualities = (*_QUALITIES, "xhigh", "max") if finer else _QUALITIES
    fields = (*_GPT, text("size"), choice("quality", "auto", qualities), *more)
    return ImageModel(
        name=name,
        generates=(*fields, _MODERATION),
        edits=fields,
        rates=_rates("5", "8", "30"),
        free_sizes=True,
    )


def _dall_e(name: str, sizes: Mapping[str, str], *fields: Field) -> ImageModel:
    formats = choice("response_format", "url", ("url", "b64_json"))
    return ImageModel(
        name=name,
        generates=(text("model", required=True), text("user"), formats, *fields),
        usd={size: Decimal(usd) for size, usd in sizes.items()},
        shutdown=date(2026, 5, 12),
    )


_FIDELITY = choice("input_fidelity", None, ("high", "low"))
_COMPLEXITY = choice("complexity", None, ("low", "medium", "high"))
_OLD_END = date(2026, 12, 1)

IMAGES = (
    _free("gpt-image-2.6-sunburst", _COMPLEXITY),
    _free("gpt-image-2.6-flare", _COMPLEXITY),
    _free("gpt-image-2.5-sunburst"),
    _free("gpt-image-2.5-flare"),
    _free("gpt-image-2", finer=False),
    _fixed("gpt-image-1.5", _rates("5", "8", "32"), _OLD_END, _FIDELITY),
    _fixed("gpt-image-1-mini", _rates("2", "2.5", "8"), _OLD_END, _FIDELITY),
    _fixed("gpt-image-1", _rates("5", "10", "40"), date(2026, 10, 23), _FIDELITY),
    _dall_e(
        "dall-e-3",
        {
            "standard 1024x1024": "0.04",
            "standard 1792x1024": "0.08",
            "standard 1024x1792": "0.08",
            "hd 1024x1024": "0.08",
            "hd 1792x1024": "0.12",
            "hd 1024x1792": "0.12",
        },
        text("prompt", required=True, most=4000),
        whole("n", 1, 1, 1),
        choice("size", "1024x1024", ("1024x1024", "1792x1024", "1024x1792")),
        choice("quality", "standard", ("standard", "hd")),
        choice("style", "vivid", ("vivid", "natural")),
    ),
    _dall_e(
        "dall-e-2",
        {"256x256": "0.016", "512x512": "0.018", "1024x1024": "0.02"},
        text("prompt", required=True, most=1000),
        whole("n", 1, 1, 10),
        choice("size", "1024x1024", ("256x256", "512x512", "1024x1024")),
    ),
)


def _language(name: str, usd_in: str, usd_out: str, shutdown: date | None = None) -> LanguageModel:
    return LanguageModel(name, Decimal(usd_in), Decimal(usd_out), shutdown)


LANGUAGES = (
    _language("gpt-6-luna", "0.10", "0.50"),
    _language("gpt-6.1-terra", "1", "5"),
    _language("gpt-6.1-sol", "2", "10"),
    _language("gpt-6-sol", "2", "10"),
    _language("gpt-6-astra", "10", "50"),
    _language("gpt-5.6-luna", "0.20", "1.20"),
    _language("gpt-5.4-mini", "0.75", "4.50"),
    _language("gpt-5.1", "1.25", "10", date(2027, 4, 1)),
    _language("gpt-4.1", "2", "8", date(2027, 1, 14)),
    _language("gpt-4.1-mini", "0.40", "1.60", date(2027, 1, 14)),
    _language("gpt-4o", "2.50", "10", date(2027, 1, 14)),
    _language("gpt-4o-mini", "0.15", "0.60", date(2027, 1, 14)),
    _language("gpt-5", "1.25", "10", date(2026, 12, 11)),
    _language("gpt-5-mini", "0.25", "2", date(2026, 12, 11)),
)
