"""The limits hold for processes that know nothing of each other."""

import asyncio
import sys

from tests.storage.test_gates import crowd

CALLS = """
import asyncio, sys, time
from datetime import timedelta
from storage.database import open_pool
from storage.gates import Limit, ProviderGates

async def main():
    async with open_pool(sys.argv[1]) as pool:
        gates = ProviderGates(pool, {"p": Limit(10, timedelta(seconds=1), 100)})

        async def call():
            async with gates.admitted("p"):
                print(time.time(), flush=True)

        await asyncio.gather(*(call() for _ in range(20)))

asyncio.run(main())
"""


async def admitted(database_url: str) -> list[float]:
    """Return when a process of its own was admitted."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CALLS, database_url, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    return [float(line) for line in told.split()]


async def test_two_processes_share_a_limit(database_url: str) -> None:
    first, second = await asyncio.gather(admitted(database_url), admitted(database_url))

    begun = sorted([*first, *second])
    assert len(begun) == 40
    assert crowd(begun, 1.0) <= 10
