"""A watcher who comes back when the events are no longer kept learns how things stand."""

import subprocess

import asyncpg
import pytest

from tests.acceptance.api import EVENTS, Api, Refused, client
from tests.acceptance.serving import PROGRAM, Serving, data_folder, environment, serving

FEED = "subscription ($after: Cursor) { myEvents(after: $after) { generationId seq cursor } }"
STANDS = """query ($id: ID!) {
  generation(id: $id) { status cursor images { asset { id } } stages { name status summary } }
}"""
AGED = """
with aged as (update generations set completed_at = completed_at - interval '31 days' returning id)
update generation_events set at = at - interval '31 days'
"""


def prune(served: Serving) -> str:
    told = environment({"DATA_DIR": str(served.data)})
    done = subprocess.run([PROGRAM, "prune"], env=told, capture_output=True, text=True, check=True)
    return done.stdout


async def refused(api: Api, query: str, **variables: str | None) -> Refused:
    with pytest.raises(Refused) as caught:
        async with api.watching(query, **variables) as events:
            await anext(events)
    assert caught.value.code == "CURSOR_EXPIRED"
    return caught.value


async def test_whoever_comes_back_too_late_reads_how_things_stand_and_goes_on() -> None:
    with data_folder() as data, serving(data) as served:
        async with client(served.url) as api:
            old = await api.start("FromPrompt", prompt="a blue skirt")
            seen = await api.to_end(old["id"])
            database = await asyncpg.connect(served.database)
            await database.execute(AGED)
            await database.close()
            new = await api.start("FromPrompt", prompt="a red skirt")
            told = await api.to_end(new["id"])

            assert f"{len(seen):>10,} events gone" in prune(served)

            late = await refused(api, FEED, after=seen[0]["cursor"])
            assert late.resume_at == seen[-1]["cursor"]
            async with api.watching(FEED, after=late.resume_at) as events:
                followed = [await anext(events) for _ in told]
            assert [event["cursor"] for event in followed] == [event["cursor"] for event in told]

            for after in (None, seen[0]["cursor"]):
                late = await refused(api, EVENTS, id=old["id"], after=after)
            stands = (await api.ask(STANDS, id=old["id"]))["generation"]
            assert stands["status"] == "COMPLETED"
            assert stands["images"][0]["asset"] is not None
            assert [stage["summary"] is not None for stage in stands["stages"]] == [True] * 7
            for after in (late.resume_at, stands["cursor"]):
                assert await api.to_end(old["id"], after=after) == []
