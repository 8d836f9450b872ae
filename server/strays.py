"""Predictions at Replicate that a restored ledger has lost, and the runs that asked for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import asyncpg

from pipeline.catalogue.model import CatalogueModel
from pipeline.catalogue.replicate import MODELS, PROVIDER
from pipeline.domain import FinalPrompt
from pipeline.errors import DesignerError, ProviderUnavailable
from pipeline.imaging import ImageRequest, Reference
from pipeline.markets import image_cost
from pipeline.produce import untouched
from pipeline.prompting import as_written, compose
from pipeline.providers.replicate.asking import answers_to, asking
from pipeline.providers.replicate.predictions import Prediction
from server.at_replicate import connected_to
from server.settings import Settings
from storage.restoring import Found, UnderWay, recorded

_SKEW: Final = timedelta(seconds=60)


class NotListed(DesignerError):
    """Replicate does not tell what was sent."""


@dataclass(frozen=True, slots=True)
class Strays:
    """What was sent since and is in no line: calls of runs under way, and all others of ours."""

    found: Sequence[Found]
    unknown: Sequence[Prediction]


async def at_replicate(
    settings: Settings, db: asyncpg.Pool, since: datetime, runs: Sequence[UnderWay]
) -> Strays:
    """Look through the account's predictions since then; raises `NotListed`."""
    slugs = {model.slug for model in MODELS}
    try:
        async with connected_to(settings) as wire:
            listed = [one async for one in wire.since(since - _SKEW) if one.model in slugs]
    except ProviderUnavailable as error:
        raise NotListed(f"{error.message}: try again, or leave it out by --offline") from error
    known = await recorded(db, PROVIDER, [one.id for one in listed])
    return sorted_out([one for one in reversed(listed) if one.id not in known], runs)


def sorted_out(lost: Sequence[Prediction], runs: Sequence[UnderWay]) -> Strays:
    """Give each prediction to the first image that would be asked for so; two of one may."""
    asked = [
        (run, *made) for run in runs if (prompt := _prompt(run)) for made in _requests(run, prompt)
    ]
    found: list[Found] = []
    unknown: list[Prediction] = []
    for one in lost:
        fitting = (
            _found(one, run, model, request)
            for run, model, request in asked
            if model.slug == one.model and answers_to(model, asking(model, request), one.input)
        )
        match = next(fitting, None)
        if match is None:
            unknown.append(one)
        else:
            found.append(match)
    return Strays(found, unknown)


def price_of(one: Prediction) -> Decimal | None:
    """Return about what it cost in US dollars, None where that is not known."""
    model = next((model for model in MODELS if model.slug == one.model), None)
    return model.prices[0].usd if model and model.prices else None


def _prompt(run: UnderWay) -> FinalPrompt | None:
    """Return what the models were asked; of a run that had not got so far only a text untouched."""
    brief = run.brief
    if run.prompt or not untouched(brief) or brief.settings.persona_id:
        return run.prompt
    return compose(as_written(brief, None), brief.negative_prompt)


def _requests(run: UnderWay, prompt: FinalPrompt) -> Iterator[tuple[CatalogueModel, ImageRequest]]:
    settings, source = run.brief.settings, run.brief.source
    for slot, seed in run.missing:
        request = ImageRequest(
            prompt=prompt,
            aspect_ratio=settings.aspect_ratio,
            quality=settings.quality,
            style=settings.style,
            seed=seed,
            slot=slot,
            references=(Reference(b"", source.content_type),) if source else (),
            source_influence=settings.source_influence,
            confidential=settings.confidential,
        )
        yield from ((model, request) for model in MODELS)


def _found(one: Prediction, run: UnderWay, model: CatalogueModel, request: ImageRequest) -> Found:
    return Found(
        run=run,
        model=model.key,
        provider=PROVIDER,
        external_id=one.id,
        sent_at=one.created,
        request=request,
        expected=image_cost(model, run.brief),
    )
