"""Where the catalogue and the providers no longer agree, a sentence for each difference."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from pipeline.catalogue.inputs import Field, Kind
from pipeline.catalogue.model import CatalogueModel
from server.probing import Listed, Property, Shape

_TYPES: Final = {
    Kind.TEXT: {"string"},
    Kind.CHOICE: {"string"},
    Kind.PHOTO: {"string"},
    Kind.WHOLE: {"integer"},
    Kind.NUMBER: {"number", "integer"},
    Kind.FLAG: {"boolean"},
    Kind.PHOTOS: {"array"},
}
# A dated snapshot is no model of its own.
_SNAPSHOT: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_FAMILIES: Final = ("gpt-image-", "dall-e-")


def of_schema(
    model: CatalogueModel, schemas: Mapping[str, Shape] | None, now: datetime
) -> Iterator[str]:
    """Yield how a model's own inputs differ from ours; `schemas` are None where it is gone."""
    retired = model.retires_on is not None and now >= model.retires_on
    if schemas is None:
        if not retired:
            yield f"{model.key}: {model.provider} has no {model.slug} any more"
        return
    if retired:
        yield f"{model.key}: it is retired here, and {model.provider} still has {model.slug}"
        return
    taken = schemas.get("Input", Shape())
    ours = {one.name: one for one in model.inputs.declared} if model.inputs else {}
    for name in sorted(ours.keys() - taken.properties.keys()):
        yield f"{model.key}: it takes no {name} any more"
    for name in sorted(taken.properties.keys() - ours.keys()):
        needed = ", and needs it" if name in taken.required else ""
        yield f"{model.key}: it takes {name} now{needed}"
    for name in sorted(ours.keys() & taken.properties.keys()):
        for change in _changes(ours[name], taken.properties[name], schemas):
            yield f"{model.key}: {name} {change}"


def of_listing(
    models: tuple[CatalogueModel, ...], listed: Mapping[str, Listed], now: datetime
) -> Iterator[str]:
    """Yield how the models that a provider lists differ from ours."""
    for model in models:
        found = listed.get(model.slug)
        retired = model.retires_on is not None and now >= model.retires_on
        if found is None:
            if not retired:
                yield f"{model.key}: {model.provider} lists it no more"
        elif retired:
            yield f"{model.key}: it is retired here, and {model.provider} still lists it"
        else:
            yield from _other_day(model, found)
    known = {model.slug for model in models}
    for name in sorted(listed.keys() - known):
        if name.startswith(_FAMILIES) and not _SNAPSHOT.search(name):
            yield f"{name}: the catalogue lacks it"


def _other_day(model: CatalogueModel, found: Listed) -> Iterator[str]:
    ours = model.retires_on.date() if model.retires_on else None
    if found.shutdown_date != ours:
        theirs, here = found.shutdown_date or "no day", ours or "no day"
        yield f"{model.key}: {model.provider} retires it on {theirs}, the catalogue on {here}"


def _changes(ours: Field, theirs: Property, schemas: Mapping[str, Shape]) -> Iterator[str]:
    shape = theirs.type
    if shape is not None and shape not in _TYPES[ours.kind]:
        yield f"is of type {shape} now"
    options = _options(theirs, schemas)
    if ours.kind is Kind.CHOICE and options is not None:
        if gone := [one for one in ours.options if one not in options]:
            yield f"takes no {', '.join(gone)} any more"
        if new := [one for one in options if one not in ours.options]:
            yield f"takes {', '.join(new)} now"
    least = theirs.minimum
    if least is not None and (ours.least is None or least > ours.least):
        yield f"is {least:g} at least now"
    bounds = (theirs.maximum, theirs.most_characters, theirs.most_items)
    most = next((bound for bound in bounds if bound is not None), None)
    if most is not None and (ours.most is None or most < ours.most):
        yield f"is {most:g} at most now"


def _options(theirs: Property, schemas: Mapping[str, Shape]) -> list[str] | None:
    """Return what may be chosen from, be it there, among `allOf` or in a schema of its own."""
    for each in (theirs, *theirs.all_of):
        if each.enum is not None:
            return [str(one) for one in each.enum]
        if each.ref and (named := schemas.get(each.ref.rsplit("/", 1)[-1])) and named.enum:
            return [str(one) for one in named.enum]
    return None
