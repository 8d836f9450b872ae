"""One reading of a photo completed by another, where the first is unsure."""

from dataclasses import replace
from typing import Final

from pipeline.spec import GarmentSpec, SpecDetail, SpecText

SURE: Final = 0.7
"""Below this calibrated confidence a second opinion is worth its price."""


def unsure(spec: GarmentSpec) -> bool:
    """Tell whether there is anything to ask."""
    colours = all(colour.confidence >= SURE for colour in spec.colors)
    return not (spec.colors and colours) or not all(map(_settled, _texts(spec)))


def completed(spec: GarmentSpec, other: GarmentSpec) -> GarmentSpec:
    """Return `spec` with what `other` saw in place of what was unsure or not visible.

    Where that makes it another garment, the first one's details go with it.
    """
    kind = _better(spec.garment_type, other.garment_type)
    same = kind.value == spec.garment_type.value
    clear = [colour for colour in spec.colors if colour.confidence >= SURE]
    return replace(
        spec,
        garment_type=kind,
        fabric=_better(spec.fabric, other.fabric),
        pattern=_better(spec.pattern, other.pattern),
        silhouette=_better(spec.silhouette, other.silhouette),
        aesthetic=_better(spec.aesthetic, other.aesthetic),
        colors=spec.colors if clear or not other.colors else other.colors,
        details=_details(spec.details if same else (), other.details),
    )


def _texts(spec: GarmentSpec) -> tuple[SpecText, ...]:
    return spec.garment_type, spec.fabric, spec.pattern, spec.silhouette, spec.aesthetic


def _settled(field: SpecText) -> bool:
    return field.locked or (field.value is not None and field.confidence >= SURE)


def _better(own: SpecText, other: SpecText) -> SpecText:
    if _settled(own) or other.value is None:
        return own
    return other if own.value is None or other.confidence > own.confidence else own


def _details(own: tuple[SpecDetail, ...], other: tuple[SpecDetail, ...]) -> tuple[SpecDetail, ...]:
    seen = {detail.name: detail for detail in other}
    kept = [detail for detail in own if not _replaced(detail, seen.get(detail.name))]
    names = {detail.name for detail in kept}
    return (*kept, *(detail for detail in other if detail.name not in names))


def _replaced(own: SpecDetail, other: SpecDetail | None) -> bool:
    sure = own.value is not None and own.confidence >= SURE
    return other is not None and not own.locked and not sure and other.confidence > own.confidence
