"""What a frontend does all day, against the real server."""

import asyncio
import json
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.api import STAGES, Api
from tests.acceptance.serving import PROGRAM, SECONDS, Serving, environment

GOWN = {
    "garmentType": "evening gown",
    "fabric": {"type": "silk satin"},
    "colors": {"primary": "burgundy"},
    "style": {"aesthetic": "elegant"},
}
RECORD = """query ($id: ID!) {
  generation(id: $id) {
    status attempt mode warnings
    spec { garmentType { value locked } fabric { value } colors { name hex } raw }
    stages { name status summary }
    finalPrompt { text }
    images { status asset { id url width height } }
    feedback { totalCount edges { node { id kind rating comment asset { id } } } }
  }
}"""
FEEDBACK = """mutation ($input: FeedbackInput!) {
  answer: submitFeedback(input: $input) {
    __typename ... on Feedback { id kind rating comment } ... on UserError { code message }
  }
}"""
PAGE = """query ($first: Int, $after: String, $last: Int, $before: String) {
  generations(first: $first, after: $after, last: $last, before: $before) {
    totalCount
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


async def finished(api: Api, started: dict[str, Any]) -> Any:
    """Follow a run to its end, and return its record."""
    assert started["__typename"] == "Generation", started
    events = await api.to_end(started["id"])
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return (await api.ask(RECORD, id=started["id"]))["generation"]


def stages(record: dict[str, Any]) -> dict[str, str]:
    return {stage["name"]: stage["status"] for stage in record["stages"]}


async def test_a_specification_becomes_pictures(api: Api) -> None:
    started = await api.start(
        "FromSpec", spec={"records": [GOWN]}, settings={"count": 2, "aspectRatio": "SQUARE"}
    )
    record = await finished(api, started)
    assert record["status"] == "COMPLETED"
    assert record["spec"]["raw"] == {"records": [GOWN]}
    assert record["spec"]["garmentType"] == {"value": "dress", "locked": True}
    assert record["spec"]["fabric"]["value"] == "silk satin"
    assert [colour["name"] for colour in record["spec"]["colors"]] == ["burgundy"]
    assert stages(record) == {"ANALYSIS": "SKIPPED", **dict.fromkeys(STAGES[1:], "COMPLETED")}
    assert "burgundy" in record["finalPrompt"]["text"]
    urls = [image["asset"]["url"] for image in record["images"]]
    pictures = [await api.http.get(url) for url in urls]
    assert len({picture.content for picture in pictures}) == 2


async def test_words_are_sent_as_they_are(api: Api) -> None:
    words = "A burgundy silk evening gown, draped neckline"
    record = await finished(api, await api.start("FromPrompt", prompt=words))
    assert record["finalPrompt"]["text"] == words
    assert stages(record) == {
        **dict.fromkeys(STAGES, "SKIPPED"),
        **dict.fromkeys(("ROUTING", "GENERATION", "DELIVERY"), "COMPLETED"),
    }
    assert all(stage["summary"] for stage in record["stages"])


async def test_feedback_is_kept_replaced_and_taken_back(api: Api) -> None:
    started = await api.start("FromPrompt", prompt="a green shirt")
    record = await finished(api, started)
    about = {"generationId": started["id"], "assetId": record["images"][0]["asset"]["id"]}
    first = await api.ask(FEEDBACK, input={**about, "kind": "RATING", "rating": 2})
    again = await api.ask(FEEDBACK, input={**about, "kind": "RATING", "rating": 5})
    assert again["answer"]["id"] == first["answer"]["id"]
    await api.ask(FEEDBACK, input={**about, "kind": "COMMENT", "comment": "more drape"})
    given = (await api.ask(RECORD, id=started["id"]))["generation"]["feedback"]
    assert [
        (edge["node"]["kind"], edge["node"]["rating"], edge["node"]["comment"])
        for edge in given["edges"]
    ] == [("RATING", 5, None), ("COMMENT", None, "more drape")]
    deleted = await api.ask(
        "mutation ($id: ID!) { answer: deleteFeedback(id: $id) { __typename } }",
        id=first["answer"]["id"],
    )
    assert deleted["answer"]["__typename"] == "Deleted"
    left = (await api.ask(RECORD, id=started["id"]))["generation"]["feedback"]
    assert left["totalCount"] == 1


async def test_pages_lead_through_everything_both_ways(api: Api) -> None:
    for number in range(5):
        await api.start("FromPrompt", prompt=f"hat number {number}")
    whole = (await api.ask(PAGE, first=100))["generations"]
    ids = [edge["node"]["id"] for edge in whole["edges"]]
    assert whole["totalCount"] == len(ids) == len(set(ids))

    onward: list[str] = []
    page: dict[str, Any] = {"pageInfo": {"endCursor": None, "hasNextPage": True}}
    while page["pageInfo"]["hasNextPage"]:
        page = (await api.ask(PAGE, first=2, after=page["pageInfo"]["endCursor"]))["generations"]
        onward += [edge["node"]["id"] for edge in page["edges"]]
    assert onward == ids

    back: list[str] = []
    page = {"pageInfo": {"startCursor": None, "hasPreviousPage": True}}
    while page["pageInfo"]["hasPreviousPage"]:
        page = (await api.ask(PAGE, last=2, before=page["pageInfo"]["startCursor"]))["generations"]
        back = [edge["node"]["id"] for edge in page["edges"]] + back
    assert back == ids


async def test_fifty_duplicates_are_one_run(api: Api, photo: bytes, product: Serving) -> None:
    before = (await api.ask(PAGE))["generations"]["totalCount"]
    stored = set(product.data.glob("objects/*/*.jpg"))
    sent = photo + b"\0"
    answers = await asyncio.gather(
        *(api.upload(sent, prompt="the same", idempotencyKey="fifty") for _ in range(50))
    )
    assert len({answer["id"] for answer in answers}) == 1
    assert (await api.ask(PAGE))["generations"]["totalCount"] == before + 1
    assert len(set(product.data.glob("objects/*/*.jpg")) - stored) == 1
    events = await api.to_end(answers[0]["id"])
    assert [event["status"] for event in events if "status" in event] == [
        "PENDING",
        "PROCESSING",
        "COMPLETED",
    ]
    other = await api.upload(sent, prompt="another", idempotencyKey="fifty")
    assert (other["__typename"], other["code"]) == ("Conflict", "IDEMPOTENCY_CONFLICT")


async def test_a_cancelled_run_is_retried_and_deleted(api: Api, photo: bytes) -> None:
    started = await api.upload(photo, settings={"count": 8})
    cancelled = await api.do("cancelGeneration", started["id"])
    assert cancelled["status"] == "CANCELLED", cancelled
    first = await api.to_end(started["id"])
    assert first[-1]["status"] == "CANCELLED"
    assert (await api.do("cancelGeneration", started["id"]))["__typename"] == "Conflict"

    retried = await api.do("retryGeneration", started["id"])
    assert retried["attempt"] == 2, retried
    then = await api.to_end(started["id"], after=first[-1]["cursor"])
    assert [event["seq"] for event in (*first, *then)] == [*range(1, len(first) + len(then) + 1)]
    assert (then[-1]["status"], then[-1]["attempt"]) == ("COMPLETED", 2)
    assert (await api.do("retryGeneration", started["id"]))["__typename"] == "Conflict"

    record = (await api.ask(RECORD, id=started["id"]))["generation"]
    urls = [image["asset"]["url"] for image in record["images"]]
    assert len(urls) == 8
    assert (await api.do("deleteGeneration", started["id"]))["__typename"] == "Deleted"
    assert (await api.ask(RECORD, id=started["id"]))["generation"] is None
    assert (await api.do("deleteGeneration", started["id"]))["__typename"] == "NotFound"
    async with asyncio.timeout(SECONDS):
        while (await api.http.get(urls[0])).status_code != 404:
            await asyncio.sleep(0.1)


async def test_a_running_server_does_the_work_of_the_shell(
    api: Api, product: Serving, tmp_path: Path
) -> None:
    done = await asyncio.create_subprocess_exec(
        PROGRAM, "generate", "--prompt", "a straw hat", "--out", "hat", "--data", product.data,
        cwd=tmp_path, env=environment(), stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    _, errors = await asyncio.wait_for(done.communicate(), SECONDS)
    assert (done.returncode, errors) == (0, b"")
    record = json.loads((tmp_path / "hat" / "record.json").read_text())
    shown = (await api.ask(RECORD, id=record["id"]))["generation"]
    assert shown["images"][0]["asset"]["url"].startswith(api.url)
    (image,) = (tmp_path / "hat").glob("*.png")
    assert (await api.http.get(shown["images"][0]["asset"]["url"])).content == image.read_bytes()


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/"])
async def test_the_doors_are_open(api: Api, path: str) -> None:
    answer = await api.http.get(path, follow_redirects=True, headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 200
