"""A watcher who was cut off goes on where it was."""

from typing import Any

import pytest

from tests.acceptance.api import EVENTS, Api, Refused

FEED = "subscription ($after: Cursor) { myEvents(after: $after) { generationId seq cursor } }"


async def some(api: Api, id: str, number: int, after: str | None = None) -> list[dict[str, Any]]:
    """Take a few events, then hang up."""
    taken: list[dict[str, Any]] = []
    async with api.watching(EVENTS, id=id, after=after) as events:
        async for event in events:
            taken.append(event)
            if len(taken) == number:
                break
    return taken


async def test_over_websocket(api: Api, photo: bytes) -> None:
    started = await api.upload(photo, settings={"count": 2})
    taken = await some(api, started["id"], 2)
    while taken[-1].get("status") != "COMPLETED":
        taken += await some(api, started["id"], 3, after=taken[-1]["cursor"])
    assert [event["seq"] for event in taken] == list(range(1, len(taken) + 1))
    assert taken == await api.to_end(started["id"])


async def test_over_server_sent_events(api: Api, photo: bytes) -> None:
    started = await api.upload(photo, settings={"count": 2})
    taken: list[dict[str, Any]] = []
    last: str | None = None
    while not taken or taken[-1].get("status") != "COMPLETED":
        async with api.streaming(EVENTS, last, id=started["id"]) as events:
            for _ in range(3):
                sent = await anext(events, None)
                if sent is None:
                    break
                taken.append(sent.data)
                last = sent.id
    assert [event["seq"] for event in taken] == list(range(1, len(taken) + 1))


async def test_a_stream_of_all_runs_takes_up_any_cursor(api: Api) -> None:
    one = await api.start("FromPrompt", prompt="a blue skirt")
    events = await api.to_end(one["id"])
    two = await api.start("FromPrompt", prompt="a red skirt")
    last = (await api.to_end(two["id"]))[-1]
    followed: list[dict[str, Any]] = []
    async with api.watching(FEED, after=events[0]["cursor"]) as feed:
        async for event in feed:
            followed.append(event)
            if event["cursor"] == last["cursor"]:
                break
    for run, skipped in ((one["id"], 1), (two["id"], 0)):
        seqs = [event["seq"] for event in followed if event["generationId"] == run]
        assert seqs == list(range(1 + skipped, len(seqs) + 1 + skipped))
    assert len(followed) == len({event["cursor"] for event in followed})


@pytest.mark.parametrize("cursor", ["nonsense", ""])
async def test_a_garbled_cursor_is_refused_by_name(api: Api, cursor: str) -> None:
    with pytest.raises(Refused) as caught:
        async with api.watching(FEED, after=cursor) as events:
            await anext(events)
    assert (caught.value.code, caught.value.field) == ("INVALID_CURSOR", "after")
