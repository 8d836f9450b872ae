"""The grammar of a fashion prompt: which phrases are added to what is known, drawn by seed."""

from collections.abc import Iterator
from random import Random

from pipeline.domain import PartOrigin, PromptPart
from pipeline.fashion.presentation import (
    ANY_VIEW,
    CLOTH,
    DRAWING_FINISH,
    DRAWING_LINE,
    MOODS,
    PHOTO_FINISH,
    PHOTO_GROUND,
    PHOTO_LIGHT,
    UNWANTED,
    UNWANTED_TEXT,
    VIEWS,
)
from pipeline.fashion.scanning import scan, stems_of
from pipeline.fashion.terms import words
from pipeline.spec import GarmentSpec

_DRAWN = words("sketch drawing drawn illustration technical vector croquis watercolour watercolor")
_PLACED = words(
    "background backdrop street studio beach city runway catwalk garden interior outdoor forest "
    "desert rooftop wall room landscape"
)
_LIT = words("light lighting lit sunlight sunset flash neon daylight shadow moody golden")
_SEEN = words("view front back side profile close closeup portrait flat laid walking standing")
_WRITTEN = words("text lettering logo slogan letter word monogram typography typographic")


def modifiers(look: GarmentSpec, prompt: str, seed: int) -> Iterator[PromptPart]:
    """Yield style phrases for the garment; what the designer's words settle is left alone.

    The same look, prompt and seed give the same phrases.
    """
    draw = Random(seed)  # noqa: S311 - reproducible, not secret
    said = frozenset(stems_of(prompt))
    cloth = _cloth(look.fabric.value or "")
    if cloth:
        yield _part(draw.choice(cloth), f"Shows the {look.fabric.value}")
    if look.aesthetic.value in MOODS:
        yield _part(
            draw.choice(MOODS[look.aesthetic.value]), f"For the {look.aesthetic.value} look"
        )
    if said & _DRAWN:
        yield _part(draw.choice(DRAWING_LINE), "You asked for a drawing")
        yield _part(draw.choice(DRAWING_FINISH), "Keeps the drawing easy to read")
        return
    view = draw.choice(VIEWS.get(look.garment_type.value or "", ANY_VIEW))
    light, ground = draw.choice(PHOTO_LIGHT), draw.choice(PHOTO_GROUND)
    finish = draw.choice(PHOTO_FINISH)
    if not said & _SEEN and not look.detail("view"):
        yield _part(view, "Shows the garment whole")
    if not said & _LIT:
        yield _part(light, "Brings out form and cloth")
    if not said & _PLACED:
        yield _part(ground, "Nothing beside the garment")
    yield _part(finish, "The finish of a fashion picture")


def unwanted(look: GarmentSpec, prompt: str, given: str | None) -> str | None:
    """Return the negative prompt: the designer's own first, then what spoils fashion pictures."""
    found = scan(prompt)
    denied = [" ".join(found.tokens[f.start : f.end]) for f in found.found if f.negated]
    lettered = look.pattern.value == "graphic" or frozenset(stems_of(prompt)) & _WRITTEN
    own = (given or "").strip()
    absent = [part for part in (look.detail("without") or "").split(", ") if part]
    # "No belt loops" refuses no belt.
    denied = [text for text in denied if not any(text in part for part in absent)] + absent
    rest = [*denied, *UNWANTED, *([] if lettered else [UNWANTED_TEXT])]
    added = [text for text in dict.fromkeys(rest) if text not in own.lower()]
    return ", ".join([own, *added] if own else added) or None


def _cloth(fabric: str) -> tuple[str, ...]:
    return next((phrases for word, phrases in CLOTH if word in fabric.lower()), ())


def _part(text: str, reason: str) -> PromptPart:
    return PromptPart(text, PartOrigin.ENHANCEMENT, reason)
