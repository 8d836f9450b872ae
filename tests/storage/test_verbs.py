import asyncio
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from pipeline.domain import (
    Brief,
    GenerationId,
    GenerationMode,
    GenerationSettings,
    StageName,
    StoredImage,
    Viewer,
    WorkspaceId,
)
from pipeline.errors import BudgetExceeded, Conflict, NotFound, StoreUnreachable
from pipeline.keys import object_key
from pipeline.repositories import Idempotency, Submission
from storage import verbs
from storage.accounts import LOCAL, ensure_local_viewer
from storage.budgets import set_budget
from storage.idempotency import found_result
from storage.objects import LocalObjects
from storage.removals import Removals


@dataclass
class CountedBell:
    rung: list[int] = field(default_factory=list[int])

    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        del workspace
        self.rung.append(workspace_seq)


@dataclass
class Desk:
    """The verbs with everything they need."""

    db: asyncpg.Pool
    bell: CountedBell
    objects: LocalObjects

    async def submit(self, submission: Submission) -> GenerationId:
        return await verbs.submit(self.db, self.bell, self.objects, LOCAL, submission)

    async def cancel(self, generation: GenerationId, viewer: Viewer = LOCAL) -> None:
        await verbs.cancel(self.db, self.bell, viewer, generation)

    async def retry(self, generation: GenerationId, from_stage: StageName | None = None) -> None:
        await verbs.retry(
            self.db, self.bell, LOCAL, generation, from_stage=from_stage, idempotency=None
        )

    async def delete(self, generation: GenerationId) -> None:
        await verbs.delete(self.db, self.bell, LOCAL, generation)

    async def count(self, table: str) -> int:
        found: int = await self.db.fetchval(f"select count(*) from {table}")
        return found


@pytest.fixture
async def desk(pool: asyncpg.Pool, tmp_path: Path) -> Desk:
    await ensure_local_viewer(pool)
    return Desk(pool, CountedBell(), LocalObjects(tmp_path, "http://127.0.0.1"))


PROMPT = Submission(
    brief=Brief(
        mode=GenerationMode.FROM_PROMPT,
        prompt="a red dress",
        settings=GenerationSettings(count=3, seed=7, enhance=False),
    )
)


def photo(content: bytes = b"a photo") -> Submission:
    key = object_key(LOCAL.workspace, content, "png")
    source = StoredImage(key, "image/png", len(content), 10, 10)
    brief = Brief(mode=GenerationMode.FROM_IMAGE, source=source)
    return Submission(brief=brief, upload=content)


def keyed(submission: Submission, key: str, request: str) -> Submission:
    digest = sha256(request.encode()).digest()
    return replace(submission, idempotency=Idempotency("generateFromImage", key, digest))


async def numbers(db: asyncpg.Pool) -> tuple[list[int], list[int]]:
    rows = await db.fetch("select seq, workspace_seq from generation_events order by workspace_seq")
    return [row["seq"] for row in rows], [row["workspace_seq"] for row in rows]


async def test_a_submission_is_a_run_with_its_stages_slots_event_and_job(desk: Desk) -> None:
    generation = await desk.submit(PROMPT)

    assert await desk.count("generation_stages") == 7
    seeds = await desk.db.fetch("select seed from generation_slots order by index")
    assert [row["seed"] for row in seeds] == [7, 8, 9]
    job = await desk.db.fetchrow("select payload, dedupe_key, priority from pgqueuer")
    assert job is not None
    assert job["payload"].decode() == str(generation)
    assert job["dedupe_key"] == f"{generation}:1"
    assert await numbers(desk.db) == ([1], [1])
    assert desk.bell.rung == [1]


async def test_a_second_waiting_run_is_less_urgent(desk: Desk) -> None:
    await desk.submit(PROMPT)
    await desk.submit(PROMPT)

    rows = await desk.db.fetch("select priority from pgqueuer order by id")
    assert [row["priority"] for row in rows] == [-1, -2]


async def test_fifty_duplicates_leave_one_run_one_job_one_upload(
    desk: Desk, tmp_path: Path
) -> None:
    submission = keyed(photo(), "key", "the request")

    found = await asyncio.gather(*(desk.submit(submission) for _ in range(50)))

    assert len(set(found)) == 1
    assert await desk.count("generations") == 1
    assert await desk.count("pgqueuer") == 1
    assert await desk.count("generation_assets") == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_a_used_key_with_another_request_is_a_conflict(desk: Desk) -> None:
    await desk.submit(keyed(photo(), "key", "one"))

    with pytest.raises(Conflict) as refused:
        await desk.submit(keyed(photo(b"other"), "key", "two"))

    assert refused.value.code == "IDEMPOTENCY_CONFLICT"
    assert await desk.count("generations") == 1


async def test_a_refused_submission_gives_its_key_back(desk: Desk) -> None:
    gone = replace(photo(), upload=None)
    with pytest.raises(NotFound):
        await desk.submit(keyed(gone, "key", "one"))

    await desk.submit(keyed(photo(), "key", "two"))
    assert await desk.count("generations") == 1


async def test_cancelling_a_waiting_run_withdraws_its_job(desk: Desk) -> None:
    generation = await desk.submit(PROMPT)

    await desk.cancel(generation)

    assert await desk.count("pgqueuer") == 0
    stages = await desk.db.fetch("select distinct status from generation_stages")
    assert [row["status"] for row in stages] == ["CANCELLED"]
    last = await desk.db.fetchrow(
        "select kind, payload from generation_events order by workspace_seq desc limit 1"
    )
    assert last is not None
    assert (last["kind"], last["payload"]["status"]) == ("StatusChanged", "CANCELLED")
    with pytest.raises(Conflict):
        await desk.cancel(generation)


async def test_another_workspace_finds_nothing(desk: Desk) -> None:
    generation = await desk.submit(PROMPT)
    stranger = replace(LOCAL, workspace=WorkspaceId(uuid4()))

    with pytest.raises(NotFound):
        await desk.cancel(generation, stranger)


async def test_a_retry_is_a_new_attempt_with_a_job_of_its_own(desk: Desk) -> None:
    generation = await desk.submit(PROMPT)
    await desk.cancel(generation)

    await desk.retry(generation)

    row = await desk.db.fetchrow("select status, attempt from generations")
    assert row is not None
    assert (row["status"], row["attempt"]) == ("PENDING", 2)
    assert await desk.db.fetchval("select dedupe_key from pgqueuer") == f"{generation}:2"
    seqs, workspace_seqs = await numbers(desk.db)
    assert seqs == list(range(1, len(seqs) + 1))
    assert workspace_seqs == seqs


@pytest.mark.parametrize(("code", "kept"), [("STORE_UNREACHABLE", True), ("BAD_OUTPUT", False)])
async def test_a_retry_keeps_a_draft_that_only_waits_for_its_store(
    desk: Desk, code: str, kept: bool
) -> None:
    generation = await desk.submit(PROMPT)
    await desk.cancel(generation)
    await desk.db.execute(
        "update generation_slots set draft = $1, error = $2",
        {"key": "k"},
        {"code": code, "stage": "DELIVERY"},
    )

    await desk.retry(generation)

    assert await desk.db.fetchval("select draft is not null from generation_slots") is kept


async def test_what_runs_can_be_neither_retried_nor_deleted(desk: Desk) -> None:
    generation = await desk.submit(PROMPT)

    with pytest.raises(Conflict):
        await desk.retry(generation)
    with pytest.raises(Conflict):
        await desk.delete(generation)


async def test_a_deleted_run_leaves_its_events_and_its_audit_row(desk: Desk) -> None:
    generation = await desk.submit(PROMPT)
    await desk.cancel(generation)

    await desk.delete(generation)

    assert await desk.count("generations") == 0
    kinds = await desk.db.fetch("select kind from generation_events order by workspace_seq")
    assert kinds[-1]["kind"] == "GenerationDeleted"
    assert await desk.db.fetchval("select deleted_at is not null from generation_audit")


async def test_an_object_goes_with_the_last_run_that_refers_to_it(desk: Desk) -> None:
    submission = photo()
    first, second = await desk.submit(submission), await desk.submit(submission)
    key = submission.brief.source.key if submission.brief.source else ""
    removals = Removals(desk.db, desk.objects)

    for generation, gone in ((first, 0), (second, 1)):
        await desk.cancel(generation)
        await desk.delete(generation)
        assert await removals.work_off() == gone
        assert (desk.objects.root / key).exists() is not bool(gone)


class Untouchable(LocalObjects):
    """A store that nobody may write to."""

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        del content, content_type
        raise AssertionError(f"{key} may not be stored")


async def test_a_photo_is_not_stored_where_the_budget_refuses_its_run(
    desk: Desk, tmp_path: Path
) -> None:
    await set_budget(desk.db, LOCAL.workspace, Decimal(1))
    desk.objects = Untouchable(tmp_path, "")

    with pytest.raises(BudgetExceeded):
        await desk.submit(replace(photo(), image_price=Decimal("1.01")))

    assert await desk.count("object_removals") == 0


async def test_a_duplicate_of_what_took_the_whole_budget_is_the_same_run(desk: Desk) -> None:
    await set_budget(desk.db, LOCAL.workspace, Decimal(1))
    submission = keyed(replace(photo(), image_price=Decimal(1)), "key", "one")

    found = await asyncio.gather(*(desk.submit(submission) for _ in range(10)))

    assert len(set(found)) == 1


async def test_a_photo_goes_again_where_its_run_is_refused(desk: Desk, tmp_path: Path) -> None:
    await desk.submit(keyed(photo(), "key", "one"))

    with pytest.raises(Conflict):
        await desk.submit(keyed(photo(b"other"), "key", "two"))

    assert await Removals(desk.db, desk.objects).work_off() == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@dataclass(frozen=True, slots=True)
class Observed(LocalObjects):
    """Notes at each upload how many locks are held, and whether its removal is due."""

    db: asyncpg.Pool
    seen: list[tuple[int, bool]]

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        locks = await self.db.fetchval("select count(*) from pg_locks where locktype = 'advisory'")
        due = await self.db.fetchval(
            "select created_at <= now() from object_removals where object_key = $1", key
        )
        self.seen.append((locks, due))
        await LocalObjects.put(self, key, content, content_type)


async def test_a_photo_is_on_its_way_before_anything_is_locked(desk: Desk, tmp_path: Path) -> None:
    observed = Observed(tmp_path, "", desk.db, [])
    desk.objects = observed

    await desk.submit(photo())

    assert observed.seen[0] == (0, False)
    assert await desk.count("object_removals") == 0


class Forgetful(LocalObjects):
    """Loses what was put first, as a removal at the wrong moment does."""

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        first = not self.root.joinpath("once").exists()
        self.root.joinpath("once").touch()
        await LocalObjects.put(self, key, content, content_type)
        if first:
            await self.delete(key)


async def test_a_photo_that_was_removed_meanwhile_is_stored_again(
    desk: Desk, tmp_path: Path
) -> None:
    desk.objects = Forgetful(tmp_path, "")

    await desk.submit(photo(b"a photo"))

    key = object_key(LOCAL.workspace, b"a photo", "png")
    assert await desk.objects.get(key) == b"a photo"


class Stuck(LocalObjects):
    """Never gets a deletion done."""

    async def delete(self, key: str) -> None:
        del key
        await asyncio.Event().wait()


async def test_a_slow_removal_lets_go_of_the_lock_and_stays_due(desk: Desk, tmp_path: Path) -> None:
    generation = await desk.submit(photo())
    await desk.cancel(generation)
    await desk.delete(generation)

    with pytest.raises(StoreUnreachable):
        await Removals(desk.db, Stuck(tmp_path, ""), patience=0.05).work_off()

    assert await desk.count("object_removals") == 1
    assert await Removals(desk.db, desk.objects).work_off() == 1


async def test_a_deletion_is_the_last_event_in_both_numberings(desk: Desk) -> None:
    first, second = await desk.submit(PROMPT), await desk.submit(PROMPT)
    for generation in (first, second):
        await desk.cancel(generation)
        await desk.delete(generation)

    rows = await desk.db.fetch(
        "select generation_id, seq, workspace_seq, kind from generation_events"
        " order by workspace_seq"
    )
    assert [row["workspace_seq"] for row in rows] == list(range(1, len(rows) + 1))
    for generation in (first, second):
        own = [row for row in rows if row["generation_id"] == generation]
        assert [row["seq"] for row in own] == list(range(1, len(own) + 1))
        assert own[-1]["kind"] == "GenerationDeleted"


async def test_an_object_that_is_wanted_again_is_kept(desk: Desk) -> None:
    submission = photo()
    generation = await desk.submit(submission)
    await desk.cancel(generation)
    await desk.delete(generation)

    await desk.submit(submission)

    assert await Removals(desk.db, desk.objects).work_off() == 0
    assert await desk.count("object_removals") == 0


async def test_what_a_key_started_is_found_without_looking_at_the_request_again(
    desk: Desk,
) -> None:
    submission = keyed(photo(), "key", "one")
    generation = await desk.submit(submission)
    known, unknown = submission.idempotency, keyed(photo(), "another key", "one").idempotency
    changed = keyed(photo(), "key", "two").idempotency
    assert known is not None
    assert unknown is not None
    assert changed is not None

    assert await found_result(desk.db, LOCAL.user, known) == generation
    assert await found_result(desk.db, LOCAL.user, unknown) is None
    with pytest.raises(Conflict):
        await found_result(desk.db, LOCAL.user, changed)
