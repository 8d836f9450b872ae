"""A Chromium, a page in it, and a server on a free port of this machine."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright
from starlette.types import ASGIApp

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


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncGenerator[str]:
    """Serve `app` on a free loopback port while the body runs; gives its origin."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
