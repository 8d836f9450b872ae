"""A worker whose stages do nothing; all else is the product's own.

python -P -m benchmarks.harness.instant --data DIR --seconds 3 --report 0.5 --vary 0.2
"""

import argparse
import asyncio
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import uvloop

from pipeline.domain import FinalPrompt, PersonaMatch, Route, Run
from pipeline.personas.built_in import BUILT_IN
from pipeline.ports import Journal, Report
from pipeline.produce import Stages
from pipeline.results import (
    Analysis,
    Delivery,
    Enhancement,
    Optimization,
    PersonaChoice,
    Rendering,
    Routing,
)
from pipeline.spec import GarmentSpec
from pipeline.stages.generate import Order
from server import logs
from server.database import folder_of
from server.postgres import running
from server.settings import Settings
from server.studio import crewed
from server.wiring import founded

SUMMARY = "Nothing was done"


@dataclass(frozen=True, slots=True)
class Pause:
    """The stage GENERATION: it says which run it is at, and reports again and again.

    It takes `seconds`, or up to `vary` of them more or less, as the run's id has it.
    """

    seconds: float
    report: float
    vary: float

    async def __call__(
        self, run: Run, _order: Order, _journal: Journal, report: Report
    ) -> Rendering:
        takes = self.seconds * (1 + self.vary * Random(run.id.int).uniform(-1, 1))
        if takes:
            print(f"{run.id} is at GENERATION in {os.getpid()}", flush=True)
        began = time.monotonic()
        while (left := takes - (time.monotonic() - began)) > 0:
            await asyncio.sleep(min(self.report, left))
            if left > self.report:
                await report(1 - left / takes, "at work")
        return Rendering(1, 1, "sketch", SUMMARY)


def stages(pause: Pause) -> Stages:
    async def analyse(*_: object) -> Analysis:
        return Analysis(GarmentSpec(), SUMMARY)

    async def enhance(*_: object) -> Enhancement:
        return Enhancement((), None, SUMMARY)

    async def match_persona(*_: object) -> PersonaChoice:
        return PersonaChoice(PersonaMatch(BUILT_IN[0], 1.0, SUMMARY), (), SUMMARY)

    async def route(_: Run) -> Routing:
        return Routing(Route("sketch", SUMMARY, ()), SUMMARY)

    async def optimise(*_: object) -> Optimization:
        return Optimization(FinalPrompt(text="a dress"), None, SUMMARY)

    async def deliver(*_: object) -> Delivery:
        return Delivery(1, 1, SUMMARY)

    return Stages(
        analyse=analyse,
        enhance=enhance,
        match_persona=match_persona,
        route=route,
        optimise=optimise,
        generate=pause,
        deliver=deliver,
    )


async def work(settings: Settings, dsn: str, pause: Pause) -> None:
    logs.set_up(settings)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with founded(settings, dsn, one_process=False) as on, crewed(on, stages(pause)):
        print("An instant worker works on the queue", flush=True)
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--seconds", type=float, default=0.0, help="that GENERATION takes")
    parser.add_argument("--report", type=float, default=0.5, help="seconds between its reports")
    parser.add_argument("--vary", type=float, default=0.0, help="by that share of them")
    given = parser.parse_args()
    settings = Settings.from_environ({**os.environ, "DATA_DIR": given.data}, Path("none"))
    dsn = settings.database_url or running(folder_of(settings))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(settings, dsn or "", Pause(given.seconds, given.report, given.vary)))


if __name__ == "__main__":
    main()
