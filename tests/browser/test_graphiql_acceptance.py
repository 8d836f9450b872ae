"""A designer's way through GraphiQL on the real server: a photo in, stages live, a picture out."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.acceptance.api import STAGES
from tests.acceptance.serving import Serving
from tests.browser.graphiql import Graphiql

SECONDS = 30


async def test_a_photo_becomes_a_picture_in_the_browser(
    page: Page, product: Serving, photos: Path, tmp_path: Path
) -> None:
    graphiql = await Graphiql.open(page, product.url)
    await graphiql.open_tab("StartFromPhoto")
    await graphiql.attach(photos / "red-turtleneck.jpg", "image")
    await graphiql.run()
    result = await graphiql.wait_result(timeout_s=SECONDS)
    assert result["data"]["generateFromImage"]["__typename"] == "Generation"

    await graphiql.watch_run()
    await graphiql.wait_status("COMPLETED", timeout_s=SECONDS)
    for name in STAGES:
        status = await graphiql.stage(name).get_attribute("data-status")
        assert status == "COMPLETED" or (name, status) == ("PERSONA", "SKIPPED")
    assert await graphiql.pictures(1) == [1000]
    await expect(page.get_by_test_id("picture").first).to_be_in_viewport()
    assert graphiql.outside_requests == []
    assert graphiql.problems == []
    await page.screenshot(path=tmp_path / "graphiql.png")
