"""A worker dies before DELIVERY; one on another machine delivers what it had paid for."""

import asyncio
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx

from pipeline.domain import Brief, GenerationMode, GenerationSettings
from pipeline.repositories import Submission
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.database import connected
from storage.locks import lock_objects
from storage.objects import LocalObjects
from tests.acceptance.serving import environment
from tests.shut import SilentBell
from tests.storage.s3_server import serving
from twin.config import OPENAI_KEY, Config, Latency
from twin.serving import running

PROGRAM = str(Path(sys.executable).with_name("designer-bff"))
DRAFTS = "select count(*) from generation_slots where draft is not null"
WAITING = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
COMPLETED = "select count(*) from generations where status = 'COMPLETED'"


@contextmanager
def worker(machine: Path, environ: dict[str, str]) -> Generator[subprocess.Popen[bytes]]:
    """Work on the queue from a folder of its own."""
    machine.mkdir()
    with (machine / "log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM, "worker", "--data", str(machine)],
            cwd=machine,
            env=environment({"LEASE_SECONDS": "1", **environ}),
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def until(db: asyncpg.Pool, query: str, count: int) -> None:
    async with asyncio.timeout(40):
        while await db.fetchval(query) < count:
            await asyncio.sleep(0.05)


async def test_a_draft_outlives_its_machine(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    await ensure_local_viewer(pool)
    settings = GenerationSettings(model="gpt-image-2.5-flare", count=2, enhance=False)
    brief = Brief(mode=GenerationMode.FROM_PROMPT, prompt="a red gown", settings=settings)
    objects = LocalObjects(tmp_path, "")
    config = Config(bill=tmp_path / "bill.jsonl", latency=Latency(scale=0))
    with serving(tmp_path) as bucket:
        async with httpx.AsyncClient() as client:
            (await client.put(f"{bucket}/looks")).raise_for_status()
        async with running(config) as twin:
            environ = {
                "DATABASE_URL": database_url,
                "OPENAI_API_KEY": OPENAI_KEY,
                "OPENAI_BASE_URL": twin.openai,
                "R2_BUCKET_NAME": "looks",
                "R2_ENDPOINT": bucket,
                "R2_ACCESS_KEY_ID": "test",
                "R2_SECRET_ACCESS_KEY": "test",
            }
            async with connected(database_url) as connection, connection.transaction():
                # DELIVERY needs this lock, so it gets no further than that.
                await lock_objects(connection, LOCAL.workspace)
                await verbs.submit(pool, SilentBell(), objects, LOCAL, Submission(brief=brief))
                with worker(tmp_path / "a", environ) as first:
                    await until(pool, DRAFTS, 2)
                    await until(pool, WAITING, 1)
                    first.kill()
                    first.wait()
            with worker(tmp_path / "b", environ):
                await until(pool, COMPLETED, 1)
            assert len(twin.twin.bill.rows()) == 2
    rows = await pool.fetch("select status, error from generation_slots")
    assert {(row["status"], row["error"]) for row in rows} == {("COMPLETED", None)}
    assert len(list((tmp_path / "a" / "drafts").rglob("*.png"))) == 2
    assert not (tmp_path / "b" / "drafts").exists()
    states = await pool.fetch("select state from charges")
    assert [row["state"] for row in states] == ["SETTLED", "SETTLED"]
