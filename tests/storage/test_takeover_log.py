"""Who took which run from whom can be read in the logs of the workers."""

import logging
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from pipeline.domain import Run
from storage.claims import Claims
from tests.storage.workbench import bench_on


async def test_each_claim_names_its_worker_and_the_claim_before(
    pool: asyncpg.Pool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bench = await bench_on(pool, tmp_path)
    ada, bob = (replace(bench.claims, name=name) for name in ("ada:1", "bob:2"))
    caplog.set_level(logging.INFO, "storage.claims")

    async def taken(claims: Claims) -> tuple[Run, str]:
        caplog.clear()
        run = await claims.take(bench.generation)
        assert run is not None
        (told,) = caplog.messages
        return run, told.replace(f"generation {run.id}", "it")

    _, told = await taken(ada)
    assert told == "ada:1 takes it from the queue, claim 1"

    await bench.expire()
    run, told = await taken(bob)
    assert told.startswith("bob:2 takes it from who had claim 1 and is ")
    assert told.endswith(" s past the lease, claim 2")

    await bob.hand_over(run)
    _, told = await taken(ada)
    assert told == "ada:1 takes it from who had claim 2 and hands it over, claim 4"
