"""The garment specification as the JSON that clients see and send."""

from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import InvalidInput
from pipeline.records.json_values import Json, JsonObject, checked_json
from pipeline.records.parts import Reading, read_record
from pipeline.records.schema import spec_schema
from pipeline.spec import GarmentSpec, SpecColor, SpecDetail, SpecText

__all__ = ["SpecReading", "as_record", "read_spec", "spec_schema"]

MOST_BYTES = 64 * 1024
MOST_LEVELS = 12


@dataclass(frozen=True, slots=True)
class SpecReading:
    """A specification as it was understood, and what there is to say about it."""

    spec: GarmentSpec
    warnings: tuple[str, ...]


def read_spec(given: Any, index: int = 0) -> SpecReading:
    """Read one record, or record `index` of {"records": [...]}.

    What is given is the designer's: confidence 1 unless it says otherwise, and locked. Raises
    `InvalidInput` that names the field.
    """
    whole = checked_json(given, "spec", most_bytes=MOST_BYTES, most_levels=MOST_LEVELS)
    if not isinstance(whole, dict):
        raise InvalidInput("spec must be a JSON object.", field="spec")
    record, field, warnings = _chosen(whole, index)
    reading = Reading(field)
    spec = read_record(record, reading)
    if spec == GarmentSpec():
        known = "garmentType, fabric, colors, pattern, silhouette, style or details"
        odd = "".join(f" Not understood: {idle}" for idle in reading.idles[:1])
        message = f"{field} says nothing about a garment: give it {known}.{odd}"
        raise InvalidInput(message, field=field)
    return SpecReading(replace(spec, raw=whole), (*warnings, *reading.warnings))


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


def _chosen(whole: JsonObject, index: int) -> tuple[JsonObject, str, list[str]]:
    """Return the record that is meant, its path, and warnings about what is beside it."""
    if "records" not in whole:
        if index:
            message = "recordIndex points into records, and spec has none."
            raise InvalidInput(message, field="recordIndex")
        return whole, "spec", []
    records = whole["records"]
    if not isinstance(records, list) or not records:
        raise InvalidInput("spec.records should be a list with a record.", field="spec.records")
    if not 0 <= index < len(records):
        found = "1 record" if len(records) == 1 else f"{len(records)} records"
        message = f"recordIndex counts from 0 and is {index}; spec.records has {found}."
        raise InvalidInput(message, field="recordIndex")
    field = f"spec.records[{index}]"
    record = records[index]
    if not isinstance(record, dict):
        raise InvalidInput(f"{field} should be a JSON object.", field=field)
    beside = [f"spec.{key} was kept but means nothing to the pipeline" for key in whole]
    beside.remove("spec.records was kept but means nothing to the pipeline")
    return record, field, [*beside, *_unused(records, index)]


def _unused(records: list[Json], index: int) -> list[str]:
    others = [str(i + 1) for i in range(len(records)) if i != index]
    if len(others) > 1:
        shown = others if len(others) <= 5 else [*others[:2], "…", others[-1]]
        return [f"Records {', '.join(shown[:-1])} and {shown[-1]} were not used"]
    return [f"Record {others[0]} was not used"] if others else []


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
