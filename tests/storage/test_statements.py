import importlib
import pkgutil

import asyncpg

import storage

STATEMENTS: dict[str, str] = {
    f"{module.name}.{name}": value
    for module in pkgutil.iter_modules(storage.__path__, "storage.")
    for name, value in vars(importlib.import_module(module.name)).items()
    if name.lstrip("_").isupper()
    and isinstance(value, str)
    and value.lstrip().lower().startswith(("select", "with", "insert", "update", "delete"))
}


async def test_every_statement_prepares(pool: asyncpg.Pool) -> None:
    wrong: dict[str, str] = {}
    async with pool.acquire() as connection:
        for name, statement in STATEMENTS.items():
            try:
                await connection.prepare(statement)
            except asyncpg.PostgresError as error:
                wrong[name] = str(error)
    assert wrong == {}
    assert "storage.generations.NEWEST" in STATEMENTS
