"""Reading one field of a given specification, in any of the shapes it comes in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import InvalidInput
from pipeline.fashion.reading import canonical
from pipeline.records.json_values import Json, JsonObject
from pipeline.spec import NOT_VISIBLE, SpecDetail, SpecSource, SpecText

LONGEST_TEXT = 200
MOST_DETAILS = 40

_VALUE_KEYS = ("value", "type", "name", "primary", "main")


@dataclass(frozen=True, slots=True)
class Given:
    """A designer's words for one field; no text: the field was left open."""

    text: str | None
    confidence: float = 1.0
    locked: bool = True


def plain_key(key: str) -> str:
    """Return a key in lower case without separators: garment_type is garmentType."""
    return re.sub(r"[^a-z0-9]", "", key.lower())


def read_given(value: Json, field: str) -> Given:
    """Read "silk", ["silk", "cotton"], {"type": "silk"} or {"value": "silk", "confidence": 0.9}.

    Raises `InvalidInput` on anything else.
    """
    if isinstance(value, dict):
        return _read_object(value, field)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return Given(_text(" and ".join(map(str, value)), field))
    if value is None or isinstance(value, str):
        return Given(_text(value or "", field))
    raise InvalidInput(f"{field} should be a text or an object with a value.", field=field)


def as_text(given: Given, slot: str) -> SpecText:
    """Return the designer's word, in the lexicon's spelling where it is in the lexicon."""
    if given.text is None:
        return NOT_VISIBLE
    text = canonical(slot, given.text)
    return SpecText(text, given.confidence, SpecSource.DESIGNER, locked=given.locked)


def as_detail(given: Given, name: str) -> SpecDetail:
    """Return the designer's word as a detail."""
    text = as_text(given, name)
    return SpecDetail(name, text.value, text.confidence, text.source, locked=text.locked)


def read_details(value: Json, field: str) -> Iterator[tuple[str, Given]]:
    """Yield the details of {"neckline": "v-neck"} or [{"name": "neckline", "value": "v-neck"}]."""
    if isinstance(value, dict):
        pairs = [(name, inner, f"{field}.{name}") for name, inner in value.items()]
    elif isinstance(value, list):
        pairs = [_named(item, f"{field}[{i}]") for i, item in enumerate(value)]
    else:
        raise InvalidInput(f"{field} should be an object or a list.", field=field)
    if len(pairs) > MOST_DETAILS:
        raise InvalidInput(f"{field} has more than {MOST_DETAILS} entries.", field=field)
    for name, inner, path in pairs:
        if isinstance(inner, bool):
            if inner:
                yield name, Given(name)
        else:
            yield name, read_given(inner, path)


def number_in_unit(value: Json, field: str) -> float:
    """Return a number in 0..1; raise `InvalidInput` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidInput(f"{field} should be a number from 0 to 1.", field=field)
    return float(value)


def _read_object(value: JsonObject, field: str) -> Given:
    key = next((key for key in _VALUE_KEYS if key in value), None)
    if key is None:
        names = ", ".join(_VALUE_KEYS[:3])
        raise InvalidInput(f"{field} needs one of {names}.", field=field)
    text = read_given(value[key], f"{field}.{key}").text
    confidence = value.get("confidence")
    sure = 1.0 if confidence is None else number_in_unit(confidence, f"{field}.confidence")
    return Given(text, sure, locked=value.get("locked") is not False)


def _named(item: Json, field: str) -> tuple[str, Json, str]:
    name = item.get("name") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(name, str) or not name.strip():
        message = f"{field} should be an object with a name and a value."
        raise InvalidInput(message, field=field)
    return name, {"value": None, **item}, field


def _text(value: str, field: str) -> str | None:
    text = " ".join(value.split())
    if len(text) > LONGEST_TEXT:
        message = f"{field} is longer than {LONGEST_TEXT} characters."
        raise InvalidInput(message, field=field)
    return text or None
