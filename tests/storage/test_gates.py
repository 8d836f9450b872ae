import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, LiteralString, cast

import asyncpg
import pytest

from pipeline.calls import OpenCall
from pipeline.errors import Throttled
from pipeline.imaging import ImageRequest, ImageResult
from pipeline.ports import Accepted
from pipeline.providers.breaking import Breaking
from pipeline.waits import telling
from storage.gates import LOOKS_PER_SECOND, TAKE_SEAT, Breakers, Limit, ProviderGates
from storage.tasks import running
from tests.storage.workbench import asked

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


async def throttled(gates: ProviderGates, seconds: float | None) -> None:
    async with gates.admitted("p"):
        raise Throttled("p", retry_after=seconds)


async def test_whoever_comes_next_waits_for_as_long_as_the_provider_asks(
    pool: asyncpg.Pool,
) -> None:
    limit = Limit(starts=5, window=WINDOW, seats=100)
    gates, other = (ProviderGates(pool, {"p": limit}) for _ in range(2))
    began = asyncio.get_running_loop().time()
    with pytest.raises(Throttled):
        await throttled(gates, 2.0)

    begun, _ = await starts_of([other], 6)

    assert begun[0] >= began + 1.9
    given = await pool.fetchval("select starts from provider_gates")
    assert [later - sooner > WINDOW / 6 for sooner, later in pairwise(given)] == [True] * 4


async def test_a_hold_holds_those_too_that_had_their_start(pool: asyncpg.Pool) -> None:
    gates = ProviderGates(pool, {"p": Limit(starts=1, window=3 * WINDOW, seats=100)})
    clock = asyncio.get_running_loop().time
    inside, sleeps, began = asyncio.Event(), asyncio.Event(), list[float]()

    async def wait() -> None:
        with telling(lambda _: sleeps.set()):
            async with gates.admitted("p"):
                began.append(clock())

    async def complain() -> float:
        said = 0.0
        with suppress(Throttled):
            async with gates.admitted("p"):
                inside.set()
                await sleeps.wait()
                said = clock()
                raise Throttled("p", retry_after=5.0)
        return said

    async with asyncio.timeout(60):
        complaining = asyncio.create_task(complain())
        await inside.wait()
        await wait()

    assert began[0] >= await complaining + 4.9


@pytest.mark.parametrize("said", [None, 86_400.0])
async def test_nobody_else_waits_where_the_provider_asks_for_nothing_or_for_too_much(
    pool: asyncpg.Pool, said: float | None
) -> None:
    gates = ProviderGates(pool, {"p": Limit(starts=5, window=WINDOW, seats=100)})
    with pytest.raises(Throttled):
        await throttled(gates, said)
    async with asyncio.timeout(30), gates.admitted("p"):
        pass


SETTLED = """
insert into charges (id, workspace_id, user_id, generation_id, slot, attempt, model, provider,
                     state, sent_at, updated_at)
select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 0, 1, 'm', $1,
       'SETTLED', now() - interval '40 seconds', now() - interval '10 seconds'
"""
WAITING = """
insert into charges (id, workspace_id, user_id, generation_id, slot, attempt, model, provider,
                     state)
select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 0, 1, 'm', $1,
       'RESERVED'
"""


async def test_who_waits_for_a_place_hears_how_long_by_what_calls_took(pool: asyncpg.Pool) -> None:
    gates = ProviderGates(pool, {"openai": Limit(starts=1000, window=WINDOW, seats=2)})
    heard: list[str] = []
    told = asyncio.Event()

    def hear(words: str) -> None:
        heard.append(words)
        told.set()

    async def wait() -> None:
        with telling(hear):
            async with gates.admitted("openai"):
                pass

    async with asyncio.timeout(20), gates.admitted("openai"), gates.admitted("openai"):
        async with running(wait()):
            await told.wait()
        for _ in range(3):
            await pool.execute(SETTLED, "openai")
            await pool.execute(WAITING, "openai")
        told.clear()
        async with running(wait()):
            await told.wait()

    # Thirty seconds a call and two places, of three that wait: two go before on the average.
    assert heard == [
        "Waiting for a place at OpenAI",
        "Waiting for a place at OpenAI, about 30 s",
    ]


async def test_who_waits_for_the_time_to_start_hears_when_that_is(pool: asyncpg.Pool) -> None:
    gates = ProviderGates(pool, {"p": Limit(starts=1, window=3 * WINDOW, seats=2)})
    heard: list[str] = []
    async with asyncio.timeout(20), gates.admitted("p"):
        with telling(heard.append):
            async with gates.admitted("p"):
                pass
    assert heard == [
        "Waiting for a place at p, about 3 s",
        "Waiting for a place at p, about 1 s",
        "p is asked",
    ]


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


async def test_after_the_pause_one_call_is_tried_and_the_others_wait_for_what_it_brings(
    pool: asyncpg.Pool,
) -> None:
    breakers = Breakers(pool, most=2, pause=timedelta(minutes=1))
    for _ in range(2):
        assert await breakers.rests("p") is None
        await breakers.failed("p")
    left = await breakers.rests("p")
    assert left is not None
    assert 50 < left.seconds <= 60
    assert not left.trial

    await pool.execute("update provider_breakers set open_until = clock_timestamp()")
    answers = await asyncio.gather(*(breakers.rests("p") for _ in range(8)))

    assert answers.count(None) == 1
    assert [answer.trial for answer in answers if answer] == [True] * 7
    await breakers.succeeded("p")
    assert await breakers.rests("p") is None


async def test_an_outage_of_long_ago_says_nothing_of_a_provider(pool: asyncpg.Pool) -> None:
    breakers = Breakers(pool, most=2, pause=timedelta(minutes=1))
    for _ in range(2):
        await breakers.failed("p")
    await pool.execute(
        "update provider_breakers set open_until = clock_timestamp() - interval '4 minutes'"
    )

    assert [await breakers.rests("p") for _ in range(4)] == [None] * 4

    await breakers.failed("p")
    assert await breakers.rests("p") is None


async def test_a_trial_that_fails_begins_the_pause_anew(pool: asyncpg.Pool) -> None:
    breakers = Breakers(pool, most=2, pause=timedelta(minutes=1))
    for _ in range(2):
        await breakers.failed("p")
    await pool.execute("update provider_breakers set open_until = clock_timestamp()")
    assert await breakers.rests("p") is None

    tried = await breakers.rests("p")
    await breakers.failed("p")
    left = await breakers.rests("p")

    assert (tried and tried.trial, left and left.trial) == (True, False)


class Slowly:
    """A model that answers once it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may = asyncio.Event()

    async def generate(self, request: ImageRequest, accepted: Accepted) -> ImageResult:
        del request, accepted
        self.asked += 1
        await self.may.wait()
        return ImageResult(content=b"", content_type="image/png")

    async def resume(
        self, request: ImageRequest, call: OpenCall, accepted: Accepted
    ) -> ImageResult:
        del call
        return await self.generate(request, accepted)


async def test_a_burst_after_an_outage_loses_no_image(pool: asyncpg.Pool) -> None:
    breakers, model, naps = Breakers(pool), Slowly(), 0
    for _ in range(5):
        await breakers.failed("p")
    await pool.execute("update provider_breakers set open_until = clock_timestamp()")

    async def nap(seconds: float) -> None:
        nonlocal naps
        del seconds
        naps += 1
        if naps >= 3:
            model.may.set()
            while await breakers.open():
                await asyncio.sleep(0.01)

    async def accept(external_id: str) -> None:
        del external_id

    breaking = Breaking(model, "p", breakers, nap)
    async with asyncio.timeout(20):
        made = await asyncio.gather(*(breaking.generate(asked(n), accept) for n in range(4)))

    assert (len(made), model.asked) == (4, 4)


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


@dataclass(slots=True)
class Counting:
    """A pool that counts how often a seat is looked for."""

    pool: asyncpg.Pool
    looks: int = 0

    async def fetchval(self, query: LiteralString, /, *args: object) -> Any:
        self.looks += query == TAKE_SEAT
        return await self.pool.fetchval(query, *args)

    async def execute(self, query: LiteralString, /, *args: object) -> str:
        return await self.pool.execute(query, *args)


async def test_a_crowd_that_waits_asks_the_database_no_more_often(pool: asyncpg.Pool) -> None:
    counting = Counting(pool)
    limit = Limit(starts=1000, window=WINDOW, seats=1)
    gates = ProviderGates(cast("asyncpg.Pool", counting), {"p": limit})

    async def wait() -> None:
        async with gates.admitted("p"):
            raise AssertionError("the seat was taken")

    async with gates.admitted("p"):
        waiting = [asyncio.create_task(wait()) for _ in range(50)]
        async with asyncio.timeout(20):
            while counting.looks < 3 * len(waiting):
                await asyncio.sleep(0.05)
        before = counting.looks
        await asyncio.sleep(2)
        looks = counting.looks - before
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    assert looks <= 2 * LOOKS_PER_SECOND * 1.5
