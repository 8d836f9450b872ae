"""A real photo goes in, seven stages tick by, and a picture in the garment's colours comes out."""

from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from pipeline.fashion.colours import delta_e
from tests.acceptance.api import EVENTS, STAGES, Api

RECORD = """query ($id: ID!) {
  generation(id: $id) {
    status mode prompt cost
    spec {
      garmentType { value confidence source }
      colors { name hex role share }
      pattern { value }
    }
    stages { name status summary durationMs startedAt finishedAt output }
    finalPrompt { text parts { text origin reason } }
    persona { persona { name } score reason }
    route { reason model { key } candidates { model { key } eligible reason } }
    images { index status asset { url contentType byteSize width height model { key } } }
    assets { totalCount edges { node { kind } } }
  }
}"""


@pytest.mark.parametrize(
    ("name", "garment"), [("red-turtleneck", "longsleeve"), ("orange-dress", "dress")]
)
async def test_a_photo_becomes_a_picture_in_its_colours(
    api: Api, photos: Path, name: str, garment: str
) -> None:
    photo = (photos / f"{name}.jpg").read_bytes()
    personas = (await api.ask("{ personas { id name } }"))["personas"]
    romantic = next(persona["id"] for persona in personas if persona["name"] == "Romantic")
    settings = {"aspectRatio": "PORTRAIT_3_4", "seed": 7, "personaId": romantic}
    started = await api.upload(photo, prompt="for a gala evening", settings=settings)
    assert started["__typename"] == "Generation", started
    async with api.watching(EVENTS, id=started["id"]) as told:
        events = [event async for event in told]

    assert {event["generationId"] for event in events} == {started["id"]}
    every_stage_ticks_by(events)
    record = (await api.ask(RECORD, id=started["id"]))["generation"]
    assert record["spec"]["garmentType"]["value"] == garment
    everything_is_explained(record)
    (image,) = record["images"]
    (created,) = [event["asset"] for event in events if event["__typename"] == "AssetCreated"]
    assert created["url"] == image["asset"]["url"]
    picture = await api.http.get(created["url"])
    is_the_asset(picture, image["asset"])
    with Image.open(BytesIO(picture.content)) as shown:
        primary = record["spec"]["colors"][0]
        assert primary["role"] == "primary"
        assert delta_e(dominant(shown), primary["hex"]) < 10


def every_stage_ticks_by(events: list[dict[str, Any]]) -> None:
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["status"] for event in events if "status" in event] == [
        "PENDING",
        "PROCESSING",
        "COMPLETED",
    ]
    for stage in STAGES:
        assert ticks(events, stage) == ["RUNNING", "COMPLETED"], stage


def everything_is_explained(record: dict[str, Any]) -> None:
    assert record["spec"]["garmentType"]["source"] == "ANALYSIS"
    assert [stage["name"] for stage in record["stages"]] == STAGES
    assert all(stage["summary"] and stage["output"] for stage in record["stages"])
    assert all(stage["durationMs"] >= 0 for stage in record["stages"])
    assert "for a gala evening" in record["finalPrompt"]["text"]
    assert {"DESIGNER", "ANALYSIS"} <= {part["origin"] for part in record["finalPrompt"]["parts"]}
    assert record["persona"]["persona"]["name"] == "Romantic"
    assert record["persona"]["reason"]
    assert record["route"]["model"]["key"] == "sketch"
    assert any(not one["eligible"] and one["reason"] for one in record["route"]["candidates"])
    assert record["cost"] == "0"
    assert [edge["node"]["kind"] for edge in record["assets"]["edges"]] == ["SOURCE", "GENERATED"]


def is_the_asset(picture: httpx.Response, asset: dict[str, Any]) -> None:
    assert picture.headers["content-type"] == asset["contentType"] == "image/png"
    assert "immutable" in picture.headers["cache-control"]
    assert len(picture.content) == asset["byteSize"]
    size = asset["width"], asset["height"]
    with Image.open(BytesIO(picture.content)) as shown:
        assert shown.size == size
    assert abs(size[0] / size[1] - 3 / 4) < 0.01
    assert 0.9e6 < size[0] * size[1] < 1.1e6


def ticks(events: list[dict[str, Any]], stage: str) -> list[str]:
    changes = [event["stage"] for event in events if event["__typename"] == "StageChanged"]
    return [change["status"] for change in changes if change["name"] == stage]


def dominant(picture: Image.Image) -> str:
    """Return the hex of the most frequent colour that is not the paper's."""
    plain = picture.convert("RGB")
    colours = plain.getcolors(plain.width * plain.height)
    assert colours
    paper = hex_of(plain.getpixel((2, 2)))
    counted = [hex_of(colour) for _, colour in sorted(colours, reverse=True)]
    return next(one for one in counted if delta_e(one, paper) > 10)


def hex_of(colour: Any) -> str:
    red, green, blue = colour
    return f"#{red:02x}{green:02x}{blue:02x}"
