"""GraphiQL in Chromium against a scripted API: panel, files, live events, no other host."""

import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.browser.graphiql import Graphiql
from tests.browser.scripted_api import EVENTS, RUN, STAGES, WARNING, Script, scripted_app
from tests.browser.serving import served


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def graphiql(page: Page, script: Script) -> AsyncGenerator[Graphiql]:
    async with served(scripted_app(script)) as origin:
        opened = await Graphiql.open(page, origin)
        yield opened
        # Whatever a test did, nothing may have gone to another host or wrong in the page.
        assert opened.outside_requests == []
        assert opened.problems == []
        await page.context.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "burgundy gown.jpg"
    Image.new("RGB", (300, 400), "#7b1e3b").save(path)
    return path


async def test_a_query_shows_its_result(graphiql: Graphiql) -> None:
    await graphiql.set_query('query Greet { greeting(name: "Coco") }')
    await graphiql.run()
    result = await graphiql.wait_result()
    assert result == {"data": {"greeting": "Good morning, Coco"}}


async def test_the_explorer_lists_the_fields(graphiql: Graphiql) -> None:
    await graphiql.set_query("query Greet { greeting }")
    await graphiql.open_panel("GraphiQL Explorer")
    explorer = graphiql.page.locator(".graphiql-explorer-root")
    await expect(explorer.get_by_text("greeting")).to_be_visible()


async def test_a_photo_becomes_a_run_and_its_picture(
    graphiql: Graphiql, script: Script, photo: Path
) -> None:
    await graphiql.open_tab("StartFromPhoto")
    await graphiql.attach(photo, "image")
    await graphiql.run()
    result = await graphiql.wait_result()
    assert result["data"]["generateFromImage"]["id"] == RUN
    (sent,) = script.uploads
    assert sent.filename == photo.name
    assert sent.sha256 == hashlib.sha256(photo.read_bytes()).hexdigest()
    assert sent.preflight == "1"

    await graphiql.watch_run()
    await graphiql.wait_status("COMPLETED")
    assert await graphiql.variables() == {"id": RUN}
    for name in STAGES:
        await expect(graphiql.stage(name)).to_have_attribute("data-status", "COMPLETED")
    assert await graphiql.pictures(1) == [640]
    await expect(graphiql.page.get_by_label("Warnings")).to_have_text(WARNING)


async def test_a_file_is_bound_by_itself_and_travels_only_where_it_is_declared(
    graphiql: Graphiql, script: Script, photo: Path
) -> None:
    await graphiql.set_query(
        "mutation Nested($input: GenerateFromImageInput!) "
        "{ generateFromImage(input: $input) { ... on Generation { id } } }"
    )
    await graphiql.set_variables({"input": {"prompt": "in silk"}})
    chosen = graphiql.page.get_by_test_id("bound-file")
    await expect(graphiql.page.locator("#upload-paths option")).to_have_attribute(
        "value", "input.image"
    )
    async with graphiql.page.expect_file_chooser() as opened:
        await graphiql.page.get_by_role("button", name="Choose a photo").press("Enter")
    await (await opened.value).set_files(photo)
    await expect(chosen).to_have_attribute("data-path", "input.image")
    await graphiql.run()
    await graphiql.wait_result(lambda result: result["data"]["generateFromImage"]["id"] == RUN)

    await graphiql.set_query("query Greet { greeting }")
    await graphiql.run()
    await graphiql.wait_result(lambda result: "greeting" in result["data"])
    assert len(script.uploads) == 1

    await graphiql.page.get_by_role("button", name=f"Remove {photo.name}").click()
    await expect(chosen).to_have_count(0)


async def test_an_expected_failure_is_shown_where_no_photo_was_chosen(graphiql: Graphiql) -> None:
    await graphiql.open_tab("StartFromPhoto")
    await graphiql.run()
    result = await graphiql.wait_result()
    assert result["data"]["generateFromImage"]["field"] == "image"
    await expect(graphiql.page.get_by_test_id("watch-run")).to_have_count(0)


@pytest.mark.parametrize("script", [Script(drop_after=5)])
async def test_a_dropped_connection_resumes_after_the_last_event(
    graphiql: Graphiql, script: Script
) -> None:
    await graphiql.open_tab("Watch")
    await graphiql.set_variables({"id": RUN})
    await graphiql.run()
    last = await graphiql.wait_result(
        lambda result: result["data"]["generationEvents"]["seq"] == EVENTS
    )
    assert last["data"]["generationEvents"]["status"] == "COMPLETED"
    assert script.subscribed_after == [None, "5"]


async def test_feedback_is_prepared_for_the_run(graphiql: Graphiql, photo: Path) -> None:
    await graphiql.attach(photo, "image")
    await graphiql.run()
    await graphiql.wait_result()
    await graphiql.page.get_by_test_id("give-feedback").click()
    assert (await graphiql.variables())["input"]["generationId"] == RUN
