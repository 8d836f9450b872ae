"""What starts a generation, and what does not."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from strawberry.types import ExecutionResult

from pipeline.domain import Asset, Viewer
from pipeline.personas.built_in import BUILT_IN
from schema.ids import Kind, asset_id, global_id

Ask = Callable[..., Awaitable[ExecutionResult]]

SHOWN = """
  __typename
  ... on UserError { code message }
  ... on InvalidInput { field }
  ... on ModelUnavailable { successor { key } }
  ... on Generation {
    id mode status attempt prompt negativePrompt warnings cost
    settings {
      model provider quality style aspectRatio count seed enhance personaId sourceInfluence
      learning confidential maxCost
    }
    spec { garmentType { value locked } raw }
    stages { name status }
    images { index status asset { id } }
    assets { totalCount edges { node { kind key url contentType width height byteSize } } }
    queue { position }
  }
"""
FROM_PROMPT = f"""mutation ($input: GenerateFromPromptInput!) {{
  it: generateFromPrompt(input: $input) {{ {SHOWN} }}
}}"""
FROM_IMAGE = f"""mutation ($input: GenerateFromImageInput!) {{
  it: generateFromImage(input: $input) {{ {SHOWN} }}
}}"""
FROM_SPEC = f"""mutation ($input: GenerateFromSpecInput!) {{
  it: generateFromSpec(input: $input) {{ {SHOWN} }}
}}"""

GOWN = {
    "garmentType": "evening gown",
    "fabric": {"type": "silk satin"},
    "colors": {"primary": "burgundy"},
    "style": {"aesthetic": "elegant"},
}


async def answer(ask: Ask, operation: str, **input: Any) -> dict[str, Any]:
    result = await ask(operation, input=input)
    assert result.errors is None, result.errors
    assert result.data is not None
    it: dict[str, Any] = result.data["it"]
    return it


async def test_words_start_a_generation(ask: Ask) -> None:
    it = await answer(ask, FROM_PROMPT, prompt="  a silk gown ", settings={"count": 3, "seed": 7})
    assert it["__typename"] == "Generation"
    assert (it["mode"], it["status"], it["attempt"]) == ("FROM_PROMPT", "PENDING", 1)
    assert it["prompt"] == "  a silk gown "
    assert it["cost"] == "0"
    assert [stage["name"] for stage in it["stages"]] == [
        "ANALYSIS",
        "ENHANCEMENT",
        "PERSONA",
        "ROUTING",
        "OPTIMIZATION",
        "GENERATION",
        "DELIVERY",
    ]
    assert [image["index"] for image in it["images"]] == [0, 1, 2]
    assert it["queue"] == {"position": 0}


async def test_settings_show_their_defaults(ask: Ask) -> None:
    words = await answer(ask, FROM_PROMPT, prompt="a gown")
    nulls = await answer(
        ask, FROM_PROMPT, prompt="a gown", settings=dict.fromkeys(words["settings"])
    )
    assert words["settings"] == nulls["settings"]
    assert words["settings"] == {
        "model": None,
        "provider": None,
        "quality": "STANDARD",
        "style": None,
        "aspectRatio": "SQUARE",
        "count": 1,
        "seed": None,
        "enhance": False,
        "personaId": None,
        "sourceInfluence": None,
        "learning": True,
        "confidential": False,
        "maxCost": None,
    }


async def test_what_is_put_differently_or_not_used_is_said(ask: Ask) -> None:
    it = await answer(
        ask, FROM_PROMPT, prompt="a gown", settings={"model": "Sketch", "sourceInfluence": 0.3}
    )
    assert it["settings"]["model"] == "sketch"
    assert it["warnings"] == [
        "settings.sourceInfluence makes no difference without a photo",
        "The model Sketch is sketch in the catalogue",
    ]


async def test_a_spec_starts_a_generation(ask: Ask) -> None:
    spec = {"records": [GOWN, GOWN]}
    it = await answer(ask, FROM_SPEC, spec=spec, settings={"maxCost": "0.50"})
    assert it["mode"] == "FROM_SPEC"
    assert it["spec"]["garmentType"] == {"value": "dress", "locked": True}
    assert it["spec"]["raw"] == spec
    assert it["settings"]["enhance"] is True
    assert it["settings"]["maxCost"] == "0.5"
    assert any("Record 2" in warning for warning in it["warnings"])


async def test_an_upload_starts_a_generation(ask: Ask, photo: object, viewer: Viewer) -> None:
    it = await answer(ask, FROM_IMAGE, image=photo)
    assert it["mode"] == "FROM_IMAGE"
    assert it["settings"]["sourceInfluence"] == 0.8
    assert it["assets"]["totalCount"] == 1
    source = it["assets"]["edges"][0]["node"]
    assert source["kind"] == "SOURCE"
    assert source["key"].startswith(f"{viewer.workspace}/")
    assert source["key"].endswith(".png")
    assert source["url"].endswith(source["key"])
    assert (source["contentType"], source["width"], source["height"]) == ("image/png", 64, 48)


async def test_an_address_or_a_stored_image_start_one_too(
    ask: Ask, start: Callable[..., Awaitable[str]], complete: Callable[[str], Awaitable[Asset]]
) -> None:
    by_url = await answer(ask, FROM_IMAGE, imageUrl="https://images.example/gown.png")
    assert by_url["assets"]["edges"][0]["node"]["kind"] == "SOURCE"
    asset = await complete(await start())
    by_id = await answer(ask, FROM_IMAGE, assetId=global_id(Kind.ASSET, asset.id))
    assert by_id["assets"]["edges"][0]["node"]["key"] == asset.image.key


LONG = "x" * 4001
REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    (FROM_PROMPT, {"prompt": " \n"}, "prompt"),
    (FROM_PROMPT, {"prompt": LONG}, "prompt"),
    (FROM_PROMPT, {"prompt": "a\0b"}, "prompt"),
    (FROM_PROMPT, {"prompt": "a", "negativePrompt": LONG[:2001]}, "negativePrompt"),
    (FROM_PROMPT, {"prompt": "a", "settings": {"count": 0}}, "settings.count"),
    (FROM_PROMPT, {"prompt": "a", "settings": {"count": 9}}, "settings.count"),
    (FROM_PROMPT, {"prompt": "a", "settings": {"seed": -1}}, "settings.seed"),
    (
        FROM_PROMPT,
        {"prompt": "a", "settings": {"sourceInfluence": 1.1}},
        "settings.sourceInfluence",
    ),
    (FROM_PROMPT, {"prompt": "a", "settings": {"maxCost": "0"}}, "settings.maxCost"),
    (FROM_PROMPT, {"prompt": "a", "settings": {"maxCost": "-1"}}, "settings.maxCost"),
    (FROM_PROMPT, {"prompt": "a", "settings": {"model": "dall-e-99"}}, "settings.model"),
    (FROM_PROMPT, {"prompt": "a", "settings": {"provider": "nobody"}}, "settings.provider"),
    (FROM_PROMPT, {"prompt": "a", "idempotencyKey": ""}, "idempotencyKey"),
    (FROM_PROMPT, {"prompt": "a", "idempotencyKey": "k" * 201}, "idempotencyKey"),
    (FROM_SPEC, {"spec": [GOWN]}, "spec"),
    (FROM_SPEC, {"spec": "gown"}, "spec"),
    (FROM_SPEC, {"spec": {}}, "spec"),
    (FROM_SPEC, {"spec": {**GOWN, "note": "a\0b"}}, "spec"),
    (FROM_SPEC, {"spec": GOWN, "recordIndex": 1}, "recordIndex"),
    (FROM_SPEC, {"spec": {"records": [GOWN]}, "recordIndex": -1}, "recordIndex"),
    (FROM_SPEC, {"spec": GOWN, "prompt": ""}, "prompt"),
    (FROM_IMAGE, {}, "image"),
    (FROM_IMAGE, {"imageUrl": "https://a.example", "assetId": "x"}, "image"),
    (FROM_IMAGE, {"imageUrl": "http://10.0.0.1/a.png"}, "imageUrl"),
    (FROM_IMAGE, {"imageUrl": "https://images.example/gown.png", "prompt": LONG}, "prompt"),
]


@pytest.mark.parametrize(("operation", "input", "field"), REFUSALS)
async def test_bad_input_names_its_field_and_goes_no_further(
    ask_shut: Ask, operation: str, input: dict[str, Any], field: str
) -> None:
    it = await answer(ask_shut, operation, **input)
    assert (it["__typename"], it["field"]) == ("InvalidInput", field)
    assert it["message"].endswith(".")
    assert field.partition(".")[2] in it["message"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not a photo at all", "NOT_AN_IMAGE"),
        (b"", "NOT_AN_IMAGE"),
        (b"\x89PNG\r\n\x1a\n\0\0", "TRUNCATED_IMAGE"),
        (b"GIF89a" + bytes(100), "UNSUPPORTED_IMAGE"),
    ],
)
async def test_a_bad_file_is_told_by_what_it_is(
    ask_shut: Ask, new_file: Callable[[bytes], object], content: bytes, code: str
) -> None:
    it = await answer(ask_shut, FROM_IMAGE, image=new_file(content))
    assert (it["__typename"], it["field"], it["code"]) == ("InvalidInput", "image", code)


async def test_an_upload_beyond_the_limit_is_refused(
    ask_shut: Ask, new_file: Callable[[bytes], object]
) -> None:
    it = await answer(ask_shut, FROM_IMAGE, image=new_file(bytes(20 * 1024 * 1024 + 1)))
    assert (it["field"], it["code"]) == ("image", "IMAGE_TOO_LARGE")


async def test_ids_that_name_nothing_of_the_viewers_are_not_found(
    ask: Ask,
    stranger: Viewer,
    start: Callable[..., Awaitable[str]],
    complete: Callable[[str], Awaitable[Asset]],
) -> None:
    foreign = global_id(Kind.ASSET, (await complete(await start())).id)
    assert asset_id(foreign) is not None
    result = await ask(FROM_IMAGE, by=stranger, input={"assetId": foreign})
    assert result.data is not None
    assert result.data["it"]["__typename"] == "NotFound"
    for persona in ("nonsense", foreign):
        it = await answer(ask, FROM_PROMPT, prompt="a", settings={"personaId": persona})
        assert (it["__typename"], it["code"]) == ("NotFound", "NOT_FOUND")
        assert it["message"] == "settings.personaId: there is no such persona."


async def test_a_model_that_is_not_there_is_told_with_those_that_are(ask_shut: Ask) -> None:
    for model in ("dall-e-99", "imagen-4-ultra"):
        it = await answer(ask_shut, FROM_PROMPT, prompt="a", settings={"model": model})
        assert it["message"].endswith("Available here: sketch.")


async def test_a_key_takes_what_is_left_out_for_its_default(ask: Ask) -> None:
    first = await answer(ask, FROM_PROMPT, prompt="a gown", idempotencyKey="k")
    defaults: list[dict[str, Any] | None] = [
        None,
        {},
        {"count": 1, "quality": "STANDARD", "enhance": False, "learning": None, "seed": None},
    ]
    for settings in defaults:
        again = await answer(
            ask, FROM_PROMPT, prompt="a gown", settings=settings, idempotencyKey="k"
        )
        assert again["id"] == first["id"]
    for settings in ({"count": 2}, {"enhance": True}, {"maxCost": "1"}):
        other = await answer(
            ask, FROM_PROMPT, prompt="a gown", settings=settings, idempotencyKey="k"
        )
        assert other["code"] == "IDEMPOTENCY_CONFLICT"
    persona = {"personaId": global_id(Kind.PERSONA, BUILT_IN[0].id)}
    styled = [
        await answer(ask, FROM_SPEC, spec=GOWN, settings=persona, idempotencyKey="k", **more)
        for more in ({}, {"recordIndex": 0})
    ]
    assert styled[0]["id"] == styled[1]["id"]


async def test_a_key_answers_with_the_first_result(ask: Ask, pool: asyncpg.Pool) -> None:
    first = await answer(ask, FROM_PROMPT, prompt="a gown", idempotencyKey="k")
    again = await answer(ask, FROM_PROMPT, prompt="a gown", idempotencyKey="k")
    assert again["id"] == first["id"]
    other = await answer(ask, FROM_PROMPT, prompt="a hat", idempotencyKey="k")
    assert (other["__typename"], other["code"]) == ("Conflict", "IDEMPOTENCY_CONFLICT")
    assert await pool.fetchval("select count(*) from generations") == 1


async def test_a_key_tells_photos_apart_by_their_content(
    ask: Ask, photo: object, new_file: Callable[[bytes], object]
) -> None:
    first = await answer(ask, FROM_IMAGE, image=photo, idempotencyKey="k")
    content: bytes = await photo.read()  # type: ignore[attr-defined]
    again = await answer(ask, FROM_IMAGE, image=new_file(content), idempotencyKey="k")
    assert again["id"] == first["id"]
    by_url = await answer(
        ask, FROM_IMAGE, imageUrl="https://images.example/gown.png", idempotencyKey="k"
    )
    assert by_url["code"] == "IDEMPOTENCY_CONFLICT"
