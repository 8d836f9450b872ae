"""The JSON Schema of what `read_spec` accepts."""

from typing import Any

from pipeline.spec import GARMENT_TYPES, PATTERNS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def spec_schema() -> dict[str, Any]:
    """Return the schema, draft 2020-12: one record, or {"records": [...]}."""
    return {
        "$schema": _DIALECT,
        "title": "Garment specification",
        "description": "One record, or a list of records of which recordIndex says which one.",
        "anyOf": [
            {
                "type": "object",
                "required": ["records"],
                "properties": {
                    "records": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/record"}}
                },
            },
            {"$ref": "#/$defs/record", "not": {"required": ["records"]}},
        ],
        "$defs": {
            "record": _record(),
            "text": _text(),
            "colour": _colour(),
            "colours": _colours(),
            "details": _details(),
            "unit": {"type": "number", "minimum": 0, "maximum": 1},
        },
    }


def _record() -> dict[str, Any]:
    text = {"$ref": "#/$defs/text"}
    types, patterns = ", ".join(GARMENT_TYPES), ", ".join(PATTERNS)
    described = {
        "garmentType": f"One of {types}, or a finer word: an evening gown is a dress.",
        "fabric": "The main cloth, such as silk satin.",
        "pattern": f"One of {patterns}, or a finer word: pinstripe is striped.",
        "silhouette": "The outline, such as a-line.",
        "aesthetic": "What it wants to say, such as elegant.",
    }
    return {
        "type": "object",
        "minProperties": 1,
        "description": "Any other key is kept in raw and named in a warning.",
        "properties": {
            **{key: {**text, "description": words} for key, words in described.items()},
            "colors": {"$ref": "#/$defs/colours"},
            "style": {
                "description": "The aesthetic, or an object that holds it.",
                "anyOf": [text, {"type": "object", "properties": {"aesthetic": text}}],
            },
            "details": {"$ref": "#/$defs/details"},
        },
    }


def _text() -> dict[str, Any]:
    short = {"type": ["string", "null"], "maxLength": 200}
    keys = ("value", "type", "name", "primary", "main")
    return {
        "description": "A text, a list of texts, or an object with the text under one of its keys.",
        "anyOf": [
            short,
            {"type": "array", "minItems": 1, "items": {"type": "string"}},
            {
                "type": "object",
                "properties": {
                    **{key: {"$ref": "#/$defs/text"} for key in keys},
                    "confidence": {"anyOf": [{"$ref": "#/$defs/unit"}, {"type": "null"}]},
                    "locked": {"type": "boolean"},
                },
                "anyOf": [{"required": [key]} for key in keys],
            },
        ],
    }


def _colour() -> dict[str, Any]:
    name = {"type": "string", "minLength": 1, "maxLength": 60}
    keys = ("name", "value", "color", "colour")
    return {
        "type": "object",
        "properties": {
            **dict.fromkeys(keys, name),
            "hex": {"type": "string", "pattern": "^#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})$"},
            "role": {"enum": ["primary", "secondary", "accent"]},
            "share": {"$ref": "#/$defs/unit"},
            "confidence": {"$ref": "#/$defs/unit"},
            "locked": {"type": "boolean"},
        },
        "anyOf": [{"required": [key]} for key in (*keys, "hex")],
    }


def _colours() -> dict[str, Any]:
    again = {"$ref": "#/$defs/colours"}
    return {
        "description": "A name or hex, an object, a list of them, or an object by role.",
        "anyOf": [
            {"type": ["string", "null"]},
            {"$ref": "#/$defs/colour"},
            {"type": "array", "maxItems": 12, "items": again},
            {
                "type": "object",
                "properties": dict.fromkeys(("primary", "secondary", "accent"), again),
                "additionalProperties": False,
            },
        ],
    }


def _details() -> dict[str, Any]:
    entry = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": 1}},
    }
    return {
        "description": "Details by name, a list of {name, value}, or a list of phrases.",
        "anyOf": [
            {"type": ["string", "null"]},
            {"type": "array", "maxItems": 40, "items": {"anyOf": [{"type": "string"}, entry]}},
            {
                "type": "object",
                "maxProperties": 40,
                "additionalProperties": {"anyOf": [{"$ref": "#/$defs/text"}, {"type": "boolean"}]},
            },
        ],
    }
