"""Answers that fit a JSON Schema, with what was read where the schema's names ask for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.spec import SpecColor, SpecDetail
from twin.chance import between, number, pick
from twin.openai.reading import Reading
from twin.values import Json, JsonObject, as_list, as_object, as_text

_SLOTS = {
    "garment_type": "garment|category|type|kind|item",
    "subtype": "subtype|subcategory",
    "fabric": "fabric|material|textile",
    "pattern": "pattern|print",
    "silhouette": "silhouette|fit|cut|shape",
    "aesthetic": "aesthetic|style|mood|vibe",
    "description": "prompt|description|caption|summary|text|enhanced|sentence",
    "negative": "negative|avoid",
    "confidence": "confidence|certainty|probability|sure",
    "colour": "colour|color|colours|colors|palette",
}
_NEGATIVE = "blurry, low resolution, watermark, distorted proportions"
_UNKNOWN = {"unknown", "none", "other", "not_visible", "not visible", "n/a"}
_MAX_DEPTH = 24
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the answer we are: names from the outside in, and what is being told there."""

    names: tuple[str, ...] = ()
    colour: SpecColor | None = None
    detail: SpecDetail | None = None

    def inside(self, name: str) -> "Place":
        """Return the place of a property."""
        return replace(self, names=(*self.names, name))

    @property
    def name(self) -> str:
        """The innermost name, in lower case."""
        return self.names[-1].lower() if self.names else ""

    @property
    def slot(self) -> str | None:
        """What the innermost name that means something to us asks for."""
        return next((slot for name in reversed(self.names) if (slot := _slot(name))), None)


def filled(schema: JsonObject, reading: Reading) -> Json:
    """Return a value of a schema of the kind that structured outputs allow."""
    return _Filling(schema, reading).value(schema, Place())


@dataclass(frozen=True, slots=True)
class _Filling:
    root: JsonObject
    reading: Reading

    def value(self, given: JsonObject, place: Place) -> Json:
        schema = self._resolved(given, place)
        if "const" in schema:
            return schema["const"]
        if options := as_list(schema.get("enum")):
            return self._option(options, place)
        kind = _type(schema)
        match kind:
            case "object":
                return self._object(schema, place)
            case "array":
                return self._array(schema, place)
            case "number" | "integer":
                return self._number(schema, place, whole=kind == "integer")
            case _:
                return self._plain(kind, schema, place)

    def _plain(self, kind: str, schema: JsonObject, place: Place) -> Json:
        if kind == "string":
            return self._text(schema, place)
        return number(self.reading.seed, *place.names) % 2 == 0 if kind == "boolean" else None

    def _resolved(self, schema: JsonObject, place: Place) -> JsonObject:
        """Follow references, and choose an alternative: null only where nothing is known."""
        for _ in range(_MAX_DEPTH):
            if reference := as_text(schema.get("$ref")):
                schema = self._referred(reference)
            elif options := as_list(schema.get("anyOf") or schema.get("oneOf")):
                schema = self._alternative([as_object(one) for one in options], place)
            else:
                break
        return schema

    def _alternative(self, options: Sequence[JsonObject], place: Place) -> JsonObject:
        empty = [option for option in options if option.get("type") == "null"]
        others = [option for option in options if option.get("type") != "null"]
        deep = len(place.names) > _MAX_DEPTH
        if empty and (deep or (others and _plain(others[0]) and self._known(place) is None)):
            return empty[0]
        return others[0] if others else empty[0]

    def _referred(self, reference: str) -> JsonObject:
        found: Json = self.root
        for part in reference.removeprefix("#").strip("/").split("/"):
            found = as_object(found).get(part) if part else found
        return as_object(found)

    def _object(self, schema: JsonObject, place: Place) -> JsonObject:
        properties = as_object(schema.get("properties"))
        return {
            name: self.value(as_object(inner), place.inside(name))
            for name, inner in properties.items()
        }

    def _array(self, schema: JsonObject, place: Place) -> list[Json]:
        item = as_object(schema.get("items"))
        least = number_of(schema.get("minItems"), 0)
        most = number_of(schema.get("maxItems"), 12)
        places = self._items(place)[: int(most)]
        while len(places) < least:
            places.append(place.inside(str(len(places))))
        return [self.value(item, one) for one in places]

    def _items(self, place: Place) -> list[Place]:
        spec = self.reading.spec
        if _slot(place.name) == "colour":
            return [replace(place, colour=colour) for colour in spec.colors]
        if place.name in {"details", "features", "attributes"}:
            return [replace(place, detail=detail) for detail in spec.details]
        words = len(self.reading.words)
        return [place.inside(f"word {at}") for at in range(min(words, 3))]

    def _option(self, options: Sequence[Json], place: Place) -> Json:
        known = (self._known(place) or "").lower()
        texts = [option for option in options if isinstance(option, str)]
        for option in texts:
            if _plainly(option) == _plainly(known):
                return option
        close = [one for one in texts if known and _plainly(one) in _plainly(known)]
        if close:
            return max(close, key=len)
        # Better to say that something is unknown than to invent it.
        empty = [one for one in texts if one.lower() in _UNKNOWN]
        if empty and place.slot:
            return empty[0]
        return pick(options, self.reading.seed, *place.names)

    def _text(self, schema: JsonObject, place: Place) -> str:
        text = self._known(place)
        if text is None:
            text = "" if place.slot else self.reading.description
        return text[: int(number_of(schema.get("maxLength"), len(text)))]

    def _number(self, schema: JsonObject, place: Place, *, whole: bool) -> float | int:
        low = number_of(schema.get("minimum"), 0)
        high = number_of(schema.get("maximum"), 100 if whole else 1)
        told = place.colour or place.detail
        drawn = between(0.6, 0.95, self.reading.seed, *place.names)
        if place.colour and place.name in {"share", "percentage", "proportion", "coverage"}:
            drawn = place.colour.share
        elif told and _slot(place.name) == "confidence":
            drawn = told.confidence
        value = low + drawn * (high - low)
        return round(value) if whole else round(value, 2)

    def _known(self, place: Place) -> str | None:
        """Return what is known about a place in words."""
        if place.colour:
            return _of_colour(place.colour, place.name)
        if place.detail:
            return place.detail.name if place.name == "name" else place.detail.value
        if place.name.startswith("word "):
            return self.reading.words[int(place.name.removeprefix("word "))]
        return self._of_slot(place)

    def _of_slot(self, place: Place) -> str | None:
        spec = self.reading.spec
        for name in reversed(place.names):
            if (value := spec.detail(name.lower())) is not None:
                return value
        known = {
            "description": self.reading.description,
            "negative": _NEGATIVE,
            "colour": spec.colors[0].name if spec.colors else None,
            "garment_type": spec.garment_type.value,
            "fabric": spec.fabric.value,
            "pattern": spec.pattern.value,
            "silhouette": spec.silhouette.value,
            "aesthetic": spec.aesthetic.value,
        }
        return known.get(place.slot or "")


def number_of(value: Json, otherwise: float) -> float:
    """Return a number as it is; `otherwise` for anything else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _type(schema: JsonObject) -> str:
    kind = schema.get("type")
    kinds = as_list(kind) if isinstance(kind, list) else [kind]
    return next((as_text(one) for one in kinds if one != "null"), "null")


def _plain(schema: JsonObject) -> bool:
    return _type(schema) == "string"


def _plainly(text: str) -> str:
    return "".join(_WORD.findall(text)).lower()


def _slot(name: str) -> str | None:
    whole = name.lower()
    parts = [part.lower() for part in _WORD.findall(name)]
    for part in (whole, *parts):
        for slot, words in _SLOTS.items():
            if part == slot or part in words.split("|"):
                return slot
    return None


def _of_colour(colour: SpecColor, name: str) -> str | None:
    match name:
        case "hex" | "code" | "rgb":
            return colour.hex
        case "role":
            return colour.role.value
        case _:
            return colour.name
