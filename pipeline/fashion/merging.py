"""Where a sentence and a specification meet: words win, but over a locked field."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.fashion.colours import delta_e
from pipeline.fashion.scanning import stems_of
from pipeline.spec import NOT_VISIBLE, ColorRole, GarmentSpec, SpecColor, SpecDetail, SpecText

SAID = 0.7
"""From this confidence on a reading was said, not only implied."""

SAME = 10.0
"""The CIEDE2000 difference up to which two colours count as the same."""

_GARMENT_ITSELF = ("subtype", "print", "without", "accents")

FIELDS = ("garment_type", "fabric", "pattern", "silhouette", "aesthetic")


def merged(spec: GarmentSpec, words: GarmentSpec) -> GarmentSpec:
    """Return the specification with what the words say in the place of what they contradict.

    What the words only imply fills what is open. `raw` and `version` are the specification's.
    """
    details = {detail.name: detail for detail in still_there(spec, words)}
    for detail in words.details:
        if detail.confidence >= SAID or detail.name not in details:
            details[detail.name] = detail
    other = other_garment(spec, words)
    if other:
        details = {detail.name: detail for detail in words.details}
    return replace(
        spec,
        garment_type=words.garment_type
        if other
        else _either(spec.garment_type, words.garment_type),
        fabric=_either(spec.fabric, words.fabric),
        colors=_colours(spec, words),
        pattern=_either(spec.pattern, words.pattern),
        silhouette=_either(spec.silhouette, words.silhouette),
        aesthetic=_either(spec.aesthetic, words.aesthetic),
        details=tuple(details.values()),
    )


def still_there(spec: GarmentSpec, words: GarmentSpec) -> tuple[SpecDetail, ...]:
    """Return the specification's details without what the words leave out: "remove the hood"."""
    gone = tuple(stems_of(words.detail("without") or ""))
    return tuple(
        detail
        for detail in spec.details
        if detail.value
        and (detail.locked or detail.name in _GARMENT_ITSELF or not _names(detail, gone))
    )


def _names(detail: SpecDetail, parts: Sequence[str]) -> bool:
    said = stems_of(f"{detail.name} {detail.value}")
    return any(word.startswith(part) for part in parts if part.isalpha() for word in said)


def _colours(spec: GarmentSpec, words: GarmentSpec) -> tuple[SpecColor, ...]:
    """Return the words' colours, on the specification's cloth where they speak of trims only."""
    if same_colours(spec, words):
        return spec.colors
    if not cloths(words):
        return (*cloths(spec), *words.colors)
    if not figures_only(words) or not spec.colors:
        return words.colors
    ground, left = spec.colors[0], 1 - spec.colors[0].share
    each = left / len(words.colors)
    return (ground, *(replace(colour, share=round(each, 4)) for colour in words.colors))


def unlocked(spec: GarmentSpec, words: GarmentSpec) -> GarmentSpec:
    """Return the words without what a locked field of the specification settles otherwise."""
    locked = {detail.name for detail in spec.details if detail.locked}
    colours = any(colour.locked for colour in spec.colors) and not _same(spec, cloths(words))
    if spec.garment_type.locked and differs(spec.garment_type, words.garment_type):
        locked.add("subtype")
    if "subtype" in locked and words.detail("subtype") not in (None, spec.detail("subtype")):
        words = _only_said(words)
    return replace(
        words,
        garment_type=_open_to(spec.garment_type, words.garment_type),
        fabric=_open_to(spec.fabric, words.fabric),
        pattern=_open_to(spec.pattern, words.pattern),
        silhouette=_open_to(spec.silhouette, words.silhouette),
        aesthetic=_open_to(spec.aesthetic, words.aesthetic),
        colors=() if colours else words.colors,
        details=tuple(detail for detail in words.details if detail.name not in locked),
    )


def _only_said(words: GarmentSpec) -> GarmentSpec:
    """Return the words without what a garment brings along that is not the one."""

    def kept(field: SpecText) -> SpecText:
        return field if spoken(field) else NOT_VISIBLE

    return replace(
        words,
        fabric=kept(words.fabric),
        pattern=kept(words.pattern),
        silhouette=kept(words.silhouette),
        details=tuple(detail for detail in words.details if detail.confidence >= SAID),
    )


def contradictions(spec: GarmentSpec, words: GarmentSpec) -> tuple[tuple[str, str, str], ...]:
    """Return (field, what the specification says, what the words say) where they differ."""
    pairs = ((name, _field(spec, name), _field(words, name)) for name in FIELDS)
    found = [
        (name.replace("_", " "), seen.value or "", said.value or "")
        for name, seen, said in pairs
        if spoken(said) and differs(seen, said)
    ]
    if spec.colors and not _same(spec, cloths(words)):
        figures = spec.colors[1:2] if figures_only(words) else ()
        seen_colour = (figures or spec.colors)[0]
        found.append(("colour", seen_colour.name, cloths(words)[0].name))
    for detail in words.details:
        seen_value = spec.detail(detail.name)
        if detail.confidence >= SAID and seen_value and seen_value != detail.value:
            found.append((detail.name, seen_value, detail.value or ""))
    return tuple(found)


def other_garment(spec: GarmentSpec, words: GarmentSpec) -> bool:
    """Whether the words name another garment, one of the ten types or none of them."""
    if spoken(words.garment_type):
        return differs(spec.garment_type, words.garment_type)
    return spec.garment_type.value is not None and words.detail("subtype") is not None


def same_colours(spec: GarmentSpec, words: GarmentSpec) -> bool:
    """Whether each colour that the words name is one of the specification's."""
    return _same(spec, words.colors)


def cloths(spec: GarmentSpec) -> tuple[SpecColor, ...]:
    """Return the colours of the garment itself, without its accents."""
    return tuple(colour for colour in spec.colors if colour.role is not ColorRole.ACCENT)


def figures_only(words: GarmentSpec) -> bool:
    """Whether the colours are those of stripes or dots alone, on a ground that stays."""
    body = cloths(words)
    return bool(body) and all(colour.role is not ColorRole.PRIMARY for colour in body)


def spoken(field: SpecText) -> bool:
    """Whether the words say it in so many words."""
    return field.value is not None and field.confidence >= SAID


def differs(seen: SpecText, said: SpecText) -> bool:
    """Whether both have a value and neither is the finer word for the other."""
    if seen.value is None or said.value is None:
        return False
    return seen.value not in said.value and said.value not in seen.value


def _same(spec: GarmentSpec, colours: Sequence[SpecColor]) -> bool:
    return all(
        any(delta_e(said.hex, seen.hex) <= SAME or said.name == seen.name for seen in spec.colors)
        for said in colours
    )


def _either(seen: SpecText, said: SpecText) -> SpecText:
    if seen.value is None:
        return said
    return said if spoken(said) and differs(seen, said) else seen


def _open_to(seen: SpecText, said: SpecText) -> SpecText:
    return NOT_VISIBLE if seen.locked and differs(seen, said) else said


def _field(spec: GarmentSpec, name: str) -> SpecText:
    fields = {
        "garment_type": spec.garment_type,
        "fabric": spec.fabric,
        "pattern": spec.pattern,
        "silhouette": spec.silhouette,
        "aesthetic": spec.aesthetic,
    }
    return fields[name]
