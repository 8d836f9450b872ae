"""Limits of the providers, kept in PostgreSQL so that they hold for all workers together."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from math import inf
from uuid import UUID, uuid4

import asyncpg

from pipeline.breakers import Rest
from pipeline.errors import Throttled
from pipeline.turns import MOST_WAIT
from pipeline.waits import goes_on, waits
from storage.blips import PATIENCE, outlasting, spared
from storage.tasks import running

MAKE_GATE = "insert into provider_gates (provider) values ($1) on conflict do nothing"

# The call may start one window after the one that is `limit` starts before it.
TAKE_START = """
update provider_gates
   set starts = (starts || greatest(
         clock_timestamp(),
         starts[cardinality(starts) - $2::int + 1] + $3::interval))
         [greatest(1, cardinality(starts) + 2 - $2::int) :]
 where provider = $1
returning extract(epoch from starts[cardinality(starts)] - clock_timestamp())::double precision
"""

# As if a whole window's starts, evenly apart, had been just so long ago that the next is due then.
HOLD_STARTS = """
update provider_gates
   set held_until = greatest(held_until, clock_timestamp() + $3::interval),
       starts = array(
         select greatest(given, clock_timestamp() + $3::interval
                  - $4::interval * (1 - (place - cardinality(starts) - 1)::float8 / $2::int))
           from unnest(array_fill('-infinity'::timestamptz, array[$2::int]) || starts)
                with ordinality as had (given, place)
          order by place
         offset cardinality(starts))
 where provider = $1
"""

STILL_HELD = "select held_until > clock_timestamp() from provider_gates where provider = $1"

MAKE_SEATS = """
insert into provider_seats (provider, seat) select $1, generate_series(1, $2::int)
on conflict do nothing
"""

TAKE_SEAT = """
update provider_seats
   set holder = $3, held_until = clock_timestamp() + $4
 where provider = $1
   and seat = (select seat from provider_seats
                where provider = $1 and seat <= $2
                  and (held_until is null or held_until < clock_timestamp())
                order by seat
                limit 1
                for update skip locked)
returning seat
"""

# Half of those that wait go before this one; places get free as calls take their usual time.
SEAT_WAIT = """
select (1 + (select count(*) from charges
              where provider = $1 and state = 'RESERVED' and sent_at is null)) / 2.0 / $2::int
       * (select percentile_cont(0.5) within group (order by took)
            from (select extract(epoch from updated_at - sent_at)::float8 as took
                    from charges
                   where provider = $1 and state = 'SETTLED' and sent_at is not null
                   order by updated_at desc
                   limit 50) as recent)
"""

KEEP_SEAT = """
update provider_seats set held_until = clock_timestamp() + $3
 where provider = $1 and holder = $2
"""

LEAVE_SEAT = """
update provider_seats set holder = null, held_until = null where provider = $1 and holder = $2
"""

COUNT_FAILURE = """
insert into provider_breakers (provider, failures) values ($1, 1)
on conflict (provider) do update
   set failures = provider_breakers.failures + 1,
       trying = false,
       open_until = case when provider_breakers.failures + 1 >= $2
                         then clock_timestamp() + $3 else provider_breakers.open_until end
returning failures
"""

COUNT_SUCCESS = """
update provider_breakers set failures = 0, open_until = null, trying = false
 where provider = $1 and failures > 0
"""

OPEN_BREAKERS = "select provider from provider_breakers where open_until > clock_timestamp()"

# When the pause is over, one call goes before all others: the pause begins anew for them.
# Long after it nobody knows anything against the provider any more.
REST_OR_TRY = """
with asked as (
  update provider_breakers
     set trying = open_until >= now() - $3::interval,
         failures = case when open_until >= now() - $3::interval then failures else 0 end,
         open_until = case when open_until >= now() - $3::interval
                           then clock_timestamp() + $2::interval end
   where provider = $1 and open_until <= now()
  returning true)
select greatest(extract(epoch from open_until - clock_timestamp())::float8, 0) as seconds,
       trying or open_until <= now() as trial
  from provider_breakers
 where provider = $1 and open_until >= now() - $3::interval and not exists (select from asked)
"""

SEAT_HELD = timedelta(seconds=30)
LOOK_AGAIN = 0.2
# Of all that wait in a process: however many they are, the database is asked no more often.
LOOKS_PER_SECOND = 25
SAY_AGAIN = 2.0
# A start may come late by its sleep; without slack a late one and the next would share a window.
SLACK = timedelta(milliseconds=50)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `starts` calls in any `window`, and at most `seats` at the same time."""

    starts: int
    window: timedelta
    seats: int


@dataclass(frozen=True, slots=True)
class ProviderGates:
    """`providers.limited.Gate` on PostgreSQL."""

    db: asyncpg.Pool
    limits: dict[str, Limit]
    _looking: Counter[str] = field(default_factory=Counter[str], init=False)

    @asynccontextmanager
    async def admitted(self, provider: str) -> AsyncGenerator[None]:
        """Wait for a seat and for the time to start; hold the seat while the body runs.

        Where the body is `Throttled`, the others wait for as long as the provider asks.
        """
        limit, clock = self.limits[provider], asyncio.get_running_loop().time
        began = clock()
        holder = await outlasting(partial(self._seated, provider, limit))
        try:
            async with running(self._keep(provider, holder)):
                await self._started(provider, limit)
                if clock() - began >= SAY_AGAIN:
                    goes_on(provider)
                yield
        except Throttled as throttled:
            await self._hold(provider, limit, throttled.retry_after)
            raise
        finally:
            # Also where the call is broken off: else its seat stays taken until it is given up.
            await asyncio.shield(self._leave(provider, holder))

    async def _started(self, provider: str, limit: Limit) -> None:
        """Wait for a start; who slept until one that the provider asks to hold gets another."""
        held = True
        while held:
            seconds = await outlasting(partial(self._wait, provider, limit))
            await _slept(provider, seconds)
            still = partial(self.db.fetchval, STILL_HELD, provider)
            held = seconds > 0 and bool(await outlasting(still))

    async def _hold(self, provider: str, limit: Limit, seconds: float | None) -> None:
        if seconds and seconds <= MOST_WAIT:
            asked, window = timedelta(seconds=seconds), _window(limit)
            with spared("noting that a provider asks to wait"):
                await self.db.execute(HOLD_STARTS, provider, limit.starts, asked, window)

    async def _leave(self, provider: str, holder: UUID) -> None:
        """Free the seat; one that can't be freed now is free once nobody keeps it."""
        with spared("noting that a seat is free"):
            await self.db.execute(LEAVE_SEAT, provider, holder)

    async def _seated(self, provider: str, limit: Limit) -> UUID:
        holder, clock = uuid4(), asyncio.get_running_loop().time
        if await self._taken(provider, limit, holder) is not None:
            return holder
        await self.db.execute(MAKE_SEATS, provider, limit.seats)
        said = -inf
        self._looking[provider] += 1
        try:
            while await self._taken(provider, limit, holder) is None:
                if clock() - said >= SAY_AGAIN:
                    said = clock()
                    waits(provider, await self.db.fetchval(SEAT_WAIT, provider, limit.seats))
                await asyncio.sleep(max(LOOK_AGAIN, self._looking[provider] / LOOKS_PER_SECOND))
        finally:
            self._looking[provider] -= 1
        return holder

    async def _taken(self, provider: str, limit: Limit, holder: UUID) -> int | None:
        seat: int | None = await self.db.fetchval(
            TAKE_SEAT, provider, limit.seats, holder, SEAT_HELD
        )
        return seat

    async def _wait(self, provider: str, limit: Limit) -> float:
        await self.db.execute(MAKE_GATE, provider)
        seconds: float = await self.db.fetchval(TAKE_START, provider, limit.starts, _window(limit))
        return max(0.0, seconds)

    async def _keep(self, provider: str, holder: UUID) -> None:
        while True:
            await asyncio.sleep(SEAT_HELD.total_seconds() / 3)
            with spared("noting that a seat is taken"):
                await self.db.execute(KEEP_SEAT, provider, holder, SEAT_HELD)


def _window(limit: Limit) -> timedelta:
    return max(limit.window * 1.02, limit.window + SLACK)


async def _slept(provider: str, seconds: float) -> None:
    """Sleep so long, saying how long it still takes."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    while (left := until - clock()) > 0:
        if left >= 1:
            waits(provider, left)
        await asyncio.sleep(min(left, SAY_AGAIN))


@dataclass(frozen=True, slots=True)
class Breakers:
    """`pipeline.breakers.Breaker` on PostgreSQL: opens after `most` failures in a row.

    What can't be counted now is not: the answer that it is about is worth more.
    """

    db: asyncpg.Pool
    most: int = 5
    pause: timedelta = timedelta(seconds=30)

    async def open(self) -> frozenset[str]:
        """Return the providers that are not to be asked now."""
        rows = await outlasting(partial(self.db.fetch, OPEN_BREAKERS), patience=PATIENCE)
        return frozenset(row["provider"] for row in rows)

    async def rests(self, provider: str) -> Rest | None:
        """Return None for a call that may be sent; of those after a pause only one may."""
        ask = partial(self.db.fetchrow, REST_OR_TRY, provider, self.pause, 3 * self.pause)
        row = await outlasting(ask, patience=PATIENCE)
        return None if row is None else Rest(row["seconds"], row["trial"])

    async def failed(self, provider: str) -> None:
        """Count a failure that is the provider's."""
        with spared("noting a provider's failure"):
            failures = await self.db.fetchval(COUNT_FAILURE, provider, self.most, self.pause)
            if failures >= self.most:
                logger.warning(
                    "%s failed %d times in a row and is left alone for %.0f s",
                    provider,
                    failures,
                    self.pause.total_seconds(),
                )

    async def succeeded(self, provider: str) -> None:
        """Forget the failures before."""
        with spared("noting a provider's success"):
            await self.db.execute(COUNT_SUCCESS, provider)
