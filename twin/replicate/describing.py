"""Models as the API describes them."""

from twin.inputs import schema_of
from twin.replicate.models import Model
from twin.values import Json, JsonObject

_SINCE = "2026-11-23T00:00:00.000000Z"


def model_shown(model: Model) -> JsonObject:
    """Return a model with its only version."""
    owner, name = model.slug.split("/")
    return {
        "url": f"https://replicate.com/{model.slug}",
        "owner": owner,
        "name": name,
        "description": f"The twin of {model.slug}",
        "visibility": "public",
        "github_url": None,
        "paper_url": None,
        "license_url": None,
        "run_count": 0,
        "cover_image_url": None,
        "default_example": None,
        "is_official": True,
        "latest_version": version_shown(model),
    }


def version_shown(model: Model) -> JsonObject:
    """Return the version with its OpenAPI schema."""
    return {
        "id": model.version,
        "created_at": _SINCE,
        "cog_version": "0.16.0",
        "openapi_schema": _openapi(model),
    }


def _openapi(model: Model) -> JsonObject:
    fields = enumerate(model.inputs)
    required: list[Json] = [field.name for field in model.inputs if field.required]
    uri: JsonObject = {"type": "string", "format": "uri"}
    several: JsonObject = {"type": "array", "items": uri}
    taken: JsonObject = {
        "type": "object",
        "title": "Input",
        "required": required,
        "properties": {field.name: schema_of(field, at) for at, field in fields},
    }
    made: JsonObject = {**(several if model.listed else uri), "title": "Output"}
    return {
        "openapi": "3.0.2",
        "info": {"title": "Cog", "version": "0.1.0"},
        "components": {"schemas": {"Input": taken, "Output": made}},
    }
