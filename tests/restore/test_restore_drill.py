"""The drill of docs/operations.md: PostgreSQL goes back, and no paid call is repeated."""

import asyncio
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from benchmarks.harness import books
from pipeline.domain import (
    Brief,
    FinalPrompt,
    GenerationId,
    GenerationMode,
    GenerationSettings,
)
from pipeline.imaging import ImageRequest
from pipeline.repositories import Submission
from server.__main__ import main
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.claims import Claims
from storage.database import open_pool
from storage.journal import RunJournal
from storage.objects import LocalObjects
from tests.acceptance.serving import PROGRAM, data_folder, environment
from tests.conftest import Server
from tests.shut import SilentBell
from twin.config import Config, Latency
from twin.faults import Slow
from twin.script import Rule, Where
from twin.serving import running

PRICE = Decimal("0.003")
SETTINGS = GenerationSettings(model="flux-schnell", enhance=False, learning=False, seed=7)
MODEL_SECONDS = 1.0
# Its image takes four seconds, so that a slow machine too kills the worker before; the deadline is
# two seconds later.
HELD = "a blue coat"
SLOWLY = Rule(fault=Slow(seconds=3), where=Where(prompt=f"*{HELD}*"))
PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Runs:
    """Of one there is the image, the others are at their calls or before them."""

    done: GenerationId
    called: GenerationId
    opened: GenerationId
    waiting: GenerationId

    @property
    def open(self) -> tuple[GenerationId, ...]:
        return self.called, self.opened, self.waiting


@dataclass(frozen=True, slots=True)
class Studio:
    """A database that is restored under its name, a folder, and the provider's bill."""

    server: Server
    name: str
    data: Path
    bill: Path
    environ: dict[str, str]
    printed: pytest.CaptureFixture[str]

    @property
    def dsn(self) -> str:
        return self.server.address(self.name)

    @asynccontextmanager
    async def database(self) -> AsyncGenerator[asyncpg.Pool]:
        async with open_pool(self.dsn, max_size=2) as pool:
            yield pool

    async def submit(self, prompt: str) -> GenerationId:
        brief = Brief(mode=GenerationMode.FROM_PROMPT, prompt=prompt, settings=SETTINGS)
        submission = Submission(brief=brief, image_price=PRICE)
        objects = LocalObjects(self.data / "objects", "")
        async with self.database() as pool:
            return await verbs.submit(pool, SilentBell(), objects, LOCAL, submission)

    async def wait_for(self, query: str, *given: object) -> None:
        """Wait until it holds."""
        async with self.database() as pool, asyncio.timeout(PATIENCE):
            while not await pool.fetchval(query, *given):
                await asyncio.sleep(0.05)

    async def ended(self, *runs: GenerationId) -> None:
        await self.wait_for(
            "select count(*) = cardinality($1::uuid[]) from generations"
            " where id = any($1) and status in ('COMPLETED', 'FAILED')",
            list(runs),
        )

    async def outcome(self, run: GenerationId) -> tuple[str, str | None]:
        async with self.database() as pool:
            row = await pool.fetchrow(
                "select status, error ->> 'code' as code from generations where id = $1", run
            )
        assert row is not None
        return row["status"], row["code"]

    async def copied(self, template: str, name: str) -> None:
        """Copy a database, once whoever was killed has left it."""
        strategy = self.server.strategy
        connection = await asyncpg.connect(self.server.dsn)
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        await connection.execute(
                            f"create database {name} template {template} strategy {strategy}"
                        )
                    except asyncpg.ObjectInUseError:
                        await asyncio.sleep(0.1)
                    else:
                        return
        finally:
            await connection.close()

    async def told(self, *arguments: str, status: int = 0) -> str:
        """Run a command, in a thread as the provider shares our loop; return what it printed."""
        self.printed.readouterr()
        ended = await asyncio.to_thread(main, arguments)
        said = self.printed.readouterr()
        assert (ended, said.err) == (status, "")
        return said.out

    async def refusal(self) -> str:
        """Start a worker that does not want to start, and return why."""
        done = await asyncio.to_thread(
            subprocess.run,
            [PROGRAM, "worker"],
            cwd=self.data,
            env=environment(self.environ),
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 2
        return done.stderr

    @contextmanager
    def worker(self, *, killed: bool = False) -> Generator[None]:
        """Have a worker, which is killed in the end or told to go."""
        with (self.data / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                [PROGRAM, "worker"],
                cwd=self.data,
                env=environment(self.environ),
                stdout=log,
                stderr=log,
            )
        try:
            yield
        except BaseException as error:
            error.add_note((self.data / "worker.log").read_text()[-4000:])
            raise
        finally:
            process.send_signal(signal.SIGKILL if killed else signal.SIGTERM)
            process.wait(PATIENCE)

    async def ledger(self) -> list[books.Line]:
        connection = await asyncpg.connect(self.dsn)
        try:
            return await books.ledger_of(connection)
        finally:
            await connection.close()

    def billed(self) -> list[books.Billed]:
        return books.bill_of(self.bill)


@pytest.fixture
async def studio(
    postgres: Server,
    migrated: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> AsyncGenerator[Studio]:
    name = await postgres.create(migrated)
    with data_folder() as data:
        bill = data / "bill.jsonl"
        span = (MODEL_SECONDS, MODEL_SECONDS)
        async with running(
            Config(bill=bill, latency=Latency(image=span), rules=(SLOWLY,), variety=1)
        ) as twin:
            environ = {
                **twin.environment,
                "DATABASE_URL": postgres.address(name),
                "DATA_DIR": str(data),
                "LEASE_SECONDS": "2",
                "WORKER_SLOTS": "2",
                "REPLICATE_DEADLINE_SECONDS": "6",
            }
            for variable, value in environ.items():
                monkeypatch.setenv(variable, value)
            monkeypatch.chdir(data)
            yield Studio(postgres, name, data, bill, environ, capsys)
            monkeypatch.undo()
    await postgres.drop(name)


async def opened_and_not_sent(studio: Studio, run: GenerationId) -> None:
    """Have a worker that dies while the run's call waits for its turn."""
    async with studio.database() as pool:
        claimed = await Claims(pool, SilentBell(), timedelta(seconds=1)).take(run)
        assert claimed is not None
        assert claimed.brief.prompt is not None
        request = ImageRequest(
            prompt=FinalPrompt(text=claimed.brief.prompt),
            aspect_ratio=SETTINGS.aspect_ratio,
            quality=SETTINGS.quality,
            style=None,
            seed=7,
            slot=0,
        )
        journal = RunJournal(pool, SilentBell(), claimed, str, lambda _: "replicate")
        await journal.call_opened(request, "flux-schnell", PRICE)


async def test_a_restore_repeats_no_paid_call(studio: Studio) -> None:
    async with studio.database() as pool:
        await ensure_local_viewer(pool)
    runs = await runs_so_far(studio)
    billed = await restored_to_then(studio, runs)
    assert "designer-bff restored" in await studio.refusal()

    await looked_after(studio, runs)

    with studio.worker():
        await studio.wait_for("select not exists (select from charges where state = 'RESERVED')")
        assert studio.billed() == billed
        await books_are_right(studio, billed)
        await work_goes_on(studio, runs.waiting)
    await orphans_are_listed_and_removed(studio)


async def runs_so_far(studio: Studio) -> Runs:
    with studio.worker(killed=True):
        done = await studio.submit("a red dress")
        await studio.ended(done)
        called = await studio.submit(HELD)
        await studio.wait_for(
            "select exists (select from charges where generation_id = $1"
            " and external_id is not null)",
            called,
        )
    opened = await studio.submit("a green hat")
    await opened_and_not_sent(studio, opened)
    waiting = await studio.submit("a white shirt")
    return Runs(done, called, opened, waiting)


async def restored_to_then(studio: Studio, runs: Runs) -> list[books.Billed]:
    """Have all runs and one more end, and the database forget it; return what was billed."""
    backup = f"{studio.name}_backup"
    await studio.copied(studio.name, backup)
    try:
        lost = await studio.submit("a black suit")
        with studio.worker():
            await studio.ended(*runs.open, lost)
        billed = studio.billed()
        assert len(billed) == 5

        await studio.server.drop(studio.name)
        await studio.copied(backup, studio.name)
    finally:
        await studio.server.drop(backup)
    return billed


async def looked_after(studio: Studio, runs: Runs) -> None:
    said = await studio.told("restored", "--dry-run")
    assert said.endswith("Nothing was changed.\n")
    assert await studio.outcome(runs.waiting) == ("PENDING", None)

    said = await studio.told("restored")
    for run in runs.open:
        assert f"run {run} was" in said
        assert await studio.outcome(run) == ("FAILED", "RESTORED")
    assert str(runs.done) not in said
    assert said.count("entered in the ledger") == 2
    assert said.count("about $0.003, of no run") == 1
    assert "Calls that waited for their turn and may have been sent since: 1\n" in said


async def books_are_right(studio: Studio, billed: list[books.Billed]) -> None:
    """All but the run that the backup did not have is in the ledger."""
    lines = await studio.ledger()
    assert Counter(line.state for line in lines) == {"SETTLED": 4}
    problems = [one for one in books.unequal(lines, billed) if "not in the ledger" in one]
    assert len(problems) == 1


async def work_goes_on(studio: Studio, failed: GenerationId) -> None:
    """A run that the restore ended is retried, and a new one made."""
    async with studio.database() as pool:
        await verbs.retry(pool, SilentBell(), LOCAL, failed, from_stage=None, idempotency=None)
    fresh = await studio.submit("a grey scarf")
    await studio.ended(failed, fresh)
    assert await studio.outcome(failed) == ("COMPLETED", None)
    assert await studio.outcome(fresh) == ("COMPLETED", None)
    assert len(studio.billed()) == len({one.id for one in studio.billed()}) == 7


async def orphans_are_listed_and_removed(studio: Studio) -> None:
    """What was delivered after the backup lies there, and nothing refers to it."""
    async with studio.database() as pool:
        keys = [row[0] for row in await pool.fetch("select object_key from generation_assets")]
    there = {f"{path.parent.name}/{path.name}" for path in (studio.data / "objects").glob("*/*")}
    stray = there - set(keys)
    assert stray
    (studio.data / "objects" / keys[0]).unlink()

    listed = await studio.told("orphans", "--hours", "0", "--delete", status=1)
    assert f"missing {keys[0]}\n" in listed
    assert {line.split()[1] for line in listed.splitlines() if "orphan " in line} == stray
    left = {f"{path.parent.name}/{path.name}" for path in (studio.data / "objects").glob("*/*")}
    assert left == set(keys[1:])
