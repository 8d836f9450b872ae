"""A run's record: checkpoints, slots and their events, written under the run's claim."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from math import inf
from typing import TypeVar
from uuid import uuid4

import asyncpg

from pipeline.calls import CallId, OpenCall
from pipeline.deadlines import Allowance, given_up
from pipeline.domain import (
    Asset,
    AssetKind,
    Draft,
    Facts,
    Failure,
    Run,
    Slot,
    StageName,
    StageStatus,
    StoredImage,
)
from pipeline.errors import (
    BudgetExceeded,
    ClaimLost,
    DeadlineExceeded,
    InternalFailure,
    OutcomeUnknown,
    StageFailed,
    StageSkipped,
)
from pipeline.events import AssetCreated, Change, StageProgress
from pipeline.imaging import ImageRequest
from pipeline.ports import Report
from pipeline.results import StageResult
from pipeline.waits import telling
from storage import events, ledger
from storage.asset_records import record_asset
from storage.blips import PATIENCE, outlasting, spared
from storage.budgets import require_left
from storage.claims import fence
from storage.codec import decode, encode
from storage.database import CONNECTION_LOST, Executor, transaction
from storage.events import Bell
from storage.locks import keep_object, lock_objects
from storage.removals import remove_unreferred
from storage.slots import (
    DELIVER_SLOT,
    FAIL_SLOT,
    FILL_SLOT,
    FIND_SLOTS,
    LOCK_ATTEMPT,
    SLOT_SEED,
    START_SLOT,
    slot_of,
)
from storage.transitions import Ending, Over, begin, end, note

R = TypeVar("R", bound=StageResult)
T = TypeVar("T")

# A partial image is of no interest once the image is there.
SHOWN = timedelta(minutes=10)

_patiently = partial(outlasting, patience=PATIENCE)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunJournal:
    """`ports.Journal` of one claimed run; `url_of` tells where a browser fetches a key.

    `deadlines` are in seconds; `tell` passes on how far stages are. What becomes of a paid call is
    written down as soon as PostgreSQL can be reached.
    """

    db: asyncpg.Pool
    bell: Bell
    run: Run
    url_of: Callable[[str], str]
    provider_of: Callable[[str], str]
    deadlines: Mapping[StageName, float] = field(default_factory=dict[StageName, float])
    tell: Callable[[Run, StageProgress], None] = lambda _run, _progress: None

    async def step(
        self,
        name: StageName,
        result: type[R],
        work: Callable[[Report], Awaitable[R]],
        late: Callable[[DeadlineExceeded], Awaitable[R]] = given_up,
    ) -> R:
        """Return the stage's checkpoint, or do `work` and write it."""
        begun = await begin(self.db, self.run, name)
        if isinstance(begun, Over):
            return _checkpoint(result, begun)
        self._ring(begun)
        try:
            value = await self._in_time(name, work, late)
        except StageSkipped as skipped:
            await self._end(name, Ending(StageStatus.SKIPPED, skipped.reason))
            raise
        # Neither says anything about the stage: whoever has the run by now, or next, does it.
        except (ClaimLost, *CONNECTION_LOST):
            raise
        except Exception as error:
            failed = _as_failure(error)
            failed.stage = name
            ending = Ending(StageStatus.FAILED, failed.message, failure=failed.failure())
            await self._end(name, ending)
            raise failed from error
        output, facts = encode(value), value.facts
        await self._end(name, Ending(StageStatus.COMPLETED, value.summary, output, facts))
        return value

    async def skip(self, name: StageName, reason: str, facts: Facts | None = None) -> None:
        """Record that the stage does not run; a second time records nothing."""
        await self._end(name, Ending(StageStatus.SKIPPED, reason, facts=facts))

    async def slots(self) -> Sequence[Slot]:
        """Return the slots in order."""
        return [slot_of(row) for row in await self.db.fetch(FIND_SLOTS, self.run.id)]

    async def open_calls(self) -> Sequence[OpenCall]:
        """Return the calls of this run whose outcome nobody has written down."""
        return await ledger.open_calls(self.db, self.run.id)

    async def call_opened(
        self, request: ImageRequest, model: str, expected: Decimal | None
    ) -> CallId:
        """Record that the slot's call is to be sent."""
        # Named before the first try: another one, after a cut connection, finds its line there.
        call, provider = CallId(uuid4()), self.provider_of(model)

        async def opened() -> CallId:
            async with self._fenced() as connection:
                await connection.execute(START_SLOT, self.run.id, request.slot)
                await ledger.open_call(
                    connection,
                    self.run,
                    call,
                    request,
                    model=model,
                    provider=provider,
                    expected=expected,
                )
            return call

        return await _patiently(opened)

    async def side_call_opened(self, model: str, provider: str, expected: Decimal) -> CallId:
        """Record that a call beside the images is sent now.

        Raises `OutcomeUnknown` where this attempt sent one of whose end nobody heard.
        """
        async with self._fenced() as connection:
            if not await ledger.hold_side_calls(connection, self.run, model):
                await _afforded(connection, self.run, expected)
                return await ledger.open_side_call(
                    connection, self.run, model=model, provider=provider, expected=expected
                )
        raise OutcomeUnknown(f"an earlier call to {model} was cut off, and is not sent again")

    async def call_accepted(self, call: CallId, external_id: str) -> None:
        """Record the provider's id, whoever holds the run by now."""
        await _patiently(partial(ledger.accept, self.db, call, external_id))

    async def call_released(self, call: CallId, note: str) -> None:
        """Record that the call cost nothing, whoever holds the run by now."""
        await self._closed(partial(ledger.release, call=call, note=note))

    async def call_settled(self, call: CallId, amount: Decimal | None, note: str) -> None:
        """Record what the call cost, whoever holds the run by now."""
        await self._closed(partial(ledger.settle, call=call, amount=amount, note=note))

    async def call_held(self, call: CallId, note: str) -> None:
        """Hold the call's amount, whoever holds the run by now."""
        await self._closed(partial(ledger.hold, call=call, note=note))

    async def slot_made(self, index: int, call: CallId, draft: Draft, cost: Decimal | None) -> None:
        """Record the draft, for whoever holds this attempt by now, and settle its call."""

        async def made(connection: Executor) -> bool:
            awaited = bool(await connection.fetchval(LOCK_ATTEMPT, self.run.id, self.run.attempt))
            if awaited:
                await connection.execute(FILL_SLOT, self.run.id, index, encode(draft))
            await ledger.settle(connection, call, cost, None if awaited else "It came too late")
            return awaited

        if not await self._closed(made):
            raise ClaimLost(self.run.id)

    async def slot_shown(
        self, index: int, image: StoredImage, put: Callable[[], Awaitable[None]]
    ) -> None:
        """Store a partial image and show it; its removal is on record first."""
        message = f"Image {index + 1} takes shape"
        progress = StageProgress(StageName.GENERATION, None, message, index, image.key)
        with spared("keeping a partial image"):
            await remove_unreferred(self.db, self.run.workspace, [image.key], after=SHOWN)
            await put()
            self.tell(self.run, progress)

    async def slot_passed_on(self, index: int, trouble: str, message: str) -> None:
        """Tell why another model goes on with the slot, and keep it as trouble of this attempt."""
        progress = StageProgress(StageName.GENERATION, None, message, index)

        self._ring(await _patiently(partial(note, self.db, self.run, trouble, progress)))

    async def slot_failed(self, index: int, failure: Failure) -> None:
        """Record and tell why there is no image, unless there is one after all."""
        stage, message = failure.stage or StageName.GENERATION, f"Image {index + 1} is missing"
        progress = StageProgress(
            stage, None, f"{message}: {failure.message}", index, failure=failure
        )

        async def failed() -> int | None:
            async with self._fenced() as connection:
                if await connection.fetchval(FAIL_SLOT, self.run.id, index, encode(failure)):
                    return await self._append(connection, progress)
            return None

        self._ring(await _patiently(failed))

    async def slot_delivered(
        self, index: int, image: StoredImage, draft: Draft, put: Callable[[], Awaitable[None]]
    ) -> Asset:
        """Store the image and record it as an asset; where the run is lost, it goes again."""
        try:
            async with self._fenced() as connection:
                await lock_objects(connection, self.run.workspace)
                await put()
                await keep_object(connection, self.run.workspace, image.key)
                asset = await self._record(connection, index, image, draft)
                position = await self._append(connection, AssetCreated(asset, index))
        except ClaimLost:
            await remove_unreferred(self.db, self.run.workspace, [image.key])
            raise
        self._ring(position)
        return asset

    async def _record(
        self, connection: Executor, index: int, image: StoredImage, draft: Draft
    ) -> Asset:
        asset = await record_asset(
            connection,
            self.run.workspace,
            self.run.id,
            image,
            self.url_of(image.key),
            kind=AssetKind.GENERATED,
            draft=draft,
            provider=self.provider_of(draft.model),
            seed=await connection.fetchval(SLOT_SEED, self.run.id, index),
        )
        await connection.execute(DELIVER_SLOT, self.run.id, index, asset.id)
        return asset

    async def _in_time(
        self,
        name: StageName,
        work: Callable[[Report], Awaitable[R]],
        late: Callable[[DeadlineExceeded], Awaitable[R]],
    ) -> R:
        try:
            async with Allowance(self.deadlines.get(name, inf), name):
                with telling(partial(self._report, name, None)):
                    return await work(self._reporter(name))
        except DeadlineExceeded as over:
            return await late(over)

    async def _end(self, name: StageName, ending: Ending) -> None:
        self._ring(await end(self.db, self.run, name, ending))

    def _ring(self, position: int | None) -> None:
        if position is not None:
            self.bell.ring(self.run.workspace, position)

    async def _closed(self, write: Callable[[Executor], Awaitable[T]]) -> T:
        """Return what `write` returns of a transaction that is done once PostgreSQL is there."""

        async def closed() -> T:
            async with transaction(self.db) as connection:
                return await write(connection)

        return await _patiently(closed)

    @asynccontextmanager
    async def _fenced(self) -> AsyncGenerator[Executor]:
        async with transaction(self.db) as connection:
            await fence(connection, self.run)
            yield connection

    async def _append(self, connection: Executor, change: Change) -> int:
        return await events.append(connection, self.run.workspace, self.run.id, [change])

    def _reporter(self, name: StageName) -> Report:
        async def report(fraction: float | None, message: str | None) -> None:
            self._report(name, fraction, message)

        return report

    def _report(self, name: StageName, fraction: float | None, message: str | None) -> None:
        self.tell(self.run, StageProgress(name, fraction, message))


async def _afforded(connection: Executor, run: Run, expected: Decimal) -> None:
    try:
        await require_left(connection, run.workspace, expected)
    except BudgetExceeded as exceeded:
        raise StageFailed(exceeded.message, code=exceeded.code) from exceeded


def _as_failure(error: Exception) -> StageFailed:
    if isinstance(error, StageFailed):
        return error
    trace = uuid4().hex
    logger.error("a stage broke, trace %s", trace, exc_info=error)
    return InternalFailure(trace)


def _checkpoint(result: type[R], over: Over) -> R:
    if over.status == StageStatus.SKIPPED:
        raise StageSkipped(over.summary)
    return decode(result, over.output)
