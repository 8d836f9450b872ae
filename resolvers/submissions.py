"""From what a client sent to what is submitted, every rule checked before anything is stored."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256

from pipeline.domain import Brief, Generation, GenerationMode, GenerationSettings
from pipeline.errors import NotFound
from pipeline.records.reading import read_spec
from pipeline.repositories import Idempotency, Submission
from pipeline.routing import choices, choose, choose_within_budget
from resolvers.idempotency import idempotency
from resolvers.markets import market_at_rest, market_of
from resolvers.sources import Source, check_one_source, checked, fetched, received, stored
from schema import rules
from schema.context import Context
from schema.requests import (
    GenerateFromImageInput,
    GenerateFromPromptInput,
    GenerateFromSpecInput,
    QuoteInput,
)
from schema.settings import INFLUENCE, SettingsInput


@dataclass(frozen=True, slots=True)
class Wishes:
    """Checked settings, and what was put differently."""

    settings: GenerationSettings
    warnings: tuple[str, ...] = ()


async def from_image(context: Context, input: GenerateFromImageInput) -> Generation:
    """Submit a photo, or find what the same request started."""
    check_one_source(input)
    content = None if input.image is None else await received(context, input.image)
    brief = brief_of(GenerationMode.FROM_IMAGE, input)
    photo = sha256(content).digest() if content else [input.image_url, input.asset_id]
    asked = idempotency("generateFromImage", input.idempotency_key, photo, brief)

    async def submission() -> Submission:
        wanted = await wishes(context, brief)
        source = await _source(context, input, content)
        return Submission(
            brief=replace(brief, settings=wanted.settings, source=source.image),
            upload=source.content,
            warnings=wanted.warnings,
            idempotency=asked,
        )

    return await _once(context, asked, submission)


async def from_prompt(context: Context, input: GenerateFromPromptInput) -> Generation:
    """Submit words, or find what the same request started."""
    brief = brief_of(GenerationMode.FROM_PROMPT, input)
    asked = idempotency("generateFromPrompt", input.idempotency_key, brief)

    async def submission() -> Submission:
        wanted = await wishes(context, brief)
        return Submission(
            brief=replace(brief, settings=wanted.settings),
            warnings=wanted.warnings,
            idempotency=asked,
        )

    return await _once(context, asked, submission)


async def from_spec(context: Context, input: GenerateFromSpecInput) -> Generation:
    """Submit a specification, or find what the same request started."""
    brief, index = brief_of(GenerationMode.FROM_SPEC, input), input.record_index or 0
    asked = idempotency("generateFromSpec", input.idempotency_key, brief, input.spec, index)

    async def submission() -> Submission:
        wanted = await wishes(context, brief)
        reading = read_spec(input.spec, index)
        rules.written(reading.spec.raw, "spec")
        return Submission(
            brief=replace(brief, settings=wanted.settings, spec=reading.spec),
            warnings=(*wanted.warnings, *reading.warnings),
            idempotency=asked,
        )

    return await _once(context, asked, submission)


async def _once(
    context: Context,
    asked: Idempotency | None,
    submission: Callable[[], Awaitable[Submission]],
) -> Generation:
    """Look a known request up before its input is checked: a model may have retired since."""
    generations, viewer = context.library.generations, context.viewer
    if asked is not None and (earlier := await generations.replayed(viewer, asked)) is not None:
        return earlier
    wanted = await submission()
    price = await _image_price(context, wanted.brief)
    return await generations.submit(viewer, replace(wanted, image_price=price))


async def _image_price(context: Context, brief: Brief) -> Decimal:
    """Return the most that one image may cost; raise where the budget has no room for it."""
    route = choose_within_budget(brief, await market_of(context))
    # Whoever stands in for the chosen model may be dearer.
    return max(choice.price or Decimal(0) for choice in choices(route, brief.settings.count))


async def wishes(context: Context, brief: Brief) -> Wishes:
    """Check a brief's settings, and put catalogue keys for other names of models.

    Raises `InvalidInput`, `NotFound` for a persona, `ModelUnavailable` for a model or provider,
    `BudgetExceeded` for a `max_cost` that is too low.
    """
    library, settings = context.library, brief.settings
    choose(brief, market_at_rest(library))
    persona = settings.persona_id
    if persona is not None and await context.loaders.personas.load(persona) is None:
        raise NotFound("settings.personaId: there is no such persona.")
    warnings: list[str] = []
    if settings.source_influence != INFLUENCE and brief.mode is not GenerationMode.FROM_IMAGE:
        warnings.append("settings.sourceInfluence makes no difference without a photo")
    model = library.catalogue.find(settings.model) if settings.model else None
    if model is not None and model.key != settings.model:
        warnings.append(f"The model {settings.model} is {model.key} in the catalogue")
        settings = replace(settings, model=model.key)
    return Wishes(settings, tuple(warnings))


def brief_of(
    mode: GenerationMode,
    input: GenerateFromImageInput | GenerateFromPromptInput | GenerateFromSpecInput | QuoteInput,
) -> Brief:
    """Return what is asked for, without photo and specification.

    Raises `InvalidInput`, or `NotFound` for what is no persona's id.
    """
    return Brief(
        mode=mode,
        prompt=rules.optional_text(input.prompt, "prompt", rules.PROMPT),
        negative_prompt=rules.optional_text(
            input.negative_prompt, "negativePrompt", rules.NEGATIVE_PROMPT
        ),
        settings=(input.settings or SettingsInput()).to_domain(mode),
    )


async def _source(context: Context, input: GenerateFromImageInput, content: bytes | None) -> Source:
    if content is not None:
        return await checked(context, content, "image")
    if input.image_url is not None:
        return await fetched(context, input.image_url)
    return await stored(context, input.asset_id or "")
