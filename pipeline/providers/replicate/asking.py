"""From our request to a model's own input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pipeline import mapping
from pipeline.catalogue.inputs import Inputs, Kind, Value
from pipeline.catalogue.model import CatalogueModel
from pipeline.domain import AspectRatio
from pipeline.errors import StageFailed
from pipeline.imaging import ImageRequest
from pipeline.mapping import Wishes
from pipeline.ratios import nearest


@dataclass(frozen=True, slots=True)
class Asking:
    """What a model is asked, with how many photos; `ratio` is what it makes."""

    words: Mapping[str, Value]
    photos: int
    ratio: AspectRatio
    warnings: tuple[str, ...]


def asking(model: CatalogueModel, request: ImageRequest) -> Asking:
    """Put the request into the model's fields."""
    inputs = inputs_of(model)
    ratio = nearest(request.aspect_ratio, inputs.ratios)
    wording = mapping.worded(model, request.prompt)
    given: dict[str, Value] = {
        **inputs.constants,
        inputs.prompt: wording.text,
        **inputs.ratios[ratio],
        **inputs.qualities.get(request.quality, {}),
    }
    if inputs.negative and request.prompt.negative:
        given[inputs.negative] = request.prompt.negative
    if inputs.seed:
        given[inputs.seed] = request.seed
    photos = len(mapping.fitting(model, request.references))
    if inputs.influence and photos:
        given[inputs.influence.field] = inputs.influence.at(request.source_influence)
    unmet = mapping.unmet(model, Wishes.of_request(request))
    return Asking(given, photos, ratio, (*unmet, *wording.warnings))


def illustrated(
    model: CatalogueModel, words: Mapping[str, Value], photos: Sequence[str]
) -> dict[str, Value]:
    """Return the whole input, with the addresses of the photos.

    Raises `StageFailed` where the model would refuse it: that is an error of our catalogue.
    """
    inputs = inputs_of(model)
    given = dict(words)
    field = inputs.named(inputs.photos) if inputs.photos else None
    if photos and field:
        given[field.name] = list(photos) if field.kind is Kind.PHOTOS else photos[0]
    if problems := inputs.problems(given):
        reasons = "; ".join(problems)
        raise StageFailed(f"{model.display_name} can't be asked so: {reasons}", code="BAD_MAPPING")
    return given


def links_in(model: CatalogueModel, given: Mapping[str, object]) -> tuple[str, ...]:
    """Return the addresses of the photos in an input."""
    found = given.get(inputs_of(model).photos or "")
    links = cast("list[object]", found) if isinstance(found, list) else [found]
    return tuple(link for link in links if isinstance(link, str))


def answers_to(model: CatalogueModel, asked: Asking, given: Mapping[str, object]) -> bool:
    """Tell whether a prediction's input is what was asked, but for which photos they are."""
    same = all(given.get(name) == value for name, value in asked.words.items())
    return same and len(links_in(model, given)) == asked.photos


def inputs_of(model: CatalogueModel) -> Inputs:
    """Return how the model is asked; raises LookupError for one that has no fields of its own."""
    if model.inputs is None:
        raise LookupError(f"{model.key} is not asked by fields")
    return model.inputs
