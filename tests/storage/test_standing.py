"""How runs, providers and money stand, as an operator watches them."""

import logging
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from storage.gates import Breakers
from storage.standing import standing
from tests.storage.workbench import Bench, asked


async def test_what_ended_what_rests_and_what_is_held_is_told(bench: Bench) -> None:
    breakers = Breakers(bench.db, most=2, pause=timedelta(minutes=10))
    for _ in range(2):
        await breakers.failed("openai")
    run, journal = await bench.claimed()
    for slot in (0, 1):
        call = await journal.call_opened(asked(slot), "painter", Decimal("0.06"))
        if slot == 0:
            await journal.call_held(call, "cut off")
    words = await journal.side_call_opened("gpt-6-luna", "openai", Decimal("0.002"))
    await journal.call_settled(words, Decimal("0.003"), "done")
    await bench.claims.finish(run, None)

    told = await standing(bench.db, ("openai", "replicate"))

    assert told is not None
    assert told.ended == {"COMPLETED": 1, "FAILED": 0, "CANCELLED": 0}
    assert told.resting == {"openai": 1, "replicate": 0}
    assert told.settled == {"openai": 0.003, "replicate": 0}
    assert told.held == {"openai": 0, "replicate": 0, "painter": 0.06}
    assert told.reserved == {"openai": 0, "replicate": 0, "painter": 0.06}


async def test_nothing_is_told_without_tables(empty_database_url: str) -> None:
    async with asyncpg.create_pool(empty_database_url, min_size=1, max_size=1) as pool:
        assert await standing(pool, ("openai",)) is None


async def test_a_call_of_unknown_outcome_and_the_end_of_its_run_are_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storage")
    run, journal = await bench.claimed()
    call = await journal.call_opened(asked(1), "painter", Decimal("0.06"))
    await journal.call_held(call, "a red gown was cut off")
    await bench.claims.finish(run, None)

    assert (
        f"nobody knows whether call {call} to painter of painter ran, for image 2 of generation "
        f"{run.id}: $0.06 is held"
    ) in caplog.messages
    ended = caplog.messages[-1]
    assert ended.startswith(f"generation {run.id} is COMPLETED in attempt 1: 0 of 2 images, $0, ")
    assert "gown" not in caplog.text


async def test_a_provider_that_is_left_alone_is_in_the_log(
    pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    breakers = Breakers(pool, most=2, pause=timedelta(minutes=1))
    await breakers.failed("p")
    assert caplog.messages == []
    await breakers.failed("p")
    assert caplog.messages == ["p failed 2 times in a row and is left alone for 60 s"]
