"""The seven stages as this machine runs them, and the worker that does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from pipeline.catalogue.model import EMBEDDED
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import Run
from pipeline.learning.counting import Counting
from pipeline.personas import BUILT_IN
from pipeline.ports import ImageModel, VisionModel
from pipeline.produce import Stages
from pipeline.providers.embedded_vision import EmbeddedVision
from pipeline.providers.sketch import sketching
from pipeline.stages.analyse import Analyse
from pipeline.stages.deliver import Deliver
from pipeline.stages.enhance import Enhance
from pipeline.stages.generate import Generate
from pipeline.stages.match_persona import MatchPersona
from pipeline.stages.optimise import Optimise
from pipeline.stages.route import RouteModel
from server.queue import working
from server.wiring import Foundations
from server.worker import Worker
from storage.claims import Claims
from storage.journal import RunJournal
from storage.personas import Personas
from storage.removals import Removals
from storage.signals import FeedbackSignals
from storage.tasks import running

_HANDOVER_SECONDS: Final = 5.0


@asynccontextmanager
async def at_work(on: Foundations) -> AsyncGenerator[None]:
    """Work on the queue while the body runs."""
    lease = timedelta(seconds=on.settings.lease_seconds)
    vision = EmbeddedVision()
    try:
        async with sketching() as sketch, running(vision.warm_up()):
            worker = _worker(on, lease, vision, sketch)
            slots = on.settings.worker_slots
            async with working(on.dsn, worker, slots=slots, lease=lease, grace=_HANDOVER_SECONDS):
                yield
    finally:
        vision.close()


def _worker(on: Foundations, lease: timedelta, vision: VisionModel, sketch: ImageModel) -> Worker:
    stages = Stages(
        analyse=Analyse(vision, on.objects),
        enhance=Enhance(),
        match_persona=MatchPersona(Personas(on.pool, BUILT_IN)),
        route=RouteModel(SHIPPED, frozenset({EMBEDDED}), partial(datetime.now, UTC)),
        optimise=Optimise(Counting(), FeedbackSignals(on.pool)),
        generate=Generate({"sketch": sketch}, on.staging),
        deliver=Deliver(on.staging, on.objects),
    )

    def journal_of(run: Run) -> RunJournal:
        return RunJournal(on.pool, on.doorbell, run, on.objects.url, _provider)

    return Worker(
        Claims(on.pool, on.doorbell, lease), stages, journal_of, Removals(on.pool, on.objects)
    )


def _provider(model: str) -> str:
    found = SHIPPED.find(model)
    return EMBEDDED if found is None else found.provider
