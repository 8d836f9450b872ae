"""How a model wants to be asked: its own fields, and which of them carries which wish."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, cast

from pipeline.domain import AspectRatio, Quality

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | Sequence[str]
Settings: TypeAlias = Mapping[str, Scalar]


class Kind(StrEnum):
    """What a field holds; photos are addresses or data URIs."""

    TEXT = "TEXT"
    CHOICE = "CHOICE"
    WHOLE = "WHOLE"
    NUMBER = "NUMBER"
    FLAG = "FLAG"
    PHOTO = "PHOTO"
    PHOTOS = "PHOTOS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field that the model declares; `least` and `most` bound numbers, lengths and counts."""

    name: str
    kind: Kind
    options: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Influence:
    """The field for how closely a photo is followed, from not at all to fully."""

    field: str
    nothing: float
    everything: float

    def at(self, influence: float) -> float:
        """Return the field's value for an influence in 0..1."""
        return round(self.nothing + (self.everything - self.nothing) * influence, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a model declares, and what we set: always, by the ratio, by the quality."""

    declared: tuple[Field, ...]
    ratios: Mapping[AspectRatio, Settings]
    qualities: Mapping[Quality, Settings] = field(default_factory=dict[Quality, Settings])
    constants: Settings = field(default_factory=dict[str, Scalar])
    prompt: str = "prompt"
    negative: str | None = None
    seed: str | None = None
    photos: str | None = None
    influence: Influence | None = None

    def named(self, name: str) -> Field | None:
        """Return the declared field of that name."""
        return next((one for one in self.declared if one.name == name), None)

    def problems(self, given: Mapping[str, Value]) -> tuple[str, ...]:
        """Return what the model would refuse in `given`, a sentence each."""
        unknown = [f"it has no field {name}" for name in given if self.named(name) is None]
        missing = [
            f"{one.name} is missing"
            for one in self.declared
            if one.required and one.name not in given
        ]
        wrong = [
            f"{one.name} can't be {given[one.name]!r:.80}"
            for one in self.declared
            if one.name in given and not _fits(one, given[one.name])
        ]
        return (*unknown, *missing, *wrong)


def text(name: str, *, required: bool = False, most: int | None = None) -> Field:
    return Field(name=name, kind=Kind.TEXT, required=required, most=most)


def choice(name: str, *options: str) -> Field:
    return Field(name=name, kind=Kind.CHOICE, options=options)


def whole(name: str, least: int | None = None, most: int | None = None) -> Field:
    return Field(name=name, kind=Kind.WHOLE, least=least, most=most)


def number(name: str, least: float, most: float) -> Field:
    return Field(name=name, kind=Kind.NUMBER, least=least, most=most)


def flag(name: str) -> Field:
    return Field(name=name, kind=Kind.FLAG)


def photo(name: str) -> Field:
    return Field(name=name, kind=Kind.PHOTO)


def photos(name: str, most: int) -> Field:
    return Field(name=name, kind=Kind.PHOTOS, most=most)


def aspect(ratios: Iterable[AspectRatio], *more: str) -> Field:
    """Return the field for the ratio as most models have it, such as "3:4"."""
    return choice("aspect_ratio", *map(_spelt, ratios), *more)


def by_ratio(ratios: Iterable[AspectRatio]) -> dict[AspectRatio, Settings]:
    """Return what to set in that field."""
    return {ratio: {"aspect_ratio": _spelt(ratio)} for ratio in ratios}


def by_quality(name: str, standard: Scalar, hd: Scalar) -> dict[Quality, Settings]:
    return {Quality.STANDARD: {name: standard}, Quality.HD: {name: hd}}


def _spelt(ratio: AspectRatio) -> str:
    width, height = ratio.terms
    return f"{width}:{height}"


def _fits(one: Field, value: Value) -> bool:
    match one.kind:
        case Kind.TEXT | Kind.PHOTO:
            return isinstance(value, str) and _within(one, len(value))
        case Kind.CHOICE:
            return value in one.options
        case Kind.WHOLE:
            # Not isinstance: True would be a number too.
            return type(value) is int and _within(one, value)
        case Kind.NUMBER:
            return type(value) in (int, float) and _within(one, cast("float", value))
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.PHOTOS:
            return isinstance(value, list) and _within(one, len(value))


def _within(one: Field, value: float) -> bool:
    return (one.least is None or value >= one.least) and (one.most is None or value <= one.most)
