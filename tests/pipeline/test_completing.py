"""One reading completed by another."""

import pytest

from pipeline.completing import completed, unsure
from pipeline.spec import (
    NOT_VISIBLE,
    ColorRole,
    GarmentSpec,
    SpecColor,
    SpecDetail,
    SpecSource,
    SpecText,
)


def seen(value: str, confidence: float = 0.9, *, locked: bool = False) -> SpecText:
    return SpecText(value, confidence, SpecSource.ANALYSIS, locked)


def hosted(value: str, confidence: float = 0.8) -> SpecText:
    return SpecText(value, confidence, SpecSource.HOSTED)


def colour(name: str, confidence: float = 0.9) -> SpecColor:
    return SpecColor(name, "#112233", ColorRole.PRIMARY, 1.0, confidence, SpecSource.ANALYSIS)


def detail(name: str, value: str, source: SpecSource, confidence: float = 0.8) -> SpecDetail:
    return SpecDetail(name, value, confidence, source)


SURE = GarmentSpec(
    garment_type=seen("dress"),
    fabric=seen("silk"),
    pattern=seen("solid"),
    silhouette=seen("a-line"),
    aesthetic=seen("romantic"),
    colors=(colour("navy"),),
)


def test_what_is_clear_is_not_asked() -> None:
    assert not unsure(SURE)


@pytest.mark.parametrize(
    "spec",
    [
        GarmentSpec(),
        GarmentSpec(garment_type=seen("dress")),
        GarmentSpec(
            garment_type=seen("dress"),
            fabric=seen("silk", 0.69),
            pattern=seen("solid"),
            silhouette=seen("a-line"),
            aesthetic=seen("romantic"),
            colors=(colour("navy"),),
        ),
    ],
)
def test_what_is_not_seen_or_uncertain_is_asked(spec: GarmentSpec) -> None:
    assert unsure(spec)


def test_only_what_was_unsure_is_taken_over_and_marked() -> None:
    own = GarmentSpec(garment_type=seen("dress"), fabric=seen("cotton", 0.5), pattern=NOT_VISIBLE)
    other = GarmentSpec(
        garment_type=hosted("skirt"), fabric=hosted("linen"), pattern=hosted("striped")
    )
    spec = completed(own, other)
    assert spec.garment_type == own.garment_type
    assert (spec.fabric, spec.pattern) == (other.fabric, other.pattern)
    assert spec.fabric.source is SpecSource.HOSTED
    assert spec.silhouette is NOT_VISIBLE


def test_a_less_certain_opinion_and_a_locked_field_change_nothing() -> None:
    own = GarmentSpec(fabric=seen("cotton", 0.6), pattern=seen("solid", 0.1, locked=True))
    other = GarmentSpec(fabric=hosted("linen", 0.5), pattern=hosted("striped"))
    assert completed(own, other) == own


def test_colours_are_taken_where_none_is_clear() -> None:
    other = GarmentSpec(colors=(colour("red"),))
    assert completed(GarmentSpec(), other).colors == other.colors
    assert completed(GarmentSpec(colors=(colour("blue", 0.4),)), other).colors == other.colors
    assert completed(SURE, other).colors == SURE.colors


def test_details_are_joined_by_their_names() -> None:
    own = GarmentSpec(
        garment_type=seen("dress"),
        details=(
            detail("neckline", "v-neck", SpecSource.INFERRED, 0.5),
            detail("length", "midi", SpecSource.ANALYSIS, 0.9),
        ),
    )
    other = GarmentSpec(
        details=(
            detail("neckline", "boat neck", SpecSource.HOSTED),
            detail("length", "maxi", SpecSource.HOSTED),
            detail("closure", "zip", SpecSource.HOSTED),
        ),
    )
    found = {one.name: one.value for one in completed(own, other).details}
    assert found == {"neckline": "boat neck", "length": "midi", "closure": "zip"}


def test_another_garment_brings_details_of_its_own() -> None:
    own = GarmentSpec(
        garment_type=seen("shirt", 0.4),
        details=(detail("subtype", "polo", SpecSource.ANALYSIS, 0.8),),
    )
    other = GarmentSpec(garment_type=hosted("dress"))
    assert completed(own, other).details == ()
