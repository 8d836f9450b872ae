"""A model at Replicate: what it takes, what it paints, what it charges."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from math import sqrt

from twin.inputs import Field
from twin.photos import size_of
from twin.values import JsonObject, as_list, as_text, as_whole

MEGAPIXEL = 1024 * 1024
_UNITS = {"512": 0.25, "1K": 1.0, "2K": 4.0, "3K": 9.0, "4K": 16.0}
_STEP = 16


@dataclass(frozen=True, slots=True)
class Work:
    """What a prediction paints: pictures sent, size of each output, and how many."""

    input: JsonObject
    photos: tuple[bytes, ...]
    size: tuple[int, int]
    count: int

    @property
    def megapixels(self) -> Decimal:
        """What goes in and out, in units of 1024 x 1024."""
        sizes = (size_of(photo) or (0, 0) for photo in self.photos)
        sent = sum(width * height for width, height in sizes)
        return Decimal(sent + self.count * self.size[0] * self.size[1]) / MEGAPIXEL


Pricing = Callable[[Work], Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model; `listed` ones answer with a list of addresses, `retired` ones are gone."""

    slug: str
    inputs: tuple[Field, ...]
    pricing: Pricing
    listed: bool = False
    retired: bool = False

    @property
    def version(self) -> str:
        """The id of its only version."""
        return sha256(self.slug.encode()).hexdigest()

    @property
    def picture_fields(self) -> tuple[str, ...]:
        """The fields that hold pictures."""
        return tuple(field.name for field in self.inputs if field.kind in {"uri", "array"})


def flat(usd: str) -> Pricing:
    """Charge the same for each picture."""
    return lambda work: work.count * Decimal(usd)


def by(name: str, usd: dict[str, str]) -> Pricing:
    """Charge for each picture by the value of a field."""
    return lambda work: work.count * Decimal(usd[as_text(work.input[name])])


def per_megapixel(usd: str, start: str = "0") -> Pricing:
    """Charge for what goes in and comes out, rounded to cents of a cent."""
    return lambda work: (Decimal(start) + work.megapixels * Decimal(usd)).quantize(
        Decimal("0.0001")
    )


def work_of(given: JsonObject, photos: Sequence[bytes]) -> Work:
    """Return what a complete input asks for."""
    count = as_whole(given.get("num_outputs"), 1)
    if given.get("sequential_image_generation") == "auto":
        count = as_whole(given.get("max_images"), 1)
    return Work(given, tuple(photos), _size(given, photos), count)


def _size(given: JsonObject, photos: Sequence[bytes]) -> tuple[int, int]:
    ratio = as_text(given.get("aspect_ratio"))
    fixed = as_text(given.get("size"))
    if ratio == "custom" or fixed == "custom":
        return as_whole(given.get("width"), 1024), as_whole(given.get("height"), 1024)
    if ":" not in ratio and "x" in fixed:
        width, height = fixed.split("x")
        return int(width), int(height)
    wide, high = _terms(ratio, photos)
    unit = sqrt(MEGAPIXEL * _pixels(given) / (wide * high))
    return _rounded(wide * unit), _rounded(high * unit)


def _terms(ratio: str, photos: Sequence[bytes]) -> tuple[float, float]:
    if ":" in ratio:
        wide, high = ratio.split(":")
        return float(wide), float(high)
    matched = size_of(photos[0]) if photos and ratio == "match_input_image" else None
    return matched or (1, 1)


def _pixels(given: JsonObject) -> float:
    """Return how many times 1024 x 1024 the picture is large."""
    for name in ("resolution", "size", "image_size"):
        said = as_text(given.get(name))
        if said in _UNITS:
            return _UNITS[said]
        if said.endswith(" MP"):
            return float(said.removesuffix(" MP"))
    return float(as_text(given.get("megapixels")) or 1)


def _rounded(length: float) -> int:
    return max(_STEP, _STEP * round(length / _STEP))


def prompt_of(given: JsonObject) -> str:
    """Return the words of an input."""
    return as_text(given.get("prompt"))


def links_of(model: Model, given: JsonObject) -> list[str]:
    """Return the addresses of the pictures in an input, in the order of the model's fields."""
    found: list[str] = []
    for name in model.picture_fields:
        value = given.get(name)
        found += [as_text(one) for one in as_list(value)] if isinstance(value, list) else []
        found += [value] if isinstance(value, str) else []
    return found
