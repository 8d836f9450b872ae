"""The seven stages as this machine runs them, and the worker that runs them."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from socket import gethostname
from typing import Final

import asyncpg

from pipeline.catalogue import replicate
from pipeline.catalogue.model import EMBEDDED
from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import Run
from pipeline.learning.counting import Counting
from pipeline.personas.built_in import BUILT_IN
from pipeline.ports import ImageModel
from pipeline.previews import Previews
from pipeline.produce import Stages
from pipeline.providers.embedded_vision import EmbeddedVision
from pipeline.providers.falling_back import FallingBack
from pipeline.providers.sketch import sketching
from pipeline.providers.unbilled import Unbilled
from pipeline.reconcile import Reconcile
from pipeline.stages.analyse import Analyse
from pipeline.stages.deliver import Deliver
from pipeline.stages.enhance import Enhance
from pipeline.stages.generate import Generate
from pipeline.stages.match_persona import MatchPersona
from pipeline.stages.optimise import Optimise
from pipeline.stages.route import RouteModel
from server.announcing import announced
from server.collecting import give_back
from server.hosted import gates, hosted_models
from server.languages import OpenAI, opened_openai
from server.pruning import keep_of, pruning
from server.queue import working
from server.reconciling import reconciling
from server.tidying import tidying
from server.upkeep import kept_up
from server.wiring import Foundations
from server.worker import Worker
from storage.budgets import set_aside
from storage.claims import Claims
from storage.database import open_pool
from storage.gates import Breakers
from storage.journal import RunJournal
from storage.left_calls import LeftCalls
from storage.paces import paces
from storage.personas import Personas
from storage.removals import Removals
from storage.signals import FeedbackSignals
from storage.tasks import running
from storage.ticks import Ticks

# What is nearly done need not be handed over.
_SETTLE_SECONDS: Final = 3.0


@asynccontextmanager
async def at_work(on: Foundations) -> AsyncGenerator[None]:
    """Take generations from the queue while the body runs; the models warm up meanwhile."""
    async with (
        sketching() as sketch,
        opened_openai(on.settings, gates(on), Breakers(on.pool)) as openai,
        hosted_models(on, openai) as hosted,
    ):
        models: dict[str, ImageModel] = {"sketch": Unbilled(sketch), **hosted}
        lines = LeftCalls(on.pool)
        with closing(EmbeddedVision()) as vision:
            async with (
                running(_warmed(vision)),
                running(tidying(on.pool, on.staging)),
                running(pruning(on.pool, keep_of(on.settings))),
                running(reconciling(lines, Reconcile(models=models, lines=lines))),
                crewed(on, _stages(on, vision, models, openai)),
            ):
                yield


@asynccontextmanager
async def crewed(on: Foundations, stages: Stages) -> AsyncGenerator[None]:
    """Take generations from the queue through these stages while the body runs."""
    drain = float(on.settings.drain_seconds)
    ticks = Ticks(on.pool, on.doorbell)
    async with open_pool(on.dsn, max_size=1) as lifeline:
        claims = _claims(on, lifeline)
        worker = Worker(claims, stages, partial(_journal, on, ticks), on.settings.worker_slots)
        async with (
            running(ticks.keep_telling()),
            kept_up(worker, Removals(on.pool, on.objects)),
            working(on.dsn, worker, settle=min(_SETTLE_SECONDS, drain), patience=drain),
            announced(on.pool, on.settings.worker_slots),
        ):
            yield


async def _warmed(vision: EmbeddedVision) -> None:
    await vision.warm_up()
    await asyncio.to_thread(give_back)


def _claims(on: Foundations, lifeline: asyncpg.Pool) -> Claims:
    lease = timedelta(seconds=on.settings.lease_seconds)
    allowance = timedelta(seconds=on.settings.run_deadline_seconds)
    asked = frozenset({replicate.PROVIDER})
    name = f"{gethostname()}:{os.getpid()}"
    return Claims(on.pool, on.doorbell, lease, allowance, lifeline, asked, name)


def _stages(
    on: Foundations,
    vision: EmbeddedVision,
    models: dict[str, ImageModel],
    openai: OpenAI | None,
) -> Stages:
    return Stages(
        analyse=Analyse(vision, on.objects, openai.vision() if openai else None),
        enhance=openai.enhancing(Enhance()) if openai else FallingBack(Enhance()),
        match_persona=MatchPersona(Personas(on.pool, BUILT_IN)),
        route=_router(on),
        optimise=Optimise(Counting(), FeedbackSignals(on.pool)),
        generate=Generate(
            models,
            on.staging,
            on.objects,
            openai.previews if openai else Previews(),
            on.settings.openai_partial_images,
            _provider,
            faults=on.faults,
        ),
        deliver=Deliver(on.staging, on.objects),
    )


def _router(on: Foundations) -> RouteModel:
    async def limit(run: Run) -> Decimal | None:
        return await set_aside(on.pool, run.id)

    return RouteModel(
        SHIPPED,
        on.settings.providers,
        partial(datetime.now, UTC),
        degraded=Breakers(on.pool).open,
        paces=partial(paces, on.pool),
        set_aside=limit,
        retired=on.settings.retired_models,
        partials=on.settings.openai_partial_images,
    )


def _journal(on: Foundations, ticks: Ticks, run: Run) -> RunJournal:
    deadlines = on.settings.stage_deadline_seconds
    return RunJournal(on.pool, on.doorbell, run, on.objects.url, _provider, deadlines, ticks.note)


def _provider(key: str) -> str:
    model = SHIPPED.find(key)
    return model.provider if model else EMBEDDED
