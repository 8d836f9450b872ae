"""Which store the settings name, and how a browser gets at what lies there."""

from collections.abc import Generator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from server.checkup import _object_store
from server.downloads import downloads
from server.settings import BadSetting, Settings
from server.stores import bucket_of, image_origin, opened_store, storage_price
from storage.objects import LocalObjects
from tests.storage.s3_server import serving
from web.graphiql import content_security_policy

CONTENT = b"\x89PNG" + bytes(range(256))
KEY = f"0b6f1c1e-2f8e-4a51-9a3f-6f0f5e9b7c10/{sha256(CONTENT).hexdigest()}.png"
R2 = {"R2_BUCKET_NAME": "looks", "R2_ACCESS_KEY_ID": "test", "R2_SECRET_ACCESS_KEY": "test"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with serving(tmp_path_factory.mktemp("s3")) as address:
        httpx.put(f"{address}/looks").raise_for_status()
        yield address


def test_an_account_at_cloudflare_is_an_address() -> None:
    bucket = bucket_of(Settings.from_environ({**R2, "R2_ACCOUNT_ID": "abc"}))
    assert bucket is not None
    assert bucket.endpoint == "https://abc.r2.cloudflarestorage.com"
    assert (bucket.name, bucket.region) == ("looks", "auto")
    assert bucket.public_url == "http://127.0.0.1:8000/objects"


def test_a_bucket_needs_an_address_unless_it_is_amazon_s() -> None:
    with pytest.raises(BadSetting, match="R2_ACCOUNT_ID or R2_ENDPOINT"):
        bucket_of(Settings.from_environ(R2))
    bucket = bucket_of(Settings.from_environ({"OBJECT_STORE": "s3://looks"}))
    assert bucket is not None
    assert (bucket.name, bucket.endpoint, bucket.key_id) == ("looks", "", "")


@pytest.mark.parametrize(
    ("environ", "origin"),
    [
        ({}, None),
        ({"OBJECT_STORE": "s3://looks"}, "https://*.amazonaws.com"),
        ({**R2, "R2_ENDPOINT": "http://127.0.0.1:9/x"}, "http://127.0.0.1:9"),
        (
            {**R2, "R2_ACCOUNT_ID": "abc", "R2_CDN_URL": "https://cdn.test/looks"},
            "https://cdn.test",
        ),
    ],
)
def test_the_page_may_show_what_lies_in_the_bucket(
    environ: dict[str, str], origin: str | None
) -> None:
    settings = Settings.from_environ(environ)
    assert image_origin(settings) == origin
    images = content_security_policy(origin).split("; ")[3]
    assert images.startswith("img-src 'self' data: blob: http://127.0.0.1:*")
    assert images.endswith(origin or "http://localhost:*")


def test_only_a_bucket_costs_money() -> None:
    assert storage_price(Settings.from_environ({})) == 0
    settings = Settings.from_environ({"OBJECT_STORE": "s3://looks"})
    assert storage_price(settings) == settings.storage_usd_per_gb_month > 0


async def test_without_a_bucket_images_lie_in_a_folder(tmp_path: Path) -> None:
    settings = replace(Settings.from_environ({}), data_dir=tmp_path)
    async with opened_store(settings) as store:
        assert isinstance(store, LocalObjects)
        assert store.root == tmp_path / "objects"


async def test_a_browser_is_sent_on_to_a_signed_address(server: str) -> None:
    async with opened_store(Settings.from_environ({**R2, "R2_ENDPOINT": server})) as store:
        await store.put(KEY, CONTENT, "image/png")
        app = Starlette(routes=[Route("/objects/{key:path}", downloads(store), methods=["GET"])])
        transport = httpx.ASGITransport(app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://test") as browser,
            httpx.AsyncClient() as outside,
        ):
            got = await browser.get(f"/objects/{KEY}")
            head = await browser.head(f"/objects/{KEY}")
            assert (await browser.get("/objects/..%2fsecret")).status_code == 404
            assert (got.status_code, got.headers["cache-control"]) == (307, "private, max-age=1800")
            fetched = await outside.get(got.headers["location"])
            assert fetched.content == CONTENT
            assert (await outside.head(head.headers["location"])).status_code == 200


def test_the_doctor_writes_reads_and_deletes(server: str) -> None:
    finding = _object_store(Settings.from_environ({**R2, "R2_ENDPOINT": server}))
    assert (finding.fine, finding.text) == (
        True,
        "bucket looks takes, gives and deletes objects",
    )
    missing = {**R2, "R2_BUCKET_NAME": "nowhere", "R2_ENDPOINT": server}
    finding = _object_store(Settings.from_environ(missing))
    assert not finding.fine
    assert finding.text.startswith("Nothing can be written in bucket nowhere: ")
    assert not _object_store(Settings.from_environ(R2)).fine
