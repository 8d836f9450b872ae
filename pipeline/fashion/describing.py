"""A garment specification in words."""

from collections.abc import Callable

from pipeline.fashion.telling import placed_colours
from pipeline.spec import ColorRole, GarmentSpec

_NOUNS = {
    "longsleeve": "long-sleeve top",
    "outwear": "outerwear jacket",
    "pants": "trousers",
}
_PATTERNS = {
    "solid": "plain",
    "floral": "floral-print",
    "graphic": "graphic-print",
    "print": "all-over print",
    "colourblock": "colour-block",
}
_NECKLINES = {"turtleneck": "turtleneck collar", "high neck": "high neck"}
_CLOSURES = {
    "buttons": "button front",
    "zip": "zip front",
    "laces": "laced closure",
    "double-breasted": "double-breasted front",
    "single-breasted": "single-breasted front",
    "wrap": "wrap front",
}


def garment_phrase(spec: GarmentSpec) -> str | None:
    """Return "a burgundy silk evening gown"; None where nothing is known of the garment."""
    kind = spec.garment_type.value
    look = (colour_words(spec), _pattern_word(spec))
    look = look[::-1] if look[1] == "plain" else look
    words = (*look, spec.fabric.value, spec.silhouette.value)
    noun = spec.detail("subtype") or (_NOUNS.get(kind, kind) if kind else None)
    noun = noun or ("garment" if any(words) else None)
    if not noun:
        return None
    before = [word for word in words if word and word not in noun]
    phrase = " ".join([*before, noun])
    elsewhere = placed_colours(spec)
    accents = [
        colour.name
        for colour in spec.colors
        if colour.role is ColorRole.ACCENT and colour.name not in elsewhere
    ]
    trimmed = f" with {listed(accents)} accents" if accents else ""
    if told := spec.detail("accents"):
        trimmed = f" with {listed(told.split(', '))}"
    if noun.endswith("s") and not noun.endswith("ss"):
        return f"a pair of {phrase}{trimmed}"
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}{trimmed}"


def colour_words(spec: GarmentSpec) -> str | None:
    """Return "navy and white": the names of the colours that are no accents."""
    body = [colour.name for colour in spec.colors if colour.role is not ColorRole.ACCENT]
    return listed(body) or None


def detail_phrase(name: str, value: str) -> str:
    """Return a detail in words: ("neckline", "v-neck") is "v-neckline"."""
    phrase = _PHRASES.get(name)
    return phrase(value) if phrase else _with(name, value)


def listed(words: list[str], joint: str = "and") -> str:
    """Return "a, b and c"."""
    return f" {joint} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _pattern_word(spec: GarmentSpec) -> str | None:
    finer = spec.detail("print")
    pattern = spec.pattern.value
    if finer and pattern in ("print", "floral", "graphic"):
        return finer if finer.endswith("print") else f"{finer} print"
    return finer or (_PATTERNS.get(pattern, pattern) if pattern else None)


def _with(noun: str, value: str) -> str:
    """Return the value before its noun, unless it has it already."""
    return value if noun in value else f"{value} {noun}"


def _neckline(value: str) -> str:
    if value.endswith((" neck", "-neck")) and value not in _NECKLINES:
        return f"{value}line"
    return _NECKLINES.get(value) or _with("neckline", value)


def _sleeve(value: str) -> str:
    return value if "sleeve" in value or "strap" in value else f"{value} sleeves"


def _collar(value: str) -> str:
    return value if any(w in value for w in ("lapel", "hood")) else _with("collar", value)


def _as_it_is(value: str) -> str:
    return value


_PHRASES: dict[str, Callable[[str], str]] = {
    "neckline": _neckline,
    "sleeve": _sleeve,
    "collar": _collar,
    "closure": lambda value: _CLOSURES.get(value) or _with("closure", value),
    "heel": lambda value: value if "platform" in value else _with("heel", value),
    "hem": lambda value: value if "slit" in value else _with("hem", value),
    "back": lambda value: value if "back" in value else f"{value} back",
    "feature": _as_it_is,
    "without": lambda value: f"without {listed(value.split(', '), 'or')}",
}
