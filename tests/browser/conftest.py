"""A Chromium and a page in it."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.chromium import FLAGS, LOOPBACK_ONLY, Chromium, ensure_chromium


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    return ensure_chromium()


@pytest.fixture
async def browser(chromium: Chromium) -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium.executable,
            args=[*FLAGS, LOOPBACK_ONLY],
            env=chromium.launch_environment,
        )
        yield launched
        await launched.close()


@pytest.fixture
async def page(browser: Browser) -> Page:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    return await context.new_page()
