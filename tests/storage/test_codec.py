"""Checkpoints outlive releases: what an older or a newer one wrote has to be read."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain import Draft, Failure, GenerationSettings, StoredImage
from pipeline.imaging import ImageRequest
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
from storage.codec import decode, encode

# What is stored and read by later releases, as this one writes it: a line that can't be read any
# more means runs that a deploy breaks. Add lines, change none.
WRITTEN: dict[str, Any] = json.loads(Path(__file__).with_name("written.json").read_text("utf-8"))
KINDS = {
    kind.__name__: kind
    for kind in (
        Analysis,
        Enhancement,
        PersonaChoice,
        Routing,
        Optimization,
        Rendering,
        Delivery,
        Draft,
        Failure,
        StoredImage,
        GenerationSettings,
        GarmentSpec,
        ImageRequest,
    )
}


def several(stored: object) -> bool:
    return isinstance(stored, list)


def objects(value: Any, stored: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield each dataclass within the value, with what it is stored as."""
    if is_dataclass(value):
        yield value, stored
        for field in fields(value):
            yield from objects(getattr(value, field.name), stored[field.name])
    elif several(stored):
        for one, its in zip(value, stored, strict=True):
            yield from objects(one, its)


def test_all_that_is_stored_is_here() -> None:
    assert {name.partition(" ")[0] for name in WRITTEN} == set(KINDS)


@pytest.mark.parametrize("name", WRITTEN)
def test_what_an_earlier_release_wrote_is_read(name: str) -> None:
    kind = KINDS[name.partition(" ")[0]]
    value = decode(kind, WRITTEN[name])
    assert decode(kind, encode(value)) == value


@pytest.mark.parametrize("name", WRITTEN)
def test_what_a_later_release_added_is_passed_over(name: str) -> None:
    kind = KINDS[name.partition(" ")[0]]
    value = decode(kind, WRITTEN[name])
    stored = encode(value)
    for _, one in objects(value, stored):
        one["addedLater"] = {"by": ["a later release"]}
    assert decode(kind, stored) == value


@pytest.mark.parametrize("name", WRITTEN)
def test_what_has_a_default_may_be_missing(name: str) -> None:
    kind = KINDS[name.partition(" ")[0]]
    value = decode(kind, WRITTEN[name])
    stored = encode(value)
    for one, its in list(objects(value, stored)):
        for field in fields(one):
            if field.default is not MISSING or field.default_factory is not MISSING:
                del its[field.name]
    assert isinstance(decode(kind, stored), kind)
