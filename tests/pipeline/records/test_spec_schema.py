"""The JSON Schema agrees with what is read, and the documentation with both."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InvalidInput
from pipeline.records.reading import read_spec, spec_schema

DOCS = Path(__file__).parents[3] / "docs" / "garment-spec.md"
EXAMPLES = re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "null": (type(None),),
    "number": (int, float),
    "boolean": (bool,),
}


def is_type(value: Any, names: str | list[str]) -> bool:
    listed = [names] if isinstance(names, str) else names
    if isinstance(value, bool):
        return "boolean" in listed
    return any(isinstance(value, TYPES[name]) for name in listed)


def fits(value: Any, schema: Any, root: dict[str, Any]) -> bool:
    """Validate by the keywords that our schema uses; raises KeyError on any other."""
    if isinstance(schema, bool):
        return schema
    return all(
        keyword in ("$schema", "$defs", "title", "description")
        or KEYWORDS[keyword](value, inner, schema, root)
        for keyword, inner in schema.items()
    )


def refers(value: Any, inner: str, _schema: Any, root: dict[str, Any]) -> bool:
    return fits(value, root["$defs"][inner.rsplit("/", 1)[-1]], root)


def has_items(value: Any, inner: Any, _schema: Any, root: dict[str, Any]) -> bool:
    return not isinstance(value, list) or all(fits(item, inner, root) for item in value)


def has_properties(value: Any, inner: Any, _schema: Any, root: dict[str, Any]) -> bool:
    return not isinstance(value, dict) or all(
        fits(value[key], inner[key], root) for key in inner.keys() & value.keys()
    )


def has_others(value: Any, inner: Any, schema: Any, root: dict[str, Any]) -> bool:
    return not isinstance(value, dict) or all(
        fits(value[key], inner, root) for key in value.keys() - schema.get("properties", {}).keys()
    )


def sized(kind: type[Any], low: int, high: float, value: Any) -> bool:
    return type(value) is not kind or low <= len(value) <= high


KEYWORDS: dict[str, Any] = {
    "$ref": refers,
    "type": lambda value, inner, *_: is_type(value, inner),
    "enum": lambda value, inner, *_: value in inner,
    "anyOf": lambda value, inner, _, root: any(fits(value, one, root) for one in inner),
    "not": lambda value, inner, _, root: not fits(value, inner, root),
    "items": has_items,
    "properties": has_properties,
    "additionalProperties": has_others,
    "required": lambda value, inner, *_: not isinstance(value, dict) or {*inner} <= value.keys(),
    "minItems": lambda value, inner, *_: sized(list, inner, float("inf"), value),
    "maxItems": lambda value, inner, *_: sized(list, 0, inner, value),
    "minProperties": lambda value, inner, *_: sized(dict, inner, float("inf"), value),
    "maxProperties": lambda value, inner, *_: sized(dict, 0, inner, value),
    "minLength": lambda value, inner, *_: sized(str, inner, float("inf"), value),
    "maxLength": lambda value, inner, *_: sized(str, 0, inner, value),
    "pattern": lambda value, inner, *_: not isinstance(value, str) or re.search(inner, value),
    "minimum": lambda value, inner, *_: isinstance(value, str) or value >= inner,
    "maximum": lambda value, inner, *_: isinstance(value, str) or value <= inner,
}


def accepted(value: Any) -> bool:
    schema = spec_schema()
    return fits(value, schema, schema)


def read(value: Any) -> bool:
    try:
        read_spec(value)
    except InvalidInput:
        return False
    return True


def test_the_documentation_has_examples() -> None:
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("example", EXAMPLES)
def test_documented_examples_fit_and_are_read_without_a_warning(example: str) -> None:
    value = json.loads(example)
    assert accepted(value)
    assert read_spec(value).warnings == ()


@pytest.mark.parametrize(
    "value",
    [
        {"garmentType": "dress", "season": "SS27"},
        {"fabric": {"type": {"name": "silk"}}},
        {"colors": {"primary": ["navy", {"hex": "#fff"}]}},
        {"colors": {"name": "red", "share": 0.5, "role": "accent"}},
        {"details": [{"name": "neckline", "value": "v-neck"}, {"name": "hem"}]},
        {"garmentType": "dress", "details": {"lined": True, "collar": None}},
        {"style": {"aesthetic": "elegant"}},
        {"style": "elegant"},
    ],
)
def test_what_fits_is_read(value: Any) -> None:
    assert accepted(value)
    assert read(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "a dress",
        [],
        {},
        {"records": []},
        {"records": ["dress"]},
        {"records": {}},
        {"fabric": 3},
        {"fabric": {"weave": "twill"}},
        {"fabric": {"value": "silk", "confidence": 2}},
        {"fabric": "x" * 201},
        {"colors": 3},
        {"colors": {"loudest": "red"}},
        {"colors": [{"share": 0.5}]},
        {"colors": {"name": "red", "hex": "zz"}},
        {"colors": [{"name": "red", "share": 40}]},
        {"colors": [{"name": "red", "role": "loud"}]},
        {"colors": ["red"] * 13},
        {"details": 3},
        {"details": [{"value": "x"}]},
        {"details": {"neckline": 4}},
    ],
)
def test_what_does_not_fit_is_refused_by_both(value: Any) -> None:
    assert not accepted(value)
    assert not read(value)


def test_the_schema_is_json_and_describes_its_parts() -> None:
    schema = json.loads(json.dumps(spec_schema()))
    assert schema["$schema"].endswith("2020-12/schema")
    properties = schema["$defs"]["record"]["properties"]
    described = ("garmentType", "fabric", "pattern", "silhouette", "aesthetic", "style")
    assert all(properties[name]["description"] for name in described)
    assert "evening gown" in properties["garmentType"]["description"]
