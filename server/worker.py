"""The worker: takes runs on as the queue wakes it, keeps them, and takes each to its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pipeline.domain import Failure, GenerationId, Run
from pipeline.errors import ClaimLost, StageFailed, StoreUnreachable
from pipeline.ports import Journal
from pipeline.produce import Stages, produce
from storage.claims import Claims
from storage.database import CONNECTION_LOST
from storage.removals import Removals

KEEP_INTERVAL = 0.5
SWEEP_INTERVAL = 2.0
MAX_TAKEOVERS = 5

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Worker:
    """Runs generations side by side, as many as are handed to it."""

    claims: Claims
    stages: Stages
    journal_of: Callable[[Run], Journal]
    removals: Removals
    _held: dict[asyncio.Task[None], Run] = field(
        default_factory=dict[asyncio.Task[None], Run], init=False
    )

    @property
    def working_on(self) -> frozenset[GenerationId]:
        """The generations in its hands now."""
        return frozenset(run.id for run in self._held.values())

    async def take_on(self, generation: GenerationId) -> None:
        """Take the generation to its end, unless it is somebody else's or finished."""
        run = await self.claims.take(generation)
        if run is None:
            return
        task = asyncio.create_task(self._take_to_end(run))
        self._held[task] = run
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            del self._held[task]
        if task.cancelled():
            await self.claims.release(run)
        elif (error := task.exception()) is not None:
            logger.warning("generation %s is left for another try: %r", run.id, error)

    async def keep(self) -> None:
        """Extend the leases for ever; stop at once what is no longer ours."""
        while True:
            await asyncio.sleep(KEEP_INTERVAL)
            # What was told to stop may take its time to clean up: it is told once.
            held = {task: run for task, run in self._held.items() if not task.cancelling()}
            if held:
                await _tolerant(self._drop_lost(held))

    async def sweep(self) -> None:
        """Wake up lost runs and remove unreferred objects, for ever."""
        while True:
            await _tolerant(self.claims.sweep())
            await _tolerant(self.removals.work_off())
            await asyncio.sleep(SWEEP_INTERVAL)

    async def hand_over(self, grace: float) -> None:
        """Give what runs `grace` seconds to finish, then leave it to another worker."""
        tasks = list(self._held)
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()

    async def _drop_lost(self, held: dict[asyncio.Task[None], Run]) -> None:
        ours = await self.claims.extend(list(held.values()))
        for task, run in held.items():
            if (run.id, run.claim) not in ours:
                task.cancel()

    async def _take_to_end(self, run: Run) -> None:
        try:
            await self.claims.finish(run, await self._outcome(run))
        except ClaimLost:
            logger.info("generation %s is no longer ours", run.id)

    async def _outcome(self, run: Run) -> Failure | None:
        if run.takeovers > MAX_TAKEOVERS:
            message = f"It stopped its worker {run.takeovers} times and was given up"
            return Failure(code="WORKER_LOST", message=message, retryable=True)
        try:
            await produce(run, self.stages, self.journal_of(run))
        except StageFailed as failed:
            return failed.failure()
        return None


async def _tolerant(work: Awaitable[object]) -> None:
    """Go on whatever happens: a worker without these loops loses runs unseen."""
    try:
        await work
    except CONNECTION_LOST as error:
        logger.warning("PostgreSQL is out of reach, trying again: %r", error)
    except StoreUnreachable as error:
        logger.warning("Nothing can be removed, trying again: %s", error)
    except Exception:
        logger.exception("A worker's upkeep failed, trying again")
