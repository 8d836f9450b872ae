"""The pipeline itself, from top to bottom."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipeline.domain import (
    Brief,
    Facts,
    FinalPrompt,
    GenerationMode,
    PromptPart,
    Run,
    StageName,
    WorkspaceId,
)
from pipeline.errors import StageSkipped
from pipeline.paying import Till
from pipeline.ports import Journal, Report
from pipeline.prompting import as_written, compose
from pipeline.results import (
    Analysis,
    Delivery,
    Enhancement,
    Optimization,
    PersonaChoice,
    Rendering,
    Routing,
)
from pipeline.routing import choices
from pipeline.spec import GarmentSpec
from pipeline.stages.generate import Order, rescued


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The seven stages, ready to run; a seed makes what is drawn by lot reproducible."""

    analyse: Callable[[Brief, Report, Till], Awaitable[Analysis]]
    enhance: Callable[[Brief, GarmentSpec | None, int, Till], Awaitable[Enhancement]]
    match_persona: Callable[[WorkspaceId, Brief, GarmentSpec | None], Awaitable[PersonaChoice]]
    route: Callable[[Run], Awaitable[Routing]]
    optimise: Callable[
        [WorkspaceId, Sequence[PromptPart], str | None, int], Awaitable[Optimization]
    ]
    generate: Callable[[Run, Order, Journal, Report], Awaitable[Rendering]]
    deliver: Callable[[Run, Journal, Report], Awaitable[Delivery]]


@dataclass(frozen=True, slots=True)
class Words:
    """The parts of the prompt so far, and what to keep out."""

    parts: tuple[PromptPart, ...]
    negative: str | None


async def produce(run: Run, stages: Stages, journal: Journal) -> None:
    """Take `run` from its brief to delivered images; a resumed run skips what it has done.

    Raises `StageFailed` where a stage fails, `ClaimLost` once another worker has the run.
    """
    spec = await _analysed(run, stages, journal)
    words, style, routing = await _side_by_side(
        _enhanced(run, stages, journal, spec),
        _styled(run, stages, journal, spec),
        _routed(run, stages, journal),
    )
    prompt = await _optimised(run, stages, journal, Words(words.parts + style, words.negative))
    usable = choices(routing.route, run.brief.settings.count)
    order = Order(prompt, spec, usable)
    generate, late = partial(stages.generate, run, order, journal), partial(rescued, journal)
    await journal.step(StageName.GENERATION, Rendering, generate, late)
    await journal.step(StageName.DELIVERY, Delivery, partial(stages.deliver, run, journal))


async def _analysed(run: Run, stages: Stages, journal: Journal) -> GarmentSpec | None:
    brief = run.brief
    if brief.mode is GenerationMode.FROM_IMAGE:

        async def work(report: Report) -> Analysis:
            return await stages.analyse(brief, report, Till(journal))

        return (await journal.step(StageName.ANALYSIS, Analysis, work)).spec
    if brief.mode is GenerationMode.FROM_SPEC:
        reason = "The specification was given, so there is no photo to read"
    else:
        reason = "There is no photo to read"
    await journal.skip(StageName.ANALYSIS, reason)
    return brief.spec


async def _enhanced(run: Run, stages: Stages, journal: Journal, spec: GarmentSpec | None) -> Words:
    brief = run.brief
    if not brief.settings.enhance:
        await journal.skip(StageName.ENHANCEMENT, "Not asked for: the text is sent as written")
        return Words(as_written(brief, spec), brief.negative_prompt)

    async def work(_report: Report) -> Enhancement:
        return await stages.enhance(brief, spec, run.seed, Till(journal))

    enhancement = await journal.step(StageName.ENHANCEMENT, Enhancement, work)
    return Words(enhancement.parts, enhancement.negative)


async def _styled(
    run: Run, stages: Stages, journal: Journal, spec: GarmentSpec | None
) -> tuple[PromptPart, ...]:
    brief = run.brief
    if untouched(brief) and brief.settings.persona_id is None:
        await journal.skip(StageName.PERSONA, "Not asked for: the text is sent as written")
        return ()

    async def work(_report: Report) -> PersonaChoice:
        return await stages.match_persona(run.workspace, brief, spec)

    try:
        return (await journal.step(StageName.PERSONA, PersonaChoice, work)).parts
    except StageSkipped:
        return ()


async def _routed(run: Run, stages: Stages, journal: Journal) -> Routing:
    async def work(_report: Report) -> Routing:
        return await stages.route(run)

    return await journal.step(StageName.ROUTING, Routing, work)


async def _optimised(run: Run, stages: Stages, journal: Journal, words: Words) -> FinalPrompt:
    if not run.brief.settings.learning or untouched(run.brief):
        wanted = not run.brief.settings.learning
        reason = "Learning is switched off" if wanted else "The text is sent as written"
        prompt = compose(words.parts, words.negative)
        await journal.skip(StageName.OPTIMIZATION, reason, Facts(final_prompt=prompt))
        return prompt

    async def work(_report: Report) -> Optimization:
        return await stages.optimise(run.workspace, words.parts, words.negative, run.seed)

    return (await journal.step(StageName.OPTIMIZATION, Optimization, work)).prompt


def untouched(brief: Brief) -> bool:
    """Whether the designer's text goes to the model as it is."""
    return brief.mode is GenerationMode.FROM_PROMPT and not brief.settings.enhance


async def _side_by_side(
    words: Coroutine[Any, Any, Words],
    style: Coroutine[Any, Any, tuple[PromptPart, ...]],
    routing: Coroutine[Any, Any, Routing],
) -> tuple[Words, tuple[PromptPart, ...], Routing]:
    """Take all three to their end, so that what succeeds is kept when another fails."""
    tasks = asyncio.create_task(words), asyncio.create_task(style), asyncio.create_task(routing)
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    first, second, third = tasks
    for task in tasks:
        # Looked at, or asyncio would complain of those that are not raised.
        task.exception()
    return first.result(), second.result(), third.result()
