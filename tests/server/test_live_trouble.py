"""What goes wrong at a provider, as whoever watches the run is told of it, through the twin."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from pipeline.domain import StageName
from storage.accounts import ensure_local_viewer
from tests.server.twinned import FOUND, Studio, studio
from twin.faults import Refused, Slow
from twin.script import Rule, When, Where

RETRY = "mutation ($id: ID!) { retryGeneration(id: $id) { __typename } }"
REST = """
insert into provider_breakers (provider, failures, open_until)
values ('replicate', 5, clock_timestamp() + interval '1 hour')
"""
REST_NO_LONGER = "update provider_breakers set open_until = clock_timestamp()"

CREATED = Where(provider="replicate", endpoint="create")


@pytest.fixture
async def at(pool: asyncpg.Pool, database_url: str, tmp_path: Path) -> AsyncGenerator[Studio]:
    await ensure_local_viewer(pool)
    async with studio(database_url, tmp_path) as opened:
        yield opened


async def ended(at: Studio, generation: str) -> tuple[list[dict[str, Any]], Any]:
    """Watch the run to its end; return its events and what it has become."""
    events = [event async for event in at.watched(generation)]
    return events, (await at.ask(FOUND, id=generation))["generation"]


def about_images(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was told of single images, but for how they take shape."""
    told = [one for one in events if one.get("slot") is not None]
    return [one for one in told if "takes shape" not in (one.get("message") or "")]


async def test_a_refused_content_that_goes_on_elsewhere_is_seen_and_stays_on_record(
    at: Studio,
) -> None:
    at.twin.twin.script.add([Rule(Refused(reason="violence"), CREATED, When(next=1))])
    run = await at.start(provider="replicate")
    events, end = await ended(at, run["id"])

    assert end["status"] == "COMPLETED"
    first, asset = about_images(events)
    assert (first["__typename"], asset["__typename"]) == ("StageProgress", "AssetCreated")
    refused, stood_in = end["route"]["model"]["key"], end["images"][0]["asset"]["model"]["key"]
    assert refused != stood_in
    assert first["message"].startswith(f"{refused} could not make image 1: ")
    assert "violence" in first["message"]
    assert first["message"].endswith(f"; {stood_in} is asked instead")
    assert first["error"] is None
    assert any("violence" in one and refused in one for one in end["warnings"])


async def test_an_image_that_can_not_be_made_is_told_while_others_are_under_way(
    at: Studio,
) -> None:
    rules = [Rule(Refused(), CREATED, When(on=(1,))), Rule(Slow(seconds=1), CREATED)]
    at.twin.twin.script.add(rules)
    run = await at.start(model="flux-schnell", count=2)
    events, end = await ended(at, run["id"])

    first, asset = about_images(events)
    assert first["error"] == {"code": "CONTENT_REJECTED", "charged": False}
    assert (asset["__typename"], asset["slot"]) == ("AssetCreated", 1 - first["slot"])
    assert end["status"] == "COMPLETED"
    assert end["images"][first["slot"]]["error"] == {"code": "CONTENT_REJECTED"}


async def test_who_asked_for_a_model_by_name_waits_for_its_provider_and_is_told(
    at: Studio, pool: asyncpg.Pool
) -> None:
    await pool.execute(REST)
    run = await at.start(model="flux-schnell")
    told = 0
    async for event in at.watched(run["id"]):
        if "failed too often lately: it is asked again" in (event.get("message") or ""):
            told += 1
            await pool.execute(REST_NO_LONGER)

    end = (await at.ask(FOUND, id=run["id"]))["generation"]
    assert (end["status"], end["warnings"]) == ("COMPLETED", [])
    assert told > 0
    assert await pool.fetchval("select failures from provider_breakers") == 0


async def test_what_is_there_when_the_time_is_over_is_delivered_and_the_rest_can_be_made(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    await ensure_local_viewer(pool)
    deadlines = {StageName.GENERATION: 10}
    async with studio(database_url, tmp_path, deadlines=deadlines) as at:
        at.twin.twin.script.add([Rule(Slow(seconds=120), CREATED, When(on=(1,)))])
        run = await at.start(model="flux-schnell", count=2)
        events, end = await ended(at, run["id"])

        assert end["status"] == "COMPLETED"
        first, asset = about_images(events)
        assert first["error"]["code"] == "DEADLINE_EXCEEDED"
        assert asset["slot"] == 1 - first["slot"]
        assert end["images"][first["slot"]]["error"] == {"code": "DEADLINE_EXCEEDED"}
        missing = f"Image {first['slot'] + 1} is missing: "
        assert [one.startswith(missing) for one in end["warnings"]] == [True]

        assert (await at.ask(RETRY, id=run["id"]))["retryGeneration"]["__typename"] == "Generation"
        _, again = await ended(at, run["id"])
        assert [one["status"] for one in again["images"]] == ["COMPLETED", "COMPLETED"]
        assert again["warnings"] == []
        assert len(at.billed) == 3
