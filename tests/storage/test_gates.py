import asyncio
from datetime import timedelta

import asyncpg
import pytest

from storage.gates import Breakers, Limit, ProviderGates

WINDOW = timedelta(seconds=1)


async def starts_of(
    gates: list[ProviderGates], calls: int, body: float = 0.0
) -> tuple[list[float], int]:
    """Return when each call started, and how many were under way at the most."""
    loop = asyncio.get_running_loop()
    begun: list[float] = []
    inside = most = 0

    async def call(gate: ProviderGates) -> None:
        nonlocal inside, most
        async with gate.admitted("p"):
            begun.append(loop.time())
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(body)
            inside -= 1

    await asyncio.gather(*(call(gates[n % len(gates)]) for n in range(calls)))
    return sorted(begun), most


def crowd(begun: list[float], window: float) -> int:
    """Return the most starts that any window of this length holds."""
    return max(sum(first <= other < first + window for other in begun) for first in begun)


async def test_no_window_holds_more_starts_than_agreed(pool: asyncpg.Pool) -> None:
    limit = Limit(starts=10, window=WINDOW, seats=100)
    gates = [ProviderGates(pool, {"p": limit}) for _ in range(2)]

    begun, _ = await starts_of(gates, 35)

    assert crowd(begun, WINDOW.total_seconds()) <= 10
    assert begun[-1] - begun[0] < 3 * WINDOW.total_seconds() * 1.15


async def test_no_more_calls_are_under_way_than_there_are_seats(pool: asyncpg.Pool) -> None:
    gates = ProviderGates(pool, {"p": Limit(starts=1000, window=WINDOW, seats=3)})

    _, most = await starts_of([gates], 9, body=0.05)

    assert most == 3


async def test_a_seat_of_a_dead_worker_is_free_after_a_while(pool: asyncpg.Pool) -> None:
    gates = ProviderGates(pool, {"p": Limit(starts=1000, window=WINDOW, seats=1)})
    async with gates.admitted("p"):
        await pool.execute("update provider_seats set held_until = now() - interval '1 s'")

        async with asyncio.timeout(5), gates.admitted("p"):
            taken = await pool.fetchval("select count(*) from provider_seats where holder is null")
            assert taken == 0


async def test_the_breaker_opens_after_failures_in_a_row(pool: asyncpg.Pool) -> None:
    breakers = Breakers(pool, most=3, pause=timedelta(minutes=1))
    for _ in range(2):
        await breakers.failed("p")
    await breakers.succeeded("p")
    for _ in range(2):
        await breakers.failed("p")
    assert await breakers.open() == frozenset()

    await breakers.failed("p")

    assert await breakers.open() == {"p"}
    assert await Breakers(pool).open() == {"p"}
    await breakers.succeeded("p")
    assert await breakers.open() == frozenset()


@pytest.mark.parametrize("starts", [1, 2])
async def test_a_limit_of_one_or_two_holds_too(pool: asyncpg.Pool, starts: int) -> None:
    window = timedelta(seconds=0.2)
    gates = ProviderGates(pool, {"p": Limit(starts=starts, window=window, seats=10)})

    begun, _ = await starts_of([gates], 5)

    assert crowd(begun, window.total_seconds()) <= starts


async def test_what_was_made_is_not_lost_with_the_database(pool: asyncpg.Pool) -> None:
    gates = ProviderGates(pool, {"p": Limit(starts=1000, window=WINDOW, seats=1)})
    async with gates.admitted("p"):
        await pool.execute("alter table provider_seats rename to seats_that_are_away")

    await pool.execute("alter table seats_that_are_away rename to provider_seats")
    assert await pool.fetchval("select count(*) from provider_seats where holder is null") == 0


async def test_what_can_not_be_counted_is_no_failure(
    pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    await pool.execute("alter table provider_breakers rename to breakers_that_are_away")

    await Breakers(pool).failed("p")
    await Breakers(pool).succeeded("p")

    assert len(caplog.records) == 2
