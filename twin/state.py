"""What both servers of a twin share."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field

from twin import chance
from twin.bill import Bill
from twin.config import Config
from twin.journal import Journal
from twin.painting import Studio
from twin.script import Script


@dataclass(frozen=True, slots=True)
class Twin:
    """A running twin; `tasks` holds the work that goes on when a request is over."""

    config: Config
    bill: Bill
    script: Script
    journal: Journal
    studio: Studio
    tasks: asyncio.TaskGroup
    asked: Counter[str] = field(default_factory=Counter[str])
    working: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def seed(self, fingerprint: str) -> int:
        """Return the seed of a request's picture: another one each time that it is asked."""
        # A real model never paints the same twice, and four slots of a run must differ.
        self.asked[fingerprint] += 1
        return chance.number(self.config.seed, fingerprint, self.asked[fingerprint])

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Go on with `work` beside the requests."""
        task = self.tasks.create_task(work)
        self.working.add(task)
        task.add_done_callback(self.working.discard)

    def stop(self) -> None:
        """Break off all work, as the end of the process would."""
        for task in self.working:
            task.cancel()
