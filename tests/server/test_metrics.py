"""What a Prometheus gets, and who gets it."""

from dataclasses import replace

import asyncpg
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.errors import CallFailed
from pipeline.faults import Faults
from server.app import Parts, create_app
from server.metrics import Readings
from storage.broadcasts import Pulse
from storage.standing import Standing
from storage.vitals import Backlog
from tests.pipeline.stages.dress_run import RUN


@pytest.fixture
def pulse() -> Pulse:
    return Pulse("redis")


@pytest.fixture
def readings(pulse: Pulse, pool: asyncpg.Pool) -> Readings:
    return Readings(pulse, pool, lambda: 12)


async def asked(parts: Parts, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get("/metrics", headers=headers)


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_the_process_counts_can_be_read(
    parts: Parts, readings: Readings, pulse: Pulse, pool: asyncpg.Pool
) -> None:
    for connected in (True, False, True, False):
        pulse.note(connected=connected)
    pulse.lost, pulse.failed, pulse.resyncs = 7, 3, 2
    async with pool.acquire():
        answer = await asked(replace(parts, readings=(readings,)))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = samples(answer.text)
    wanted = {
        ("designer_bff_broadcast_connected", "redis"): 0,
        ("designer_bff_broadcast_reconnects_total", "redis"): 1,
        ("designer_bff_broadcast_resyncs_total", "redis"): 2,
        ("designer_bff_broadcast_lost_total", "redis"): 7,
        ("designer_bff_broadcast_failed_total", "redis"): 3,
        ("designer_bff_subscriptions",): 12,
        ("designer_bff_database_connections", "used"): 1,
        ("designer_bff_database_connections", "idle"): pool.get_size() - 1,
        ("designer_bff_database_connections_limit",): pool.get_max_size(),
    }
    assert {key: found.get(key) for key in wanted} == wanted


async def test_each_app_has_readings_of_its_own(parts: Parts, readings: Readings) -> None:
    for _ in range(2):
        assert (await asked(replace(parts, readings=(readings,)))).status_code == 200
    assert "designer_bff" not in (await asked(parts)).text


async def test_elsewhere_than_on_loopback_it_takes_a_key(exposed: Parts) -> None:
    refused = await asked(exposed)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert (await asked(exposed, authorization="Bearer dbff_nobody")).status_code == 401
    assert (await asked(exposed, authorization="Bearer dbff_ada")).status_code == 200


async def test_pages_of_other_sites_get_nothing(parts: Parts) -> None:
    assert (await asked(parts, origin="https://evil.example")).status_code == 403
    assert (await asked(parts, host="evil.example")).status_code == 421


async def test_the_queue_is_told_as_it_is_when_asked(parts: Parts) -> None:
    waiting = iter((Backlog(waiting=3, oldest=61.5, workers=2), None))

    async def backlog() -> Backlog | None:
        return next(waiting)

    observed = replace(parts, backlog=backlog)
    transport = httpx.ASGITransport(create_app(observed))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        told = samples((await client.get("/metrics")).text)
        silent = await client.get("/metrics")
    assert told["designer_bff_runs_waiting",] == 3
    assert told["designer_bff_runs_oldest_seconds",] == 61.5
    assert told["designer_bff_workers",] == 2
    assert silent.status_code == 200
    assert "designer_bff_runs" not in silent.text


async def test_runs_providers_and_money_are_told(
    parts: Parts, pulse: Pulse, pool: asyncpg.Pool
) -> None:
    faults = Faults()
    faults.note("replicate", "flux", RUN.id, 0, CallFailed("it broke"))

    async def standing() -> Standing | None:
        return Standing(
            ended={"FAILED": 2},
            resting={"openai": 1},
            settled={"openai": 1.25},
            held={"openai": 0.06},
            reserved={"replicate": 0.04},
        )

    readings = (Readings(pulse, pool, lambda: 0, faults),)
    told = samples((await asked(replace(parts, readings=readings, standing=standing))).text)
    wanted = {
        ("designer_bff_provider_failures_total", "PROVIDER_FAILED", "replicate"): 1,
        ("designer_bff_runs_ended", "FAILED"): 2,
        ("designer_bff_provider_resting", "openai"): 1,
        ("designer_bff_dollars_settled", "openai"): 1.25,
        ("designer_bff_dollars_held", "openai"): 0.06,
        ("designer_bff_dollars_reserved", "replicate"): 0.04,
    }
    assert {key: told.get(key) for key in wanted} == wanted
