"""Two servers and three workers on one PostgreSQL, one Redis and one bucket."""

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import AsyncExitStack
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from schema.cursors import Cursor, stream_cursor, stream_position
from storage.accounts import LOCAL
from tests.acceptance.api import EVENTS, Api, client
from tests.acceptance.fleet import Fleet, fleet
from tests.storage import s3_server
from tests.storage.redis_server import RedisServer

FEED = """subscription ($after: Cursor) {
  myEvents(after: $after) { generationId seq cursor ... on StatusChanged { status } }
}"""
IMAGES = "query ($id: ID!) { generation(id: $id) { assets { edges { node { kind url } } } } }"
BEGINNING = stream_cursor(LOCAL.workspace, 0)
RECONNECTED = 'designer_bff_broadcast_reconnects_total{backend="redis"} 1.0'
RUNS = 4

Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with s3_server.serving(tmp_path_factory.mktemp("s3")) as address:
        httpx.put(f"{address}/images", trust_env=False).raise_for_status()
        yield address


@pytest.fixture
def machines(
    database_url: str, redis: RedisServer, bucket: str, tmp_path: Path
) -> Generator[Fleet]:
    environ = {
        "DATABASE_URL": database_url,
        "BROADCAST_URL": redis.url,
        "R2_ENDPOINT": bucket,
        "R2_BUCKET_NAME": "images",
        "R2_ACCESS_KEY_ID": "test",
        "R2_SECRET_ACCESS_KEY": "test",
        "LEASE_SECONDS": "2",
        "WORKER_SLOTS": "1",
    }
    with fleet(tmp_path, environ, servers=2, workers=3) as started:
        yield started


@pytest.fixture
async def apis(machines: Fleet) -> AsyncGenerator[list[Api]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(client(one.url)) for one in machines.servers]


async def test_any_server_shows_what_any_worker_does(
    apis: list[Api], machines: Fleet, redis: RedisServer, pool: asyncpg.Pool, photo: bytes
) -> None:
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        feeds = [
            group.create_task(over_websocket([*apis, *apis], 2 + RUNS)),
            group.create_task(over_sse([*apis, *apis], 2 + RUNS)),
            group.create_task(over_websocket(apis[1:], 2 + RUNS)),
        ]
        await watched_elsewhere(apis[0], apis[1], photo)
        await one_key_is_one_run(apis)
        started = await asyncio.gather(
            *(
                apis[number % 2].start("FromPrompt", prompt=f"coat {number}", settings={"count": 3})
                for number in range(RUNS)
            )
        )
        await lose_a_worker(machines, pool)
        machines.servers[0].kill()
        await lose_redis(redis, apis[1])
    for run in started:
        assert (await apis[1].to_end(run["id"]))[-1]["status"] == "COMPLETED"
    assert await pool.fetchval("select count(*) from generations where claim > 1") >= 1
    feed = feeds[0].result()
    assert feed == feeds[1].result() == feeds[2].result()
    places = [stream_position(LOCAL.workspace, Cursor(event["cursor"])) for event in feed]
    assert places == list(range(1, len(feed) + 1))
    by_run = sorted(feed, key=lambda event: str(event["generationId"]))
    for _, events in groupby(by_run, key=lambda event: str(event["generationId"])):
        seqs = [event["seq"] for event in events]
        assert seqs == list(range(1, len(seqs) + 1))


async def watched_elsewhere(here: Api, there: Api, photo: bytes) -> None:
    """Upload at one server, and see the run and its images at the other."""
    run = await here.upload(photo, settings={"count": 2})
    events, sent = await asyncio.gather(there.to_end(run["id"]), sse_to_end(there, run["id"]))
    assert events == sent
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["status"] == "COMPLETED"
    edges = (await there.ask(IMAGES, id=run["id"]))["generation"]["assets"]["edges"]
    images = [edge["node"] for edge in edges]
    assert sorted(image["kind"] for image in images) == ["GENERATED", "GENERATED", "SOURCE"]
    for image in images:
        path = urlsplit(str(image["url"])).path
        answers = [await api.http.get(path, follow_redirects=True) for api in (here, there)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].content == answers[1].content


async def one_key_is_one_run(apis: list[Api]) -> None:
    answers = await asyncio.gather(
        *(api.start("FromPrompt", prompt="a red coat", idempotencyKey="once") for api in apis * 2)
    )
    assert len({answer["id"] for answer in answers}) == 1


async def lose_a_worker(machines: Fleet, pool: asyncpg.Pool) -> None:
    """Kill a worker that certainly has a run in its hands: all three have."""
    workers = [worker.process for worker in machines.workers]
    while True:
        for process in workers:
            process.send_signal(signal.SIGSTOP)
        busy = await pool.fetchval(
            "select count(*) from generations where status = 'PROCESSING' and leased_until > now()"
        )
        if busy == len(workers):
            machines.workers[0].kill()
        for process in workers:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
        if busy == len(workers):
            return
        await asyncio.sleep(0.05)


async def lose_redis(redis: RedisServer, api: Api) -> None:
    """Kill it until the server says so, and have it back."""
    redis.kill()
    while "ok" in (health := (await api.http.get("/health/ready")).json())["status"]:
        await asyncio.sleep(0.05)
    assert health["ready"]
    assert health["problems"] == [
        "The doorbell is not connected: live events arrive up to 5 s late."
    ]
    redis.start()
    while "ok" not in (await api.http.get("/health/ready")).json()["status"]:
        await asyncio.sleep(0.05)
    assert RECONNECTED in (await api.http.get("/metrics")).text


async def sse_to_end(api: Api, id: str) -> Events:
    async with api.streaming(EVENTS, id=id) as events:
        return [sent.data async for sent in events]


async def over_websocket(apis: list[Api], runs: int) -> Events:
    """Follow the feed until so many runs have ended; go to the next server where one is lost."""
    seen: Events = []
    for api in apis:
        after = seen[-1]["cursor"] if seen else BEGINNING
        try:
            async with api.watching(FEED, after=after) as events:
                if await ended(events, seen, runs):
                    return seen
        except (OSError, ConnectionClosed):
            continue
    raise AssertionError("no server is left")


async def over_sse(apis: list[Api], runs: int) -> Events:
    """Follow it likewise by server-sent events and their ids."""
    seen: Events = []
    for api in apis:
        last = seen[-1]["cursor"] if seen else None
        try:
            async with api.streaming(FEED, last, after=BEGINNING) as events:
                if await ended((sent.data async for sent in events), seen, runs):
                    return seen
        except (OSError, httpx.TransportError):
            continue
    raise AssertionError("no server is left")


async def ended(events: AsyncIterator[dict[str, Any]], seen: Events, runs: int) -> bool:
    left = runs - sum(1 for event in seen if event.get("status") == "COMPLETED")
    async for event in events:
        seen.append(event)
        left -= event.get("status") == "COMPLETED"
        if not left:
            return True
    return False
