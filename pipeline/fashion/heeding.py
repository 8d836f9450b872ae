"""What of a sentence is heeded beside a specification whose locked fields say otherwise."""

import re

from pipeline.fashion.merging import contradictions, unlocked
from pipeline.fashion.reading import spec_from_text
from pipeline.spec import GarmentSpec

Contradiction = tuple[str, str, str]
"""A field, what the specification says, and what the words say."""


def overruled(spec: GarmentSpec, words: GarmentSpec) -> tuple[Contradiction, ...]:
    """Return where the words contradict a locked field."""
    followed = contradictions(spec, unlocked(spec, words))
    return tuple(one for one in contradictions(spec, words) if one not in followed)


def heeded(spec: GarmentSpec, text: str) -> str:
    """Return the text without the clauses that contradict a locked field."""
    if not overruled(spec, spec_from_text(text)):
        return text
    clauses = re.split(r"(?<=[,.;:!?\n])\s*", text)
    kept = [one for one in clauses if one and not overruled(spec, spec_from_text(one))]
    said = " ".join(kept).strip(" ,;:\n")
    # What no clause says by itself is said by all of them together.
    return "" if overruled(spec, spec_from_text(said)) else said
