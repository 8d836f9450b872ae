"""How runs end, how providers do and what is paid, of all workers together, for whoever watches."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from storage.database import CONNECTION_LOST

_PATIENCE: Final = 3.0

STANDING = """
select 'ended' as what, status as name, count(*)::float8 as value
  from generations
 where completed_at > now() - interval '1 hour'
 group by status
union all
select 'resting', provider, coalesce(open_until > now(), false)::int
  from provider_breakers
union all
select 'settled', provider,
       (select coalesce(sum(amount), 0)::float8 from charges
         where provider = asked.provider and state = 'SETTLED' and sent_at is not null
           and updated_at >= date_trunc('day', now() at time zone 'UTC') at time zone 'UTC')
  from unnest($1::text[]) as asked (provider)
union all
select case state when 'UNKNOWN' then 'held' else 'reserved' end, provider,
       sum(coalesce(amount, reserved, 0))::float8
  from charges
 where state in ('UNKNOWN', 'RESERVED')
 group by state, provider
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Runs `ended` in the last hour by status; whether providers are `resting`, left alone.

    Dollars by provider: `settled` since midnight UTC, `held` for calls of unknown outcome, and
    `reserved` for those under way.
    """

    ended: Mapping[str, float]
    resting: Mapping[str, float]
    settled: Mapping[str, float]
    held: Mapping[str, float]
    reserved: Mapping[str, float]


async def standing(pool: asyncpg.Pool, providers: Sequence[str]) -> Standing | None:
    """Ask how all stands, for those `providers` at least; None while PostgreSQL does not tell."""
    try:
        async with asyncio.timeout(_PATIENCE):
            rows = await pool.fetch(STANDING, list(providers))
    except (TimeoutError, *CONNECTION_LOST, asyncpg.UndefinedTableError):
        return None
    nothing = dict.fromkeys(providers, 0.0)

    def of(what: str) -> dict[str, float]:
        return {row["name"]: row["value"] for row in rows if row["what"] == what}

    return Standing(
        ended=dict.fromkeys(("COMPLETED", "FAILED", "CANCELLED"), 0.0) | of("ended"),
        resting=nothing | of("resting"),
        settled=of("settled"),
        held=nothing | of("held"),
        reserved=nothing | of("reserved"),
    )
