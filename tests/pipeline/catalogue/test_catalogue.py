"""The models as data."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipeline.catalogue.embedded import SKETCH
from pipeline.catalogue.model import CatalogueModel, ModelAvailability, availability
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import AspectRatio, Quality
from pipeline.ratios import nearest

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEYS = {model.key for model in SHIPPED.models}


def test_keys_slugs_and_aliases_are_unambiguous() -> None:
    assert len(KEYS) == len(SHIPPED.models)
    assert len({model.slug for model in SHIPPED.models}) == len(SHIPPED.models)
    assert set(SHIPPED.aliases.values()) <= KEYS
    assert not set(SHIPPED.aliases) & KEYS


def test_successors_are_alive_and_retired_models_have_one() -> None:
    for model in SHIPPED.models:
        if model.retires_on:
            successor = SHIPPED.find(model.successor or "")
            assert successor, model.key
            assert successor.retires_on is None


def test_figures_are_in_range() -> None:
    for model in SHIPPED.models:
        assert model.aspect_ratios
        assert model.quality_rating is None or 0 <= model.quality_rating <= 1
        assert all(price.usd > 0 for price in model.prices if model.provider != "embedded")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("sketch", "sketch"),
        ("google-imagen", "imagen-4-ultra"),
        (" Google-Imagen ", "imagen-4-ultra"),
        ("google/nano-banana-pro", "nano-banana-pro"),
        ("ideogram-v3", "ideogram-v3-balanced"),
        ("DALL-E-3", "dall-e-3"),
        ("gpt image", "gpt-image-2.6-flare"),
        ("gpt-image-2.5", "gpt-image-2.5-flare"),
    ],
)
def test_models_are_found_by_key_slug_and_alias(name: str, key: str) -> None:
    model = SHIPPED.find(name)
    assert model
    assert model.key == key


@pytest.mark.parametrize("name", ["", "nothing", "imagen-5", "gpt-image-9"])
def test_an_unknown_name_is_not_found(name: str) -> None:
    assert SHIPPED.find(name) is None


def test_the_sketch_is_free_and_makes_every_ratio() -> None:
    assert SKETCH.aspect_ratios == frozenset(AspectRatio)
    assert {SKETCH.price(q, r) for q in Quality for r in AspectRatio} == {Decimal(0)}


def test_prices_depend_on_quality_and_ratio_and_are_null_where_unknown() -> None:
    model = SHIPPED.find("gpt-image-2.5-flare")
    assert model
    assert model.price(Quality.STANDARD, AspectRatio.SQUARE) == Decimal("0.01317")
    assert model.price(Quality.HD, AspectRatio.PORTRAIT_2_3) == Decimal("0.04116")
    assert model.price(Quality.HD, AspectRatio.LANDSCAPE_21_9) == Decimal("0.03252")
    unknown = SHIPPED.find("seedream-4")
    assert unknown
    assert unknown.price(Quality.STANDARD, AspectRatio.SQUARE) is None


@pytest.mark.parametrize("model", [model for model in SHIPPED.models if model.prices])
def test_a_ratio_that_is_cut_from_another_has_its_price(model: CatalogueModel) -> None:
    for quality in Quality:
        for ratio in AspectRatio:
            price = model.price(quality, ratio)
            assert price == model.price(quality, nearest(ratio, model.aspect_ratios))
            assert price is not None


def test_a_photo_and_words_cost_as_many_tokens_as_they_have() -> None:
    model = SHIPPED.find("gpt-image-2.6-flare")
    assert model
    bare = model.price(Quality.STANDARD, AspectRatio.SQUARE)
    sent = model.price(Quality.STANDARD, AspectRatio.SQUARE, photos=1, characters=400)
    assert bare is not None
    assert sent is not None
    assert sent - bare == Decimal("0.002584") + Decimal("0.0005")


def test_models_beside_the_images_are_on_record_and_not_on_offer() -> None:
    assert SHIPPED.find("gpt-6-luna") is None
    recorded = SHIPPED.recorded("gpt-6-luna")
    assert recorded is not None
    assert (recorded.provider, recorded.display_name) == ("openai", "GPT 6 luna")
    assert SHIPPED.recorded("sketch") == SKETCH
    assert SHIPPED.recorded("nothing") is None


def test_sizes_at_openai_are_legal() -> None:
    for key in ("gpt-image-2", "gpt-image-2.6-sunburst"):
        model = SHIPPED.find(key)
        assert model is not None
        assert model.inputs is not None
        assert set(model.inputs.ratios) == set(AspectRatio)
        for ratio, settings in model.inputs.ratios.items():
            width, height = map(int, str(settings["size"]).split("x"))
            across, down = ratio.terms
            assert width * down == height * across
            assert width % 16 == height % 16 == 0
            assert 655_360 <= width * height <= 8_294_400


@pytest.mark.parametrize(
    ("key", "formats"),
    [
        ("flux-1.1-pro", ("image/webp", "image/jpeg", "image/png")),
        ("nano-banana-pro", ("image/jpeg", "image/png")),
        ("gpt-image-2", ("image/png", "image/jpeg", "image/webp")),
        ("recraft-v3", ("image/webp",)),
        ("sketch", ("image/png",)),
    ],
)
def test_a_model_makes_what_it_can_be_asked_for(key: str, formats: tuple[str, ...]) -> None:
    found = SHIPPED.find(key)
    assert found
    assert found.formats == formats


def standing(key: str, configured: frozenset[str], now: datetime) -> ModelAvailability:
    model = SHIPPED.find(key)
    assert model
    return availability(model, configured, now, frozenset({"broken"}))


def test_availability() -> None:
    keys = frozenset({"openai"})
    assert standing("sketch", frozenset(), NOW) is ModelAvailability.AVAILABLE
    assert standing("flux-schnell", keys, NOW) is ModelAvailability.UNCONFIGURED
    assert standing("gpt-image-2", keys, NOW) is ModelAvailability.AVAILABLE
    assert standing("imagen-4-ultra", frozenset({"replicate"}), NOW) is ModelAvailability.RETIRED
    assert availability(SKETCH, keys, NOW, frozenset({"embedded"})) is ModelAvailability.DEGRADED


def test_a_model_retires_on_its_day() -> None:
    keys = frozenset({"openai"})
    end = datetime(2026, 12, 1, tzinfo=UTC)
    assert standing("gpt-image-1.5", keys, end - timedelta(seconds=1)) == "AVAILABLE"
    assert standing("gpt-image-1.5", keys, end) == "RETIRED"
