import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageStat
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.prediction import Prediction

from twin.config import REPLICATE_TOKEN, Latency, Limits
from twin.serving import Running

Start = Callable[..., Awaitable[Running]]
Connect = Callable[..., Client]

BANANA = "google/nano-banana-2"
PHOTO = Path(__file__).parents[1] / "photos" / "orange-dress.jpg"
QUEUED = Latency(image=(20, 20), queue=1)
PROCESSING = Latency(image=(20, 20), queue=0)


async def create(client: Client, model: str = BANANA, **input: Any) -> Prediction:
    given = {"prompt": "a red silk gown", **input}
    return await client.models.predictions.async_create(model, given, wait=30)


async def fetch(url: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(url, headers={"Authorization": f"Bearer {REPLICATE_TOKEN}"})


async def picture(prediction: Prediction) -> Image.Image:
    return Image.open(BytesIO((await fetch(str(prediction.output))).content))


async def until(twin: Running, id: str, *statuses: str) -> dict[str, Any]:
    """Return the raw prediction once it has one of the statuses: the SDK does not know all."""
    async with asyncio.timeout(10):
        while True:
            body: dict[str, Any] = (await fetch(f"{twin.replicate}/v1/predictions/{id}")).json()
            if body["status"] in statuses:
                return body
            await asyncio.sleep(0.02)


async def test_a_picture_has_the_ratio_and_the_format_that_were_asked(client: Client) -> None:
    one = await create(client, aspect_ratio="16:9", output_format="png")
    assert (one.status, one.model, one.version) == ("succeeded", BANANA, "hidden")
    assert one.metrics is not None
    assert one.metrics["image_count"] == 1
    image = await picture(one)
    assert (image.format, image.size) == ("PNG", (1360, 768))


async def test_a_picture_shows_what_the_prompt_says(client: Client) -> None:
    async def tone(colour: str) -> list[float]:
        one = await create(client, prompt=f"a {colour} dress", output_format="png")
        return ImageStat.Stat((await picture(one)).convert("RGB")).mean

    red, green = await tone("red"), await tone("green")
    assert red[0] > green[0]
    assert red[1] < green[1]


async def test_a_seed_repeats_a_picture_and_without_one_each_is_another(client: Client) -> None:
    async def content(**input: Any) -> bytes:
        one = await create(client, "black-forest-labs/flux-1.1-pro", **input)
        return (await fetch(str(one.output))).content

    assert await content(seed=4) == await content(seed=4)
    assert await content() != await content()


async def test_some_models_answer_with_a_list(client: Client) -> None:
    one = await create(client, "black-forest-labs/flux-schnell", num_outputs=2)
    assert one.output is not None
    assert [url.rpartition("/")[2] for url in one.output] == ["out-0.webp", "out-1.webp"]


@pytest.mark.parametrize("strategy", ["base64", "url"])
async def test_a_photo_arrives_whole(twin: Running, client: Client, strategy: Any) -> None:
    file = BytesIO(PHOTO.read_bytes())
    await client.models.predictions.async_create(
        BANANA,
        {"prompt": "this dress", "image_input": [file]},
        wait=30,
        file_encoding_strategy=strategy,
    )
    *_, asked = twin.twin.journal.shown()
    assert isinstance(asked, dict)
    photo = PHOTO.read_bytes()
    digest = f"sha256:{sha256(photo).hexdigest()} ({len(photo)} bytes)"
    assert asked["input"] == {"prompt": "this dress", "image_input": [digest]}


async def test_files_are_kept_listed_and_deleted(client: Client) -> None:
    file = await client.files.async_create(PHOTO, metadata={"run": 7})
    assert (file.name, file.content_type) == ("orange-dress.jpg", "image/jpeg")
    assert file.size == PHOTO.stat().st_size
    assert (await client.files.async_get(file.id)).metadata == {"run": 7}
    assert [one.id for one in await client.files.async_list()] == [file.id]
    assert await client.files.async_delete(file.id)
    with pytest.raises(ReplicateError) as refused:
        await client.files.async_get(file.id)
    assert refused.value.status == 404


async def test_the_list_is_newest_first_page_by_page(start: Start, connect: Connect) -> None:
    twin = await start(latency=QUEUED)
    client = connect(twin)
    async with asyncio.timeout(20):
        made = [
            await client.models.predictions.async_create(BANANA, {"prompt": f"hat {nth}"})
            for nth in range(102)
        ]
    first = await client.predictions.async_list()
    assert [one.id for one in first] == [one.id for one in made[:1:-1]]
    assert first.next is not None
    rest = await client.predictions.async_list(first.next)
    assert [one.id for one in rest] == [made[1].id, made[0].id]
    assert rest.next is None


async def test_the_list_is_narrowed_by_time(twin: Running, client: Client) -> None:
    one = await create(client)
    now = datetime.now(UTC)
    for after, found in ((now - timedelta(seconds=60), [one.id]), (now, [])):
        query = httpx.QueryParams(created_after=after.isoformat())
        page = (await fetch(f"{twin.replicate}/v1/predictions?{query}")).json()
        assert [row["id"] for row in page["results"]] == found
        assert all(row["source"] == "api" and not row["data_removed"] for row in page["results"])


async def test_without_prefer_the_answer_comes_at_once(start: Start, connect: Connect) -> None:
    client = connect(await start(latency=PROCESSING))
    one = await client.models.predictions.async_create(BANANA, {"prompt": "a hat"})
    assert (one.status, one.output) == ("starting", None)
    held = await client.models.predictions.async_create(BANANA, {"prompt": "a hat"}, wait=1)
    assert (held.status, held.output) == ("processing", None)


@pytest.mark.parametrize(
    ("latency", "status", "charges"),
    [(QUEUED, "aborted", 0), (PROCESSING, "canceled", 1)],
)
async def test_a_deadline_aborts_what_waits_and_charges_what_runs(
    start: Start, connect: Connect, latency: Latency, status: str, charges: int
) -> None:
    twin = await start(latency=latency)
    one = await connect(twin, cancel_after="0.2s").models.predictions.async_create(
        BANANA, {"prompt": "a hat"}
    )
    body = await until(twin, one.id, "aborted", "canceled", "succeeded")
    assert body["status"] == status
    assert body["deadline"] > body["created_at"]
    assert len(twin.twin.bill.rows()) == charges


@pytest.mark.parametrize(("latency", "charges"), [(QUEUED, 0), (PROCESSING, 1)])
async def test_cancelling_charges_what_was_running(
    start: Start, connect: Connect, latency: Latency, charges: int
) -> None:
    twin = await start(latency=latency)
    client = connect(twin)
    one = await client.models.predictions.async_create(BANANA, {"prompt": "a hat"})
    await until(twin, one.id, "processing" if charges else "starting")
    await client.predictions.async_cancel(one.id)
    await until(twin, one.id, "canceled")
    assert len(twin.twin.bill.rows()) == charges


async def test_a_finished_prediction_stays_as_it_is_when_cancelled(client: Client) -> None:
    one = await create(client)
    await one.async_cancel()
    assert one.status == "succeeded"


async def test_after_the_retention_only_the_record_is_left(start: Start, connect: Connect) -> None:
    twin = await start(retention=timedelta(0))
    one = await create(connect(twin))
    async with asyncio.timeout(5):
        while not (body := await until(twin, one.id, "succeeded"))["data_removed"]:
            await asyncio.sleep(0.02)
    assert (body["input"], body["output"]) == ({}, None)
    assert (await fetch(str(one.output))).status_code == 404


async def test_guarded_files_want_the_token(start: Start, connect: Connect) -> None:
    one = await create(connect(await start(guarded_files=True)))
    assert (await fetch(str(one.output))).status_code == 200
    async with httpx.AsyncClient() as http:
        assert (await http.get(str(one.output))).status_code == 401


@pytest.mark.parametrize(
    ("input", "field", "said"),
    [
        ({"prompt": None}, "input", "prompt is required"),
        ({"size": "1K"}, "input", "Additional property size is not allowed"),
        (
            {"aspect_ratio": "9:21"},
            "input.aspect_ratio",
            "aspect_ratio must be one of the following",
        ),
        ({"image_input": "photo.png"}, "input.image_input", "Invalid type"),
        ({"image_input": ["https://a.example/b.png"] * 15}, "input.image_input", "Must be within"),
    ],
)
async def test_an_input_that_the_model_does_not_take_is_refused(
    twin: Running, client: Client, input: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(ReplicateError) as refused:
        await create(client, **input)
    assert (refused.value.status, refused.value.title) == (422, "Input validation failed")
    assert refused.value.detail is not None
    assert refused.value.detail.startswith(f"- {field}: {said}")
    assert twin.twin.bill.rows() == []


async def test_retired_models_are_gone_unless_they_are_to_be_served(
    twin: Running, start: Start, connect: Connect, tmp_path: Path
) -> None:
    retired = "google/imagen-4-ultra"
    for call in (create(connect(twin), retired), connect(twin).models.async_get(retired)):
        with pytest.raises(ReplicateError) as refused:
            await call
        assert refused.value.status == 404
        assert refused.value.detail == "The requested resource could not be found."
    served = connect(await start(serve_retired=True, bill=tmp_path / "another.jsonl"))
    one = await create(served, retired, aspect_ratio="3:4")
    assert (await picture(one)).format == "JPEG"


async def test_models_describe_their_inputs(client: Client) -> None:
    model = await client.models.async_get(BANANA)
    assert model.latest_version is not None
    schemas = model.latest_version.openapi_schema["components"]["schemas"]
    ratio = schemas["Input"]["properties"]["aspect_ratio"]
    assert ratio["default"] == "1:1"
    assert "21:9" in ratio["allOf"][0]["enum"]
    assert schemas["Input"]["required"] == ["prompt"]
    assert schemas["Output"]["format"] == "uri"
    version = await client.predictions.async_create(
        model.latest_version, {"prompt": "a hat"}, wait=30
    )
    assert version.model == BANANA


async def test_a_version_that_is_not_there_is_refused(client: Client) -> None:
    with pytest.raises(ReplicateError) as refused:
        await client.predictions.async_create("0" * 64, {"prompt": "a hat"})
    assert (refused.value.status, refused.value.title) == (422, "Invalid version or not permitted")


async def test_the_account_is_known_by_its_token_only(twin: Running, connect: Connect) -> None:
    assert (await connect(twin).accounts.async_current()).username == "twin"
    with pytest.raises(ReplicateError) as refused:
        await connect(twin, token="r8_other").accounts.async_current()
    assert (refused.value.status, refused.value.title) == (401, "Unauthenticated")


async def test_creations_beyond_the_limit_are_throttled(start: Start, connect: Connect) -> None:
    client = connect(await start(limits=Limits(creates=2), latency=QUEUED))
    for _ in range(2):
        await client.models.predictions.async_create(BANANA, {"prompt": "a hat"})
    with pytest.raises(ReplicateError) as refused:
        await client.models.predictions.async_create(BANANA, {"prompt": "a hat"})
    assert refused.value.status == 429
    assert refused.value.detail == "Request was throttled. Your rate limit resets in ~60s."
    assert len((await client.predictions.async_list()).results) == 2


async def test_another_host_name_is_refused(twin: Running) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{twin.replicate}/_twin/bill", headers={"Host": "rebound.example"})
    assert answer.status_code == 400
