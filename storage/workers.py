"""The workers that are there, and how many runs they take at a time."""

from uuid import UUID

from storage.database import Executor

ANNOUNCE = """
insert into workers (id, slots) values ($1, $2)
on conflict (id) do update set slots = excluded.slots, seen_at = clock_timestamp()
"""

LEAVE = "delete from workers where id = $1"

# A worker says every three seconds that it is there (server/announcing.py).
SLOTS = """
select coalesce(sum(slots), 0)::int from workers
 where seen_at > clock_timestamp() - interval '10 seconds'
"""

ALIVE = """
select count(*)::int from workers where seen_at > clock_timestamp() - interval '10 seconds'
"""


async def announce(db: Executor, worker: UUID, slots: int) -> None:
    """Say that the worker is there and takes `slots` runs at a time."""
    await db.execute(ANNOUNCE, worker, slots)


async def leave(db: Executor, worker: UUID) -> None:
    """Say that the worker takes no more runs."""
    await db.execute(LEAVE, worker)


async def slots(db: Executor) -> int:
    """Return how many runs all workers together take at a time."""
    number: int = await db.fetchval(SLOTS)
    return number


async def alive(db: Executor) -> int:
    """Return how many workers there are."""
    number: int = await db.fetchval(ALIVE)
    return number
