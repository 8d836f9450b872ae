"""The garment specification as the JSON that clients see and send."""

from typing import Any

from pipeline.spec import GarmentSpec, SpecColor, SpecDetail, SpecText


def as_record(spec: GarmentSpec) -> dict[str, Any]:
    """Return the spec as JSON with the keys of GraphQL's GarmentSpec, `raw` left out."""
    return {
        "version": spec.version,
        "garmentType": _text(spec.garment_type),
        "fabric": _text(spec.fabric),
        "colors": [_colour(colour) for colour in spec.colors],
        "pattern": _text(spec.pattern),
        "silhouette": _text(spec.silhouette),
        "aesthetic": _text(spec.aesthetic),
        "details": [{"name": detail.name, **_text(detail)} for detail in spec.details],
    }


def _text(field: SpecText | SpecDetail) -> dict[str, Any]:
    return {
        "value": field.value,
        "confidence": field.confidence,
        "source": field.source.value,
        "locked": field.locked,
    }


def _colour(colour: SpecColor) -> dict[str, Any]:
    return {
        "name": colour.name,
        "hex": colour.hex,
        "role": colour.role.value,
        "share": colour.share,
        "confidence": colour.confidence,
        "source": colour.source.value,
        "locked": colour.locked,
    }
