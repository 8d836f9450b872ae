"""From what a client sent to what is submitted, every rule checked before anything is stored."""

from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.domain import Brief, GenerationMode, GenerationSettings
from pipeline.errors import NotFound
from pipeline.records import read_spec
from pipeline.repositories import Submission
from pipeline.routing import Market, choices, choose
from resolvers.idempotency import idempotency
from resolvers.sources import Source, check_one_source, fetched, stored, uploaded
from schema import rules
from schema.context import Context
from schema.requests import (
    GenerateFromImageInput,
    GenerateFromPromptInput,
    GenerateFromSpecInput,
)
from schema.settings import INFLUENCE, SettingsInput


@dataclass(frozen=True, slots=True)
class Wishes:
    """Checked settings, the most an image may cost, and what was put differently."""

    settings: GenerationSettings
    image_price: Decimal
    warnings: tuple[str, ...] = ()


async def from_image(context: Context, input: GenerateFromImageInput) -> Submission:
    check_one_source(input)
    mode = GenerationMode.FROM_IMAGE
    prompt, negative = _words(input)
    wanted = await wishes(context, input.settings, mode)
    rules.optional_text(input.idempotency_key, "idempotencyKey", rules.KEY)
    source = await _source(context, input)
    return Submission(
        brief=Brief(
            mode=mode,
            prompt=prompt,
            negative_prompt=negative,
            settings=wanted.settings,
            source=source.image,
        ),
        upload=source.content,
        image_price=wanted.image_price,
        warnings=wanted.warnings,
        idempotency=idempotency(
            "generateFromImage",
            input.idempotency_key,
            source.image.key if input.image else [input.image_url, input.asset_id],
            input.prompt,
            input.negative_prompt,
            input.settings,
        ),
    )


async def from_prompt(context: Context, input: GenerateFromPromptInput) -> Submission:
    mode = GenerationMode.FROM_PROMPT
    prompt, negative = _words(input)
    wanted = await wishes(context, input.settings, mode)
    return Submission(
        brief=Brief(mode=mode, prompt=prompt, negative_prompt=negative, settings=wanted.settings),
        image_price=wanted.image_price,
        warnings=wanted.warnings,
        idempotency=idempotency("generateFromPrompt", input.idempotency_key, input),
    )


async def from_spec(context: Context, input: GenerateFromSpecInput) -> Submission:
    mode = GenerationMode.FROM_SPEC
    prompt, negative = _words(input)
    wanted = await wishes(context, input.settings, mode)
    reading = read_spec(input.spec, input.record_index or 0)
    rules.written(reading.spec.raw, "spec")
    return Submission(
        brief=Brief(
            mode=mode,
            prompt=prompt,
            negative_prompt=negative,
            settings=wanted.settings,
            spec=reading.spec,
        ),
        image_price=wanted.image_price,
        warnings=(*wanted.warnings, *reading.warnings),
        idempotency=idempotency("generateFromSpec", input.idempotency_key, input),
    )


async def wishes(context: Context, given: SettingsInput | None, mode: GenerationMode) -> Wishes:
    """Check the settings, and put catalogue keys for other names of models.

    Raises `InvalidInput`, `NotFound` for a persona, `ModelUnavailable` for a model or provider,
    `BudgetExceeded` for a `max_cost` that is too low.
    """
    library = context.library
    settings = (given or SettingsInput()).to_domain(mode)
    market = Market(catalogue=library.catalogue, now=library.now(), configured=library.providers)
    route = choose(Brief(mode=mode, settings=settings), market)
    persona = settings.persona_id
    if persona is not None and await context.loaders.personas.load(persona) is None:
        raise NotFound("There is no such persona.")
    warnings: list[str] = []
    if settings.source_influence != INFLUENCE:
        warnings.append("settings.sourceInfluence was kept, but no stage uses it yet")
    model = library.catalogue.find(settings.model) if settings.model else None
    if model is not None and model.key != settings.model:
        warnings.append(f"The model {settings.model} is {model.key} in the catalogue")
        settings = replace(settings, model=model.key)
    price = max(choice.price for choice in choices(route, settings.count))
    return Wishes(settings, price, tuple(warnings))


def _words(
    input: GenerateFromImageInput | GenerateFromPromptInput | GenerateFromSpecInput,
) -> tuple[str | None, str | None]:
    return (
        rules.optional_text(input.prompt, "prompt", rules.PROMPT),
        rules.optional_text(input.negative_prompt, "negativePrompt", rules.NEGATIVE_PROMPT),
    )


async def _source(context: Context, input: GenerateFromImageInput) -> Source:
    if input.image is not None:
        return await uploaded(context, input.image)
    if input.image_url is not None:
        return await fetched(context, input.image_url)
    return await stored(context, input.asset_id or "")
