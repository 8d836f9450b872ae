"""The process dies in mid-run; started again, it goes on where it was."""

from collections import Counter
from typing import Any

import pytest

from tests.acceptance.api import EVENTS, STAGES, client
from tests.acceptance.serving import Serving, data_folder, serving

# How long a worker may be silent before its runs are taken over.
SOON = {"LEASE_SECONDS": "1"}
OVER = {"COMPLETED", "SKIPPED"}


@pytest.mark.parametrize("victim", ["ANALYSIS", "GENERATION"])
async def test_a_run_outlives_its_process(photo: bytes, victim: str) -> None:
    with data_folder() as data:
        with serving(data, SOON) as server:
            generation, seen = await killed_at(server, photo, victim)
        finished = {
            event["stage"]["name"]
            for event in seen
            if event["__typename"] == "StageChanged" and event["stage"]["status"] in OVER
        }
        assert finished == set(STAGES[: STAGES.index(victim)])

        with serving(data, SOON) as server:
            async with client(server.url) as api:
                events = await api.to_end(generation)
                record = await api.ask(
                    "query ($id: ID!) { generation(id: $id) { status images { asset { url } } } }",
                    id=generation,
                )
                assert record["generation"]["status"] == "COMPLETED"
                for image in record["generation"]["images"]:
                    assert (await api.http.get(image["asset"]["url"])).status_code == 200

    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[: len(seen)] == seen
    assert events[-1]["status"] == "COMPLETED"
    started = Counter(
        event["stage"]["name"]
        for event in events
        if event["__typename"] == "StageChanged" and event["stage"]["status"] == "RUNNING"
    )
    assert {stage: started[stage] for stage in finished} == dict.fromkeys(finished, 1)
    assert set(started) == set(STAGES)


async def killed_at(server: Serving, photo: bytes, victim: str) -> tuple[str, list[dict[str, Any]]]:
    """Start a run, and kill the server once `victim` runs; return what was seen until then."""
    seen: list[dict[str, Any]] = []
    async with client(server.url) as api:
        started = await api.upload(photo, settings={"count": 4})
        async with api.watching(EVENTS, id=started["id"]) as events:
            async for event in events:
                seen.append(event)
                if event.get("stage") and runs(event["stage"], victim):
                    server.kill()
                    break
    return started["id"], seen


def runs(stage: dict[str, Any], name: str) -> bool:
    return (stage["name"], stage["status"]) == (name, "RUNNING")
