"""A persona's free attributes as the traits that matching reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

from pipeline.domain import Persona
from pipeline.fashion.colours import hex_of

LONGEST = 80
MOST = 20

_ALSO = {
    "aesthetics": "aesthetic",
    "style": "aesthetic",
    "mood": "aesthetic",
    "colors": "palette",
    "colours": "palette",
    "pattern": "patterns",
    "fabric": "fabrics",
    "materials": "fabrics",
    "silhouette": "silhouettes",
    "tags": "keywords",
    "keyword": "keywords",
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What a persona likes, in its own words, each list in its order and bounded."""

    aesthetic: tuple[str, ...] = ()
    palette: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    fabrics: tuple[str, ...] = ()
    silhouettes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    @property
    def hexes(self) -> Mapping[str, str]:
        """The palette's colours that can be resolved, by name."""
        found = {name: hex_of(name) for name in self.palette}
        return {name: hex_ for name, hex_ in found.items() if hex_}


def traits_of(persona: Persona) -> Traits:
    """Read attributes of any shape: texts, lists, objects with a name; the rest is left alone."""
    names = {field.name for field in fields(Traits)}
    found: dict[str, list[str]] = {}
    for key, value in persona.attributes.items():
        plain = key.strip().lower()
        name = _ALSO.get(plain, plain)
        if name in names:
            found.setdefault(name, []).extend(_texts(value))
    return Traits(**{name: tuple(dict.fromkeys(texts))[:MOST] for name, texts in found.items()})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        for item in value.split(","):
            text = " ".join(item.split())
            if text and len(text) <= LONGEST:
                yield text
    elif isinstance(value, list):
        for inner in cast("list[object]", value)[:MOST]:
            if not isinstance(inner, list):
                yield from _texts(inner)
    elif isinstance(value, dict):
        named = cast("dict[object, object]", value)
        keys = [key for key in ("name", "value", "hex") if isinstance(named.get(key), str)]
        if keys:
            yield from _texts(named[keys[0]])
