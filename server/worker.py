"""The worker: takes runs on as the queue wakes it, keeps them, and takes each to its end."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from pipeline.deadlines import Allowance
from pipeline.domain import Failure, GenerationId, Run
from pipeline.errors import ClaimLost, StageFailed
from pipeline.ports import Journal
from pipeline.produce import Stages, produce
from storage.blips import outlasting
from storage.claims import Claims
from storage.database import CONNECTION_LOST

MAX_TAKEOVERS = 5
LOOK_AGAIN = 0.1
_TELLING_SECONDS = 1.0
_AWAITED = (
    "waiting up to %.0f s for paid calls of generation %s; "
    "a second Ctrl-C or SIGTERM ends now and leaves them under way"
)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Held:
    """A run in our hands, and the time that it may still take."""

    run: Run
    allowance: Allowance
    told: bool = False


@dataclass(slots=True)
class Worker:
    """Runs up to `slots` generations side by side, each in a task of its own."""

    claims: Claims
    stages: Stages
    journal_of: Callable[[Run], Journal]
    slots: int = 4
    _held: dict[asyncio.Task[None], Held] = field(
        default_factory=dict[asyncio.Task[None], Held], init=False
    )
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]], init=False)
    _freed: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _ending: bool = field(default=False, init=False)
    _awaited: set[GenerationId] = field(default_factory=set[GenerationId], init=False)

    @property
    def working_on(self) -> frozenset[GenerationId]:
        """The generations in its hands now."""
        return frozenset(held.run.id for held in self._held.values())

    async def room(self) -> int:
        """Wait for a free slot; return how many there are."""
        while len(self._tasks) >= self.slots:
            self._freed.clear()
            await self._freed.wait()
        return self.slots - len(self._tasks)

    def take_on(self, generation: GenerationId, job: int) -> None:
        """Take the generation to its end, unless it is somebody else's or finished."""
        task = asyncio.create_task(self._work_on(generation, job))
        self._tasks.add(task)
        task.add_done_callback(self._free)

    async def keep(self) -> None:
        """Extend the leases once; stop at once what is no longer ours."""
        held = {task: one for task, one in self._held.items() if not one.told}
        if not held:
            return
        ours = await self.claims.extend([(one.run, one.allowance.left) for one in held.values()])
        lost = (task for task, one in held.items() if (one.run.id, one.run.claim) not in ours)
        self._leave(lost)

    async def hand_over(self, settle: float, patience: float) -> None:
        """Give what runs `settle` seconds to finish, then leave it to another worker.

        What waits for calls that nobody could ask about afterwards has `patience` seconds.
        """
        self._ending = True
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            while self._tasks and (waited := loop.time() - began) < max(settle, patience):
                if waited >= settle:
                    await self._leave_askable(patience - waited)
                await self._pause()
        except asyncio.CancelledError:
            await self._tell_of_calls()
            raise
        finally:
            # What is being claimed is let be claimed: broken off, its job would be nobody's.
            while self._tasks:
                self._leave(self._held)
                await self._pause()

    async def _tell_of_calls(self) -> None:
        """Log the paid calls under way, which nobody here waits for any more."""
        for run in [held.run for held in self._held.values() if not held.told]:
            try:
                async with asyncio.timeout(_TELLING_SECONDS):
                    calls = await self.journal_of(run).open_calls()
            except (TimeoutError, *CONNECTION_LOST) as error:
                logger.warning("paid calls of generation %s may be under way: %r", run.id, error)
                continue
            for call in calls:
                if call.sent_at is not None:
                    logger.warning(
                        "call %s to %s is left under way, for image %d of generation %s",
                        call.id,
                        call.model,
                        call.slot + 1,
                        run.id,
                    )

    async def _pause(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LOOK_AGAIN)

    async def _leave_askable(self, seconds: float) -> None:
        held = {task: one.run for task, one in self._held.items() if not one.told}
        for task, run in held.items():
            try:
                left = await self.claims.leave(run)
            except CONNECTION_LOST as error:
                logger.warning("generation %s can't be handed over yet: %r", run.id, error)
                return
            if left:
                self._leave([task])
            elif run.id not in self._awaited:
                self._awaited.add(run.id)
                logger.info(_AWAITED, seconds, run.id)

    def _leave(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Stop them; what was told to stop may take its time to clean up, and is told once."""
        for task in tasks:
            held = self._held.get(task)
            if held is not None and not held.told:
                held.told = True
                task.cancel()

    def _free(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._freed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.warning("a generation is left for another try: %r", error, exc_info=error)

    async def _work_on(self, generation: GenerationId, job: int) -> None:
        # No longer than this: its job was not taken away, and comes again.
        run = await outlasting(partial(self.claims.take, generation, job), patience=1.0)
        task = asyncio.current_task()
        if run is None or task is None:
            return
        # It was being claimed while all that ran was handed over.
        if self._ending:
            await self.claims.hand_over(run)
            return
        held = self._held[task] = Held(run, Allowance(run.seconds_left, "The run"))
        try:
            failure = await self._outcome(held)
            await outlasting(partial(self.claims.finish, run, failure))
        except ClaimLost:
            logger.info("generation %s is no longer ours", run.id)
        except asyncio.CancelledError:
            # Whoever ends this process does not wait long: what stays behind is swept up.
            await outlasting(partial(self.claims.hand_over, run), patience=1.0)
            raise
        finally:
            del self._held[task]

    async def _outcome(self, held: Held) -> Failure | None:
        run = held.run
        if run.takeovers > MAX_TAKEOVERS:
            message = f"It stopped its worker {run.takeovers} times and was given up"
            return Failure(code="WORKER_LOST", message=message, retryable=True)
        try:
            async with held.allowance:
                # Stages that are done are not done again: a cut connection costs time alone.
                await outlasting(partial(produce, run, self.stages, self.journal_of(run)))
        except StageFailed as failed:
            return failed.failure()
        return None
