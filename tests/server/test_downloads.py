"""What a browser gets from the local object store."""

from collections.abc import AsyncGenerator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from server.downloads import Downloads
from storage.objects import LocalObjects

CONTENT = bytes(range(256)) * 4
KEY = f"0b6f1c1e-2f8e-4a51-9a3f-6f0f5e9b7c10/{sha256(CONTENT).hexdigest()}.webp"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncGenerator[httpx.AsyncClient]:
    objects = LocalObjects(tmp_path, "http://test")
    await objects.put(KEY, CONTENT, "image/webp")
    app = Starlette(routes=[Route("/objects/{key:path}", Downloads(objects).one, methods=["GET"])])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield client


async def test_an_object_is_served_for_ever_and_never_as_a_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"/objects/{KEY}")
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_head_tells_the_size_and_sends_nothing(browser: httpx.AsyncClient) -> None:
    answer = await browser.head(f"/objects/{KEY}")
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.content == b""


async def test_ranges_are_served(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"/objects/{KEY}", headers={"Range": "bytes=100-199"})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes 100-199/{len(CONTENT)}"
    assert answer.content == CONTENT[100:200]
    assert answer.headers["content-type"] == "image/webp"


async def test_a_suffix_range_is_served(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"/objects/{KEY}", headers={"Range": "bytes=-10"})
    assert (answer.status_code, answer.content) == (206, CONTENT[-10:])


async def test_a_range_beyond_the_end_is_refused(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"/objects/{KEY}", headers={"Range": "bytes=99999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


async def test_a_known_object_is_not_sent_again(browser: httpx.AsyncClient) -> None:
    tag = (await browser.get(f"/objects/{KEY}")).headers["etag"]
    answer = await browser.get(f"/objects/{KEY}", headers={"If-None-Match": f'"other", W/{tag}'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == tag


@pytest.mark.parametrize(
    "key", [KEY.replace("0b6f", "0b6e"), "..%2f..%2fetc%2fpasswd", "", "a.png"]
)
async def test_anything_else_is_not_found(browser: httpx.AsyncClient, key: str) -> None:
    answer = await browser.get(f"/objects/{key}")
    assert answer.status_code == 404


async def test_nothing_can_be_written_there(browser: httpx.AsyncClient) -> None:
    assert (await browser.put(f"/objects/{KEY}", content=b"x")).status_code == 405
