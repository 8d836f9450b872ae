import asyncpg
from pgqueuer.queries import Queries


async def test_our_migration_is_what_the_installed_pgqueuer_wants(database_url: str) -> None:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=2) as pool:
        queries = Queries.from_asyncpg_pool(pool)

        assert not (await queries.plan_upgrade()).statements
