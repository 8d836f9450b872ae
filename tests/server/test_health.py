"""Liveness, and readiness with what is wrong."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from server.app import Parts, create_app
from server.health import Check, Health, doorbell
from storage.broadcasts import Pulse


async def fine() -> str | None:
    return None


async def broken() -> str | None:
    return "The store is full."


async def asked(parts: Parts, *checks: Check, lesser: Check = fine) -> list[httpx.Response]:
    health = Health([("one", check) for check in checks], [("another", lesser)])
    transport = httpx.ASGITransport(create_app(replace(parts, health=health)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return [await client.get("/health"), await client.get("/health/ready")]


async def test_a_healthy_server_is_live_and_ready(parts: Parts) -> None:
    for answer in await asked(parts, fine, fine):
        assert answer.status_code == 200
        assert answer.json() == {"status": "ok", "live": True, "ready": True, "problems": []}
        assert answer.headers["cache-control"] == "no-store"


async def test_a_server_that_can_t_work_lives_and_says_why(parts: Parts) -> None:
    live, ready = await asked(parts, fine, broken)
    assert (live.status_code, ready.status_code) == (200, 503)
    for answer in (live, ready):
        assert answer.json()["status"] == "degraded"
        assert answer.json()["ready"] is False
        assert answer.json()["problems"] == ["The store is full."]


async def test_what_only_slows_it_down_is_told_and_it_stays_ready(parts: Parts) -> None:
    for answer in await asked(parts, fine, lesser=broken):
        assert answer.status_code == 200
        assert (answer.json()["status"], answer.json()["ready"]) == ("degraded", True)
        assert answer.json()["problems"] == ["The store is full."]


@pytest.mark.parametrize(
    ("connected", "seconds", "told"),
    [(True, 60, False), (None, 60, False), (False, 0.5, False), (False, 60, True)],
)
async def test_a_doorbell_that_stays_silent_is_told(
    connected: bool | None, seconds: float, told: bool
) -> None:
    pulse = Pulse("redis")
    pulse.note(connected=connected)
    pulse.since -= seconds
    sentence = "The doorbell is not connected: live events arrive up to 5 s late."
    assert await doorbell(pulse, 5.0)() == (sentence if told else None)


async def test_a_check_that_hangs_is_a_problem(parts: Parts) -> None:
    async def hanging() -> str | None:
        await asyncio.Event().wait()
        return None

    health = Health([("the queue", fine), ("the store", hanging)], seconds=0.05)
    transport = httpx.ASGITransport(create_app(replace(parts, health=health)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["The check of the store did not end within 0.05 seconds."]
