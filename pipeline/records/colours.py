"""Reading the colours of a given specification, in any of the shapes they come in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.errors import InvalidInput
from pipeline.fashion.colours import hex_of, name_of, spelt
from pipeline.fashion.reading import spec_from_text
from pipeline.fashion.shares import shared
from pipeline.records.fields import number_in_unit, plain_key
from pipeline.records.json_values import Json, JsonObject
from pipeline.spec import ColorRole, SpecColor, SpecSource

MOST = 12

_ROLES = {
    **dict.fromkeys(("primary", "main", "base", "dominant", "body"), ColorRole.PRIMARY),
    **dict.fromkeys(("secondary", "second", "tertiary", "additional"), ColorRole.SECONDARY),
    **dict.fromkeys(("accent", "accents", "trim", "highlight"), ColorRole.ACCENT),
}
_NAME_KEYS = ("name", "value", "color", "colour")


@dataclass(frozen=True, slots=True)
class GivenColour:
    """A colour as it was given; `field` is its path in the input."""

    field: str
    name: str | None
    hex: str | None = None
    role: ColorRole | None = None
    share: float | None = None
    confidence: float = 1.0
    locked: bool = True


@dataclass(frozen=True, slots=True)
class ColourReading:
    """The colours that could be read, the names that could not, and what there is to say."""

    colors: tuple[SpecColor, ...]
    unknown: tuple[str, ...]
    warnings: tuple[str, ...]


def read_colours(value: Json, field: str) -> ColourReading:
    """Read "navy and white", ["navy", {"hex": "#ffffff"}] or {"primary": "navy"}.

    A name that can't be resolved is reported, never replaced by a guess. Raises `InvalidInput`.
    """
    given = list(_given(value, field, None))
    if len(given) > MOST:
        raise InvalidInput(f"{field} has more than {MOST} colours.", field=field)
    resolved = [(colour, *_resolved(colour)) for colour in given]
    known = [(colour, hex_) for colour, hex_, _ in resolved if hex_]
    unknown = tuple(colour.name or "" for colour, hex_, _ in resolved if not hex_)
    warnings = tuple(warning for _, _, warning in resolved if warning)
    return ColourReading(_colours(known), unknown, warnings)


def _given(value: Json, field: str, role: ColorRole | None) -> Iterator[GivenColour]:
    if value is None:
        return
    if isinstance(value, str):
        for name in re.split(r"\s*[,;/&+]\s*|\s+and\s+", value.strip()):
            yield _from_text(name, field, role)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _given(item, f"{field}[{i}]", role)
    elif isinstance(value, dict):
        yield from _from_object(value, field, role)
    else:
        raise InvalidInput(f"{field} should name a colour.", field=field)


def _from_text(text: str, field: str, role: ColorRole | None) -> GivenColour:
    if not text or len(text) > 60:
        raise InvalidInput(f"{field} should name a colour.", field=field)
    _check_hex(text, field)
    return GivenColour(field, text, role=role)


def _from_object(value: JsonObject, field: str, role: ColorRole | None) -> Iterator[GivenColour]:
    if any(key in value for key in (*_NAME_KEYS, "hex", "share", "role")):
        yield _single(value, field, role)
        return
    for key, inner in value.items():
        known = _ROLES.get(plain_key(key))
        if not known:
            message = f"{field}.{key} is no role of a colour: primary, secondary or accent."
            raise InvalidInput(message, field=f"{field}.{key}")
        yield from _given(inner, f"{field}.{key}", known)


def _single(value: JsonObject, field: str, role: ColorRole | None) -> GivenColour:
    name = next((value[key] for key in _NAME_KEYS if key in value), None)
    hex_, confidence = value.get("hex"), value.get("confidence")
    if name is not None and (not isinstance(name, str) or not name.strip() or len(name) > 60):
        raise InvalidInput(f"{field}.name should name a colour.", field=f"{field}.name")
    if isinstance(name, str):
        _check_hex(name, f"{field}.name")
    if hex_ is not None and (not isinstance(hex_, str) or not _hex(hex_)):
        raise InvalidInput(f"{field}.hex should be like #1a2b3c.", field=f"{field}.hex")
    if name is None and hex_ is None:
        raise InvalidInput(f"{field} needs a name or a hex.", field=field)
    given_role, share = value.get("role"), value.get("share")
    return GivenColour(
        field,
        name.strip() if isinstance(name, str) else None,
        _hex(hex_) if isinstance(hex_, str) else None,
        _role(given_role, f"{field}.role") if given_role is not None else role,
        None if share is None else number_in_unit(share, f"{field}.share"),
        1.0 if confidence is None else number_in_unit(confidence, f"{field}.confidence"),
        locked=value.get("locked") is not False,
    )


def _check_hex(text: str, field: str) -> None:
    if text.strip().startswith("#") and not _hex(text):
        raise InvalidInput(f'{field} should be like #1a2b3c, not "{text}".', field=field)


def _hex(text: str) -> str | None:
    return hex_of("#" + text.strip().removeprefix("#"))


def _role(value: Json, field: str) -> ColorRole:
    role = _ROLES.get(plain_key(value)) if isinstance(value, str) else None
    if not role:
        raise InvalidInput(f"{field} should be primary, secondary or accent.", field=field)
    return role


def _resolved(colour: GivenColour) -> tuple[str | None, str | None]:
    """Return the colour's hex, if any, and a warning where its name is not plainly known."""
    exact = colour.hex or hex_of(colour.name or "")
    if exact:
        return exact, None
    inside = spec_from_text(colour.name or "").colors
    if inside:
        return inside[0].hex, f'{colour.field}: "{colour.name}" was read as {inside[0].name}'
    message = f'{colour.field}: "{colour.name}" names no colour we know; it is kept in words only'
    return None, message


def _colours(known: Sequence[tuple[GivenColour, str]]) -> tuple[SpecColor, ...]:
    roles = [colour.role or ColorRole.SECONDARY for colour, _ in known]
    if ColorRole.PRIMARY not in roles and known:
        unsaid = (i for i, (colour, _) in enumerate(known) if colour.role is None)
        roles[next(unsaid, 0)] = ColorRole.PRIMARY
    shares = shared(roles, [colour.share for colour, _ in known])
    return tuple(
        SpecColor(
            name=spelt(colour.name) if colour.name and "#" not in colour.name else name_of(hex_),
            hex=hex_,
            role=role,
            share=share,
            confidence=colour.confidence,
            source=SpecSource.DESIGNER,
            locked=colour.locked,
        )
        for (colour, hex_), role, share in zip(known, roles, shares, strict=True)
    )
