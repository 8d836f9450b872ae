"""What a request becomes for a model that can't do all of it, and the sentences that say so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from pipeline.catalogue.model import EMBEDDED, CatalogueModel
from pipeline.domain import (
    AspectRatio,
    Brief,
    FinalPrompt,
    GenerationSettings,
    ImageStyle,
    Quality,
)
from pipeline.imaging import ImageRequest, Reference
from pipeline.ratios import nearest

_USUAL_INFLUENCE: Final = GenerationSettings().source_influence


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What may be more than a model can do; `seeded` where the designer named a seed."""

    aspect_ratio: AspectRatio
    quality: Quality
    style: ImageStyle | None
    negative: bool
    photos: int
    influence: float
    seeded: bool = False

    @classmethod
    def of_brief(cls, brief: Brief) -> "Wishes":
        settings = brief.settings
        return cls(
            aspect_ratio=settings.aspect_ratio,
            quality=settings.quality,
            style=settings.style,
            negative=bool(brief.negative_prompt),
            photos=int(brief.source is not None),
            influence=settings.source_influence,
            seeded=settings.seed is not None,
        )

    @classmethod
    def of_request(cls, request: ImageRequest) -> "Wishes":
        return cls(
            aspect_ratio=request.aspect_ratio,
            quality=request.quality,
            style=request.style,
            negative=request.own_negative,
            photos=len(request.references),
            influence=request.source_influence,
        )


@dataclass(frozen=True, slots=True)
class Wording:
    """The text for the model, with what had to be done to it."""

    text: str
    warnings: tuple[str, ...] = ()


def unmet(model: CatalogueModel, wishes: Wishes) -> Iterator[str]:
    """Yield a sentence for each wish that the model gets in another way, or not at all."""
    name = model.display_name
    if wishes.negative and not model.supports_negative_prompt:
        instead = "was left out" if model.provider == EMBEDDED else "stands in the text instead"
        yield f"{name} takes no negative prompt: yours {instead}"
    if wishes.style is not None and not model.supports_style:
        yield f"{name} has no rendering styles: {wishes.style} was left out"
    if wishes.seeded and not model.supports_seed:
        yield f"{name} takes no seed: the same image can't be made again"
    if wishes.quality is Quality.HD and not model.supports_hd:
        yield f"{name} has one quality only: HD makes no difference"
    if wishes.aspect_ratio not in model.aspect_ratios:
        made = nearest(wishes.aspect_ratio, model.aspect_ratios)
        wanted = _shown(wishes.aspect_ratio)
        yield f"{name} makes no {wanted} images: its {_shown(made)} image is cut to {wanted}"
    if model.provider != EMBEDDED:
        yield from _unmet_photos(model, wishes)


def worded(model: CatalogueModel, prompt: FinalPrompt) -> Wording:
    """Return the prompt within the model's limit, with the negative prompt where it has no field.

    What is too much goes clause by clause from the end, never in silence.
    """
    name, most = model.display_name, model.max_prompt_length
    avoided = "" if model.supports_negative_prompt else _avoided(prompt.negative)
    if len(avoided) > most // 2:
        left_out = f"Your negative prompt is too long for {name} and was left out"
        rest = worded(model, replace(prompt, negative=None))
        return Wording(rest.text, (left_out, *rest.warnings))
    text = prompt.text.strip()
    if len(text) + len(avoided) <= most:
        return Wording(text + avoided)
    kept = _shortened(text, most - len(avoided))
    less = (
        f"{name} takes {most} characters of prompt: the last {len(text) - len(kept)} are left out"
    )
    return Wording(kept + avoided, (less,))


def fitting(model: CatalogueModel, references: tuple[Reference, ...]) -> tuple[Reference, ...]:
    """Return the references that the model takes, the first ones first."""
    fit = (one for one in references if one.role in model.reference_roles)
    return tuple(islice(fit, model.max_reference_images))


def _unmet_photos(model: CatalogueModel, wishes: Wishes) -> Iterator[str]:
    name, most = model.display_name, model.max_reference_images
    if not wishes.photos:
        return
    if not most:
        yield f"{name} takes words only: the photo counts through its analysis"
    elif wishes.photos > most:
        yield f"{name} takes {most} photos at most: the others were left out"
    elif wishes.influence != _USUAL_INFLUENCE and not model.follows_influence:
        yield f"{name} can't be told how closely to follow the photo"


def _avoided(negative: str | None) -> str:
    return f"\n\nAvoid: {negative.strip().rstrip('.')}." if negative and negative.strip() else ""


def _shortened(text: str, most: int) -> str:
    """Cut at the last end of a clause that fits, or of a word where no clause does."""
    head = text[: most + 1]
    ends = [found.start() for found in re.finditer(r"[,.;:!?]\s|\s", head) if found.start() <= most]
    clauses = [at for at in ends if head[at] in ",.;:!?"]
    at = next(reversed(clauses or ends), most)
    return text[:at].rstrip()


def _shown(ratio: AspectRatio) -> str:
    width, height = ratio.terms
    return f"{width}:{height}"
