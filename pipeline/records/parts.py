"""Putting a record's fields together."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pipeline.errors import InvalidInput
from pipeline.fashion.reading import spec_from_text
from pipeline.records.colours import read_colours
from pipeline.records.fields import (
    Given,
    as_detail,
    as_text,
    plain_key,
    read_details,
    read_given,
)
from pipeline.records.json_values import Json, JsonObject
from pipeline.spec import GARMENT_TYPES, PATTERNS, GarmentSpec, SpecDetail, SpecSource, SpecText
from pipeline.suggesting import meant


@dataclass(slots=True)
class Reading:
    """A record as it is being read: its path, the details, the warnings, and unread keys."""

    path: str
    details: dict[str, SpecDetail] = field(default_factory=dict[str, SpecDetail])
    warnings: list[str] = field(default_factory=list[str])
    idles: list[str] = field(default_factory=list[str])

    def detail(self, name: str, given: Given) -> None:
        """Keep a detail under its usual name; one that was left open is left out."""
        usual = _DETAIL_NAMES.get(plain_key(name), name.strip())
        if given.text is not None and usual:
            self.details[usual] = as_detail(given, usual)

    def idle(self, path: str, key: str) -> None:
        """Say that a key is not read, and which one may have been meant."""
        known = meant(key, _NAMES)
        hint = f'; did you mean "{known}"?' if known else ""
        self.idles.append(path + hint)
        self.warnings.append(f"{path} was kept but means nothing to the pipeline{hint}")


Reader = Callable[[GarmentSpec, Json, str, Reading], GarmentSpec]


def read_record(record: JsonObject, reading: Reading) -> GarmentSpec:
    """Return what the record says; what it doesn't say but implies is INFERRED."""
    spec = GarmentSpec()
    for key, value in record.items():
        plain, path = plain_key(key), f"{reading.path}.{key}"
        reader = _READERS.get(plain)
        if reader:
            spec = reader(spec, value, path, reading)
        elif plain in _DETAIL_NAMES:
            reading.detail(key, read_given(value, path))
        elif plain not in _SILENT:
            reading.idle(path, key)
    return _with_implied(replace(spec, details=tuple(reading.details.values())))


def _garment(spec: GarmentSpec, value: Json, path: str, reading: Reading) -> GarmentSpec:
    given = read_given(value, path)
    if given.text is None:
        return spec
    type_ = next((t for t in GARMENT_TYPES if plain_key(t) == plain_key(given.text or "")), None)
    said = spec_from_text(given.text)
    kind = type_ or said.garment_type.value
    named = said.detail("subtype")
    subtype = None if type_ else named if kind else given.text
    if subtype:
        reading.details.setdefault("subtype", as_detail(replace(given, text=subtype), "subtype"))
    if not kind and named:
        return spec
    if not kind:
        message = f'{path}: "{given.text}" is none of the ten types; it is kept as the subtype'
        reading.warnings.append(message)
        return spec
    sure = SpecText(kind, given.confidence, SpecSource.DESIGNER, locked=given.locked)
    return replace(spec, garment_type=sure)


def _fabric(spec: GarmentSpec, value: Json, path: str, _reading: Reading) -> GarmentSpec:
    return replace(spec, fabric=as_text(read_given(value, path), "fabric"))


def _pattern(spec: GarmentSpec, value: Json, path: str, reading: Reading) -> GarmentSpec:
    given = read_given(value, path)
    pattern = as_text(given, "pattern")
    if given.text is None or pattern.value in PATTERNS:
        return replace(spec, pattern=pattern)
    said = spec_from_text(given.text)
    if said.pattern.value:
        finer = said.detail("print") or given.text
        reading.details.setdefault("print", as_detail(replace(given, text=finer), "print"))
        return replace(spec, pattern=replace(pattern, value=said.pattern.value))
    message = f'{path}: "{given.text}" is none of the patterns we know; it is kept as written'
    reading.warnings.append(message)
    return replace(spec, pattern=pattern)


def _silhouette(spec: GarmentSpec, value: Json, path: str, _reading: Reading) -> GarmentSpec:
    return replace(spec, silhouette=as_text(read_given(value, path), "silhouette"))


def _aesthetic(spec: GarmentSpec, value: Json, path: str, _reading: Reading) -> GarmentSpec:
    return replace(spec, aesthetic=as_text(read_given(value, path), "aesthetic"))


def _style(spec: GarmentSpec, value: Json, path: str, reading: Reading) -> GarmentSpec:
    """Read a style's object field by field, or its text as the aesthetic."""
    if not isinstance(value, dict) or "value" in value:
        return _aesthetic(spec, value, path, reading)
    for key, inner in value.items():
        reader = _READERS.get(plain_key(key))
        if reader and reader is not _style:
            spec = reader(spec, inner, f"{path}.{key}", reading)
        elif plain_key(key) in _DETAIL_NAMES:
            reading.detail(key, read_given(inner, f"{path}.{key}"))
        else:
            reading.idle(f"{path}.{key}", key)
    return spec


def _colors(spec: GarmentSpec, value: Json, path: str, reading: Reading) -> GarmentSpec:
    read = read_colours(value, path)
    reading.warnings.extend(read.warnings)
    if read.unknown:
        reading.detail("colour", Given(" and ".join(read.unknown)))
    return replace(spec, colors=read.colors)


def _details(spec: GarmentSpec, value: Json, path: str, reading: Reading) -> GarmentSpec:
    if value is None:
        return spec
    if isinstance(value, str) or (isinstance(value, list) and _all_text(value)):
        _read_words(value if isinstance(value, list) else [value], path, reading)
        return spec
    for name, given in read_details(value, path):
        reading.detail(name, given)
    return spec


def _all_text(items: list[Json]) -> bool:
    return all(isinstance(item, str) for item in items)


def _read_words(items: list[Json], path: str, reading: Reading) -> None:
    """Read details given as phrases: ["v-neck", "long sleeves"]; the lexicon names them."""
    for i, item in enumerate(items):
        text = str(item)
        said = spec_from_text(text)
        names = [detail.name for detail in said.details if detail.name != "subtype"]
        name = names[0] if names else "detail"
        if name in reading.details or len(text) > 200:
            message = f"{path}[{i}] could not be kept: it is too long or says {name} again."
            raise InvalidInput(message, field=f"{path}[{i}]")
        value = said.detail(name) or text
        reading.detail(name, Given(value))


def _with_implied(spec: GarmentSpec) -> GarmentSpec:
    """Add what the subtype brings along, unlocked, where nothing was said."""
    implied = spec_from_text(spec.detail("subtype") or "")
    said = {detail.name for detail in spec.details}
    more = tuple(detail for detail in implied.details if detail.name not in said)
    return replace(
        spec,
        garment_type=_or(spec.garment_type, implied.garment_type),
        fabric=_or(spec.fabric, implied.fabric),
        pattern=_or(spec.pattern, implied.pattern),
        silhouette=_or(spec.silhouette, implied.silhouette),
        details=spec.details + more,
    )


def _or(said: SpecText, implied: SpecText) -> SpecText:
    return said if said.value else implied


_READERS: dict[str, Reader] = {
    **dict.fromkeys(("garmenttype", "garment", "type", "category", "item"), _garment),
    **dict.fromkeys(("fabric", "fabrics", "material", "materials", "textile"), _fabric),
    **dict.fromkeys(("colors", "colours", "color", "colour", "palette"), _colors),
    **dict.fromkeys(("pattern", "patterns"), _pattern),
    **dict.fromkeys(("silhouette", "shape"), _silhouette),
    **dict.fromkeys(("aesthetic", "aesthetics", "mood"), _aesthetic),
    **dict.fromkeys(("details", "detail", "features", "construction"), _details),
    "style": _style,
}
_DETAIL_NAMES = {
    **{name: name for name in ("subtype", "neckline", "sleeve", "length", "closure", "collar")},
    **{name: name for name in ("fit", "print", "waist", "hem", "back", "pockets", "finish")},
    **{name: name for name in ("heel", "toe")},
    **dict.fromkeys(("sleeves", "sleevelength", "sleevetype", "sleevestyle"), "sleeve"),
    **dict.fromkeys(("neck", "necktype", "neckshape"), "neckline"),
    **dict.fromkeys(("hemlength", "dresslength", "skirtlength"), "length"),
    **dict.fromkeys(("closures", "fastening"), "closure"),
    **dict.fromkeys(("waistline", "rise"), "waist"),
    **dict.fromkeys(("pocket",), "pockets"),
    **dict.fromkeys(("hemline",), "hem"),
    **dict.fromkeys(("subcategory", "finertype"), "subtype"),
}
_NAMES = (
    *("garmentType", "fabric", "colors", "pattern", "silhouette", "aesthetic", "details", "style"),
    *dict.fromkeys(_DETAIL_NAMES.values()),
)
_SILENT = ("version", "raw", "id", "records")
