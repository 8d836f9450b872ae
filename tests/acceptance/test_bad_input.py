"""Each kind of bad input has a typed answer that names the field, and leaves nothing behind."""

import asyncio
import zlib
from collections.abc import AsyncGenerator
from io import BytesIO
from struct import pack
from typing import Any

import asyncpg
import pytest
from PIL import Image

from tests.acceptance.api import Api
from tests.acceptance.serving import SECONDS, Serving

TABLES = (
    "select table_name from information_schema.tables where table_schema = 'public'"
    " and table_type = 'BASE TABLE' and table_name !~ '^(provider_|workers$|pgqueuer_(log|stat))'"
)
BUSY = """
select exists (select from pgqueuer) or exists (select from object_removals)
    or exists (select from generations where status in ('PENDING', 'PROCESSING'))
"""
MEGABYTE = 1024 * 1024
FEEDBACK = """mutation ($input: FeedbackInput!) {
  answer: submitFeedback(input: $input) {
    __typename ... on UserError { code message } ... on InvalidInput { field }
  }
}"""


@pytest.fixture
async def unchanged(product: Serving) -> AsyncGenerator[None]:
    """Fail the test where anything was stored or queued meanwhile."""
    before = await everything(product)
    yield
    assert await everything(product) == before


async def everything(product: Serving) -> dict[str, int]:
    """Return the rows of each table and the stored objects, once all work is done."""
    connection = await asyncpg.connect(product.database)
    try:
        async with asyncio.timeout(SECONDS):
            while await connection.fetchval(BUSY):
                await asyncio.sleep(0.05)
        names = [row[0] for row in await connection.fetch(TABLES)]
        counts = {name: await connection.fetchval(f"select count(*) from {name}") for name in names}
    finally:
        await connection.close()
    assert "generations" in counts
    return {**counts, "objects": len(list(product.data.glob("objects/*/*")))}


@pytest.fixture
async def completed(api: Api) -> str:
    """Give the id of a generation that takes feedback."""
    started = await api.start("FromPrompt", prompt="a hat")
    assert (await api.to_end(started["id"]))[-1]["status"] == "COMPLETED"
    return str(started["id"])


def encoded(size: tuple[int, int], format: str) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, (90, 30, 40)).save(written, format)
    return written.getvalue()


def bomb(side: int) -> bytes:
    """Return a sound PNG of side x side black pixels in a few hundred kilobytes."""
    rows = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    pixels = b"".join([rows.compress(row) for _ in range(side)]) + rows.flush()
    head = pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@pytest.mark.usefixtures("unchanged")
async def test_a_file_that_is_no_usable_photo(api: Api, photo: bytes) -> None:
    files = {
        "NOT_AN_IMAGE": [b"Dear diary, this is a text.", b"", bytes(100)],
        "TRUNCATED_IMAGE": [photo[: len(photo) // 2], photo[:100]],
        "IMAGE_TOO_SMALL": [encoded((1, 1), "PNG")],
        "IMAGE_TOO_LARGE": [
            bomb(16_000),
            photo + bytes(20 * MEGABYTE),
            photo + bytes(30 * MEGABYTE),
        ],
        "UNSUPPORTED_IMAGE": [
            encoded((64, 64), "GIF"),
            encoded((64, 64), "TIFF"),
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.7",
        ],
    }
    for code, contents in files.items():
        for content in contents:
            answer = await api.upload(content, name="gown.jpg")
            assert (answer["__typename"], answer["code"], answer["field"]) == (
                "InvalidInput",
                code,
                "image",
            )


GOWN = {"garmentType": "evening gown"}
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("FromImage", {"imageUrl": "http://images.example/gown.jpg"}, "imageUrl"),
    ("FromImage", {"imageUrl": "https://127.0.0.1/gown.jpg"}, "imageUrl"),
    ("FromImage", {"imageUrl": "https://[::1]:5432/"}, "imageUrl"),
    ("FromImage", {"imageUrl": "https://169.254.169.254/latest/meta-data/"}, "imageUrl"),
    ("FromImage", {"imageUrl": "https://10.0.0.1/gown.jpg"}, "imageUrl"),
    ("FromImage", {"imageUrl": "file:///etc/passwd"}, "imageUrl"),
    ("FromImage", {"imageUrl": "gown.jpg"}, "imageUrl"),
    ("FromImage", {}, "image"),
    ("FromImage", {"imageUrl": "https://images.example/a.jpg", "assetId": "x"}, "image"),
    ("FromPrompt", {"prompt": ""}, "prompt"),
    ("FromPrompt", {"prompt": " \n"}, "prompt"),
    ("FromPrompt", {"prompt": "x" * 4001}, "prompt"),
    ("FromPrompt", {"prompt": "a", "negativePrompt": "x" * 2001}, "negativePrompt"),
    ("FromPrompt", {"prompt": "a", "settings": {"count": 0}}, "settings.count"),
    ("FromPrompt", {"prompt": "a", "settings": {"count": 9}}, "settings.count"),
    ("FromPrompt", {"prompt": "a", "settings": {"count": -1}}, "settings.count"),
    ("FromPrompt", {"prompt": "a", "settings": {"seed": -1}}, "settings.seed"),
    ("FromPrompt", {"prompt": "a", "settings": {"model": "dall-e-99"}}, "settings.model"),
    ("FromPrompt", {"prompt": "a", "idempotencyKey": ""}, "idempotencyKey"),
    ("FromSpec", {"spec": "a gown"}, "spec"),
    ("FromSpec", {"spec": [GOWN]}, "spec"),
    ("FromSpec", {"spec": 7}, "spec"),
    ("FromSpec", {"spec": {}}, "spec"),
    ("FromSpec", {"spec": {"records": []}}, "spec.records"),
    ("FromSpec", {"spec": {"records": ["gown"]}}, "spec.records[0]"),
    ("FromSpec", {"spec": {"records": [GOWN]}, "recordIndex": 1}, "recordIndex"),
    ("FromSpec", {"spec": GOWN, "settings": {"count": 9}}, "settings.count"),
]


@pytest.mark.usefixtures("unchanged")
async def test_a_request_that_breaks_a_rule(api: Api) -> None:
    for mode, given, field in BAD:
        answer = await api.start(mode, **given)
        assert answer["__typename"] == "InvalidInput", (mode, given, answer)
        assert (answer["field"], bool(answer["message"])) == (field, True), (mode, given, answer)


@pytest.mark.usefixtures("unchanged")
async def test_a_model_that_cannot_be_used(api: Api) -> None:
    answer = await api.start("FromPrompt", prompt="a", settings={"model": "imagen-4-ultra"})
    assert answer["__typename"] == "ModelUnavailable"
    assert "Imagen 4 Ultra" in answer["message"]


async def test_feedback_that_breaks_a_rule(api: Api, product: Serving, completed: str) -> None:
    before = await everything(product)
    for given, field in (
        ({"kind": "RATING"}, "rating"),
        ({"kind": "RATING", "rating": 0}, "rating"),
        ({"kind": "RATING", "rating": 6}, "rating"),
        ({"kind": "OUTLIER", "rating": 6}, "rating"),
        ({"kind": "COMMENT"}, "comment"),
        ({"kind": "COMMENT", "comment": "x" * 4001}, "comment"),
    ):
        answer = (await api.ask(FEEDBACK, input={"generationId": completed, **given}))["answer"]
        assert (answer["__typename"], answer["field"]) == ("InvalidInput", field), given
    assert await everything(product) == before


@pytest.mark.usefixtures("unchanged")
async def test_a_cursor_that_is_none_of_a_page(api: Api) -> None:
    for name, cursor in (("after", "nonsense"), ("after", ""), ("before", "R2VuZXJhdGlvbjox")):
        size = "first: 2" if name == "after" else "last: 2"
        answer = await api.send(
            f"query ($at: String) {{ generations({size}, {name}: $at) {{ edges {{ cursor }} }} }}",
            at=cursor,
        )
        (error,) = answer["errors"]
        assert error["extensions"] == {"code": "BAD_CURSOR", "field": name}


@pytest.mark.usefixtures("unchanged")
async def test_what_is_no_request_of_the_schema(api: Api) -> None:
    for prompt in (None, 7, ["a"]):
        answer = await api.send(
            "mutation ($input: GenerateFromPromptInput!)"
            " { generateFromPrompt(input: $input) { __typename } }",
            input={"prompt": prompt},
        )
        assert "'$input' has invalid value at .prompt" in answer["errors"][0]["message"]
        assert "data" not in answer
