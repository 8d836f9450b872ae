"""A worker that is told to end twice says which paid calls it leaves."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from storage.accounts import ensure_local_viewer
from tests.server.painting import Studio


async def test_paid_calls_that_are_left_under_way_are_named(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await ensure_local_viewer(pool)
    studio = replace(Studio.on(pool, database_url, tmp_path), paid=True)
    studio.painter.may.clear()
    async with studio.at_work() as worker:
        generation = await studio.submit()
        await studio.begun()
        ending = asyncio.create_task(worker.hand_over(60, 60))
        await asyncio.sleep(0)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
    call = await pool.fetchval("select id from charges")
    said = f"call {call} to painter is left under way, for image 1 of generation {generation}"
    assert caplog.messages.count(said) == 1


async def test_who_waits_for_paid_calls_says_so_and_how_to_end_now(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await ensure_local_viewer(pool)
    caplog.set_level(logging.INFO, "server.worker")
    studio = replace(Studio.on(pool, database_url, tmp_path), paid=True)
    studio.painter.may.clear()
    async with studio.at_work() as worker:
        generation = await studio.submit()
        await studio.begun()
        ending = asyncio.create_task(worker.hand_over(0, 600))
        said = f"for paid calls of generation {generation}; a second Ctrl-C or SIGTERM ends now"
        async with asyncio.timeout(60):
            while not any(said in message for message in caplog.messages):
                await asyncio.sleep(0.01)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
