"""How well a persona's traits fit a garment, and by what."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.fashion.colours import delta_e
from pipeline.fashion.scanning import stems_of
from pipeline.personas.traits import Traits
from pipeline.spec import ColorRole, GarmentSpec

NEAR = 12.0
"""The CIEDE2000 difference up to which a colour counts as one of the palette."""

_WEIGHTS = {"aesthetic": 0.35, "colour": 0.2, "keyword": 0.15, "fabric": 0.15, "cut": 0.15}
_PATTERN, _PLAIN = 0.1, 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """A score in 0..1 with what it rests on, in words."""

    score: float
    found: tuple[str, ...]


def weigh(traits: Traits, look: GarmentSpec, words: str) -> Evidence:
    """Score the traits against what is known; what is not known counts neither way."""
    points: list[tuple[float, str]] = []
    _add(
        points, _WEIGHTS["aesthetic"], "its {} mood", _same(traits.aesthetic, look.aesthetic.value)
    )
    _add(points, _WEIGHTS["fabric"], "the {}", _same(traits.fabrics, look.fabric.value))
    _add(
        points,
        _WEIGHTS["cut"],
        "the {} silhouette",
        _same(traits.silhouettes, look.silhouette.value),
    )
    pattern = _PLAIN if look.pattern.value == "solid" else _PATTERN
    _add(points, pattern, "the {} pattern", _same(traits.patterns, look.pattern.value))
    _add_colours(points, traits, look)
    text = " ".join([words, *(detail.value or "" for detail in look.details)])
    spoken = [word for word in (*traits.aesthetic, *traits.keywords) if _says(text, word)]
    for word in spoken[:3]:
        if all(word not in found for _, found in points):
            points.append((_WEIGHTS["keyword"], f'"{word}"'))
    return Evidence(
        min(sum(score for score, _ in points), 1.0), tuple(found for _, found in points)
    )


def _add(points: list[tuple[float, str]], weight: float, words: str, same: str | None) -> None:
    if same:
        points.append((weight, words.format(same)))


def _add_colours(points: list[tuple[float, str]], traits: Traits, look: GarmentSpec) -> None:
    """Count the garment's colours that lie near the palette, by their share."""
    body = [colour for colour in look.colors if colour.role is not ColorRole.ACCENT]
    whole = sum(colour.share for colour in body)
    if not whole:
        return
    near = [
        colour
        for colour in body
        if any(delta_e(colour.hex, hex_) <= NEAR for hex_ in traits.hexes.values())
    ]
    score = _WEIGHTS["colour"] * sum(colour.share for colour in near) / whole
    if near:
        points.append((score, f"the {near[0].name} of its palette"))


def _same(liked: Iterable[str], value: str | None) -> str | None:
    """Return the liked word that the value says."""
    return next((word for word in liked if value and _says(value, word)), None)


def _says(text: str, phrase: str) -> bool:
    """Whether the text has the phrase's words side by side."""
    wanted = " ".join(stems_of(phrase))
    return bool(wanted) and f" {wanted} " in f" {' '.join(stems_of(text))} "
